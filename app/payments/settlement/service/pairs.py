"""Setting off what two owe each other, and taking that back.

Debts that are certain, due and for an amount of money that is known are set off by law as soon as one of the two
invokes it (articles 1347 and 1347-1 of the French civil code): so one decides, and the other is told.
"""

from sqlalchemy import select

from app.accounts.models import Organisation
from app.core import clock
from app.core.errors import NotFound, ReasonMissing
from app.core.ids import new_public_id
from app.core.money import EUR
from app.core.policy import Actor
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.books.postings import Pair
from app.payments.service.allocating import Parts, shared_out
from app.payments.service.locks import lock_pairs
from app.payments.service.posting import refuse_other
from app.payments.service.refunds import refund
from app.payments.settlement.errors import (
    AgreedByAll,
    NothingToSetOff,
    SetOffChanged,
    SetOffUsed,
    SettlementOver,
)
from app.payments.settlement.events import DebtsSetOff, SetOffUndone
from app.payments.settlement.models import SettledDue, Settlement, SettlementParty
from app.payments.settlement.queries import payments_of, settleable
from app.payments.settlement.rules import MACHINE, Answer, Kind, State
from app.payments.settlement.service.common import (
    keeping,
    lock_settlement,
    lock_what_moves,
    note,
    refuse_public,
    write,
)


def set_off(actor: Actor, organisation_id: int, other_id: int, cents: int, key: str) -> Settlement:
    """Set off what two owe each other: `cents` as they were shown. Told twice under one key, it is done once.

    Raise NotFound, Forbidden, PublicDebts, NothingToSetOff, SetOffChanged, KeyReused.
    """
    key, there = f"pair:{key}", Pair(organisation_id, other_id)
    with atomic(durable=True) as session:
        ours = keeping(actor, organisation_id)
        other = session.get(Organisation, other_id)
        if other is None:
            raise NotFound(organisation=other_id)
        refuse_public([ours, other])
        back = Pair(other_id, organisation_id)
        lock_pairs([there, back])
        made = session.scalar(select(Settlement).filter_by(key=key))
        if made is not None:
            refuse_other(key, made, {"begun_for_id": organisation_id})
            return made
        parts = _both_ways(there, back, cents)
        made = Settlement(
            public_id=new_public_id(), key=key, territory_id=ours.territory_id, kind=Kind.PAIR,
            state=State.POSTED, currency=EUR, begun_at=clock.now(), begun_by_id=actor.person_id,
            begun_for_id=organisation_id, ended_at=clock.now(),
        )  # fmt: skip
        made.parties = [_party(each) for each in sorted(there)]
        made.dues = [SettledDue(due_id=due_id, cents=part) for due_id, part in sorted(parts.items())]
        session.add(made)
        session.flush()
        write(made)
        note(made, "set_off", actor, cents=cents)
        emit(DebtsSetOff(made.id, actor.person_id, organisation_id))
    return made


def _both_ways(there: Pair, back: Pair, shown: int) -> Parts:
    """Tell what of which dues is set off, the oldest first on both sides; refuse what is not what was shown."""
    dues = settleable(there), settleable(back)
    cents = min(sum(due.owed_cents for due in side) for side in dues)
    if not cents:
        raise NothingToSetOff
    if cents != shown:
        raise SetOffChanged(cents=cents)
    return shared_out(cents, dues[0]) | shared_out(cents, dues[1])


def _party(organisation_id: int) -> SettlementParty:
    """Write a party who is not asked: the law asks for no yes."""
    return SettlementParty(organisation_id=organisation_id, is_live=False, answer=Answer.ACCEPTED)


def undo(actor: Actor, settlement_id: int, organisation_id: int, reason: str) -> None:
    """Take back what was set off between two: both owe again. Nothing the second time.

    Raise NotFound, Forbidden, ReasonMissing, AgreedByAll, SettlementOver, SetOffUsed.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with atomic(durable=True):
        made, _ = lock_settlement(settlement_id, actor, organisation_id)
        if made.kind == Kind.GROUP:
            raise AgreedByAll
        if made.state == State.UNDONE:
            return
        if not MACHINE.allows("undo", made.state):
            raise SettlementOver(state=made.state)
        lock_what_moves(made)
        _take_back(made, reason.strip())
        made.state, made.ended_at, made.reason = (
            MACHINE.after("undo", made.state),
            clock.now(),
            reason.strip(),
        )
        db.session.flush()
        note(made, "set_off_undone", actor, reason=made.reason)
        emit(SetOffUndone(made.id, actor.person_id, organisation_id))


def _take_back(made: Settlement, reason: str) -> None:
    payments = payments_of(made)
    for payment in payments:
        db.session.refresh(payment)
        if payment.refundable_cents < payment.cents:
            raise SetOffUsed
    for payment in payments:
        refund(f"undo:{payment.public_id}", payment.id, payment.cents, reason, never_was=True)
