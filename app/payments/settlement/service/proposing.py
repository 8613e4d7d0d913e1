"""Asking several whether they settle together."""

from collections.abc import Mapping

from sqlalchemy import select

from app.accounts.models import Organisation
from app.core import clock
from app.core.ids import new_public_id
from app.core.money import EUR
from app.core.policy import Actor
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.books.postings import Pair
from app.payments.service.locks import add_if_new
from app.payments.service.posting import refuse_other
from app.payments.settlement.errors import AlreadyProposed, NothingToSettle
from app.payments.settlement.events import SettlementProposed
from app.payments.settlement.models import SettledDue, Settlement, SettlementParty, SettlementTransfer
from app.payments.settlement.netting import worth_settling
from app.payments.settlement.queries import by_pair, settleable_in
from app.payments.settlement.rules import LIFE, Answer, Kind, State
from app.payments.settlement.service.common import keeping, note, refuse_public

FEWEST_PARTIES = 3  # two set off what they owe each other without asking


def propose(actor: Actor, organisation_id: int, key: str) -> Settlement:
    """Propose the fewest transfers to those with whom an organisation has debts, and to whom they have.

    Nothing moves yet: what is owed now is written down, and holds if it is still so once all have agreed. Whoever
    proposes has agreed. Raise NotFound, Forbidden, PublicDebts, AlreadyProposed, NothingToSettle, KeyReused.
    """
    key = f"group:{key}"
    with atomic() as session:
        ours = keeping(actor, organisation_id)
        refuse_public([ours])
        made = session.scalar(select(Settlement).filter_by(key=key))
        if made is not None:
            refuse_other(key, made, {"begun_for_id": organisation_id})
            return made
        if session.scalar(select(SettlementParty).filter_by(organisation_id=organisation_id, is_live=True)):
            raise AlreadyProposed(is_own=True)
        dues = settleable_in(ours.territory_id)
        debts, transfers = _settled(by_pair(dues), organisation_id)
        made = _made(actor, ours, key)
        made.dues = [
            SettledDue(due_id=due.id, cents=due.owed_cents)
            for due in dues
            if Pair(due.payer_id, due.payee_id) in debts
        ]
        made.transfers = [
            SettlementTransfer(cents=cents, **pair._asdict()) for pair, cents in sorted(transfers.items())
        ]
        session.add(made)
        session.flush()
        _ask(made, sorted({each for pair in debts for each in pair}), actor)
        note(made, "settlement_proposed", actor)
        emit(SettlementProposed(made.id, actor.person_id, organisation_id))
    return made


def _settled(debts: Mapping[Pair, int], organisation_id: int) -> tuple[dict[Pair, int], dict[Pair, int]]:
    """Choose what is settled: what saves transfers among those who are tied to an organisation by it."""
    some, transfers = worth_settling(debts, organisation_id)
    parties = {each for pair in some for each in pair}
    if organisation_id not in parties or len(parties) < FEWEST_PARTIES:
        raise NothingToSettle
    return some, transfers


def _made(actor: Actor, ours: Organisation, key: str) -> Settlement:
    now = clock.now()
    return Settlement(
        public_id=new_public_id(), key=key, territory_id=ours.territory_id, kind=Kind.GROUP,
        state=State.PROPOSED, currency=EUR, begun_at=now, begun_by_id=actor.person_id, begun_for_id=ours.id,
        expires_at=now + LIFE,
    )  # fmt: skip


def _ask(made: Settlement, parties: list[int], actor: Actor) -> None:
    """Write down who is asked; whoever is asked by somebody else at the same moment stops it."""
    for each in parties:
        is_own = each == made.begun_for_id
        said = {"answered_at": clock.now(), "answered_by_id": actor.person_id} if is_own else {}
        answer = Answer.ACCEPTED if is_own else Answer.ASKED
        row = {"settlement_id": made.id, "organisation_id": each}
        if not add_if_new(SettlementParty, row, {"is_live": True, "answer": answer, **said}):
            raise AlreadyProposed(is_own=is_own)
    db.session.refresh(made)
