"""Answering a proposal to settle: once all have said yes it is in the books, if it still is as it was."""

from app.core import clock
from app.core.policy import VISITOR, Actor
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.settlement.errors import OtherAnswer, SettlementOver
from app.payments.settlement.events import SettlementEnded, SettlementPosted
from app.payments.settlement.models import Settlement, SettlementParty
from app.payments.settlement.queries import open_proposals, settleable_of
from app.payments.settlement.rules import MACHINE, Answer, State
from app.payments.settlement.service.common import (
    lock_settlement,
    lock_what_moves,
    locked,
    note,
    refuse_public,
    write,
)


def accept(actor: Actor, settlement_id: int, organisation_id: int) -> str:
    """Agree, and settle where all have; tell the state it is in then: it may have lapsed. Nothing the second time.

    Raise NotFound, Forbidden, SettlementOver, PublicDebts.
    """
    with atomic(durable=True):
        made, party = lock_settlement(settlement_id, actor, organisation_id)
        if made.state == State.POSTED:
            return made.state
        if not made.is_open:
            raise SettlementOver(state=made.state)
        refuse_public(
            each.organisation for each in made.parties
        )  # what one is in law may have been corrected
        lock_what_moves(made)
        if not _lapse(made):
            _say(party, Answer.ACCEPTED, actor)
            if all(each.answer == Answer.ACCEPTED for each in made.parties):
                _end(made, "post", actor)
                write(made)
                emit(SettlementPosted(made.id, actor.person_id, organisation_id))
        return made.state


def refuse(actor: Actor, settlement_id: int, organisation_id: int, reason: str = "") -> None:
    """Say no: nothing is settled, and all pay as before.

    Raise NotFound, Forbidden, SettlementOver, OtherAnswer.
    """
    _stop(actor, settlement_id, organisation_id, "refuse", reason)


def withdraw(actor: Actor, settlement_id: int, organisation_id: int) -> None:
    """Take a proposal back that one has made. Raise NotFound, Forbidden, SettlementOver, OtherAnswer."""
    _stop(actor, settlement_id, organisation_id, "withdraw")


def _stop(actor: Actor, settlement_id: int, organisation_id: int, act: str, reason: str = "") -> None:
    with atomic():
        made, party = lock_settlement(settlement_id, actor, organisation_id)
        is_own = made.begun_for_id == organisation_id
        if not made.is_open:
            raise SettlementOver(state=made.state)
        if is_own != (act == "withdraw"):
            raise OtherAnswer(is_own=is_own)
        if act == "refuse":
            _say(party, Answer.REFUSED, actor)
        made.reason = reason.strip()
        _end(made, act, actor)
        emit(SettlementEnded(made.id, actor.person_id, organisation_id))


def end_what_is_over() -> None:
    """Let proposals lapse whose time is over, or whose figures are not true any more."""
    for settlement_id in open_proposals():
        with atomic():
            made = locked(settlement_id)
            if made.is_open:
                _lapse(made)


def _lapse(made: Settlement) -> bool:
    """End a proposal that nobody can agree to any more; tell whether it was one."""
    if made.expires_at and made.expires_at <= clock.now():
        act = "expire"
    elif settleable_of(each.due_id for each in made.dues) != {each.due_id: each.cents for each in made.dues}:
        act = "change"
    else:
        return False
    _end(made, act, VISITOR)
    emit(SettlementEnded(made.id, None, None))
    return True


def _say(party: SettlementParty, answer: Answer, actor: Actor) -> None:
    party.answer, party.answered_at, party.answered_by_id = answer, clock.now(), actor.person_id


def _end(made: Settlement, act: str, actor: Actor) -> None:
    """Move it to where no party is bound by it any more."""
    made.state, made.ended_at = MACHINE.after(act, made.state), clock.now()
    for each in made.parties:
        each.is_live = False
    db.session.flush()
    note(made, f"settlement_{made.state}", actor)
