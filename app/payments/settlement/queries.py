"""Reads of who owes whom, what of it can be settled, and what was."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased, selectinload

from app.accounts.models import LegalNature, Organisation, OrganisationState
from app.core.errors import NotFound
from app.core.money import EUR
from app.core.span import to_wall
from app.infra.db import db
from app.payments.books.postings import Pair
from app.payments.models import Charge, Due, OnlinePart, OnlinePayment, OnlineState, Payment
from app.payments.settlement.models import SettledDue, Settlement, SettlementParty
from app.payments.settlement.rules import State

_OWED = Due.credited_cents + Due.paid_cents < Due.cents
_ON_ITS_WAY = (
    select(OnlinePart.due_id)
    .join(OnlinePayment, OnlinePayment.id == OnlinePart.online_id)
    .where(OnlinePart.is_live, OnlinePayment.state == OnlineState.STARTED)
)
# What is owed now and no direct debit is on its way for: what can be settled.
SETTLEABLE = and_(_OWED, Due.currency == EUR, Due.id.not_in(_ON_ITS_WAY))


@dataclass
class Sums:
    """What goes each way, in cents."""

    ours: int = 0  # what we owe
    theirs: int = 0  # what we are owed

    @property
    def net(self) -> int:
        """What we have to receive when all is counted together; below zero, to pay."""
        return self.theirs - self.ours


@dataclass
class Opposite:
    """How an organisation stands with another: all that is open, month by month, and what of it can be set off."""

    other: Organisation
    total: Sums = field(default_factory=Sums)
    months: dict[date, Sums] = field(default_factory=dict)  # by their first day
    free: Sums = field(default_factory=Sums)

    @property
    def is_public(self) -> bool:
        """Tell whether it is a public body."""
        return self.other.legal_nature == LegalNature.PUBLIC

    @property
    def both_ways(self) -> int:
        """What both owe each other and could set off."""
        return min(self.free.ours, self.free.theirs)


def opposites(organisation: Organisation) -> list[Opposite]:
    """Tell how an organisation stands with each it owes or is owed by; who owes or is owed most comes first."""
    zone, found = ZoneInfo(organisation.territory.timezone), dict[int, Opposite]()
    other = aliased(Organisation)
    is_ours = Due.payer_id == organisation.id
    rows = (
        select(Due, Charge.posted_at, Due.id.in_(_ON_ITS_WAY), other)
        .join(Charge, Charge.id == Due.charge_id)
        .join(
            other,
            or_(
                and_(is_ours, other.id == Due.payee_id),
                and_(Due.payee_id == organisation.id, other.id == Due.payer_id),
            ),
        )
        .where(_OWED, Due.currency == EUR)
    )
    for due, posted_at, is_on_its_way, with_whom in db.session.execute(
        rows.order_by(Charge.posted_at, Due.id)
    ):
        each = found.setdefault(with_whom.id, Opposite(with_whom))
        month = to_wall(posted_at, zone).date().replace(day=1)
        sums = [each.total, each.months.setdefault(month, Sums())]
        for one in sums if is_on_its_way else [*sums, each.free]:
            _add(one, due, organisation.id)
    return sorted(found.values(), key=lambda each: (-each.total.ours - each.total.theirs, each.other.name))


def _add(sums: Sums, due: Due, organisation_id: int) -> None:
    if due.payer_id == organisation_id:
        sums.ours += due.owed_cents
    else:
        sums.theirs += due.owed_cents


def settleable(pair: Pair) -> list[Due]:
    """List what can be settled of what one owes another, the oldest first, as it is now."""
    rows = select(Due).filter_by(**pair._asdict()).where(SETTLEABLE).order_by(Due.id)
    return [*db.session.scalars(rows, execution_options={"populate_existing": True})]


def settleable_of(due_ids: Iterable[int]) -> dict[int, int]:
    """Tell what of some dues can be settled as it is now: cents by due."""
    rows = select(Due).where(Due.id.in_({*due_ids}), SETTLEABLE)
    found = db.session.scalars(rows, execution_options={"populate_existing": True})
    return {due.id: due.owed_cents for due in found}


def settleable_in(territory_id: int) -> list[Due]:
    """List what could be settled together in a territory: among those who are asked nothing else, and not public."""
    busy = select(SettlementParty.organisation_id).where(SettlementParty.is_live)
    free = select(Organisation.id).where(
        Organisation.legal_nature != LegalNature.PUBLIC,
        Organisation.state == OrganisationState.ACTIVE,
        Organisation.id.not_in(busy),
    )
    rows = (
        select(Due)
        .join(Charge, Charge.id == Due.charge_id)
        .where(
            Charge.territory_id == territory_id, SETTLEABLE, Due.payer_id.in_(free), Due.payee_id.in_(free)
        )
    )
    return [*db.session.scalars(rows.order_by(Due.id))]


def by_pair(dues: Iterable[Due]) -> dict[Pair, int]:
    """Add up what is owed, by who owes it to whom."""
    found: Counter[Pair] = Counter()
    for due in dues:
        found[Pair(due.payer_id, due.payee_id)] += due.owed_cents
    return dict(found)


def get_settlement(organisation_id: int, settlement_ref: str) -> Settlement:
    """Find a settlement to which an organisation is party, with all that is in it; raise NotFound."""
    rows = select(Settlement).where(Settlement.public_id == settlement_ref, _concerns(organisation_id))
    found = db.session.scalar(rows.options(*_ALL))
    if found is None:
        raise NotFound(kind="settlement", id=settlement_ref)
    return found


def settlements_of(organisation_id: int, most: int = 50) -> list[Settlement]:
    """List the settlements to which an organisation is party, the newest first."""
    rows = select(Settlement).where(_concerns(organisation_id)).options(*_ALL)
    return [*db.session.scalars(rows.order_by(Settlement.id.desc()).limit(most))]


def payments_of(settlement: Settlement) -> list[Payment]:
    """List what was set off by a settlement."""
    keys = [offset_key(settlement, pair) for pair in settlement.pairs()]
    return [*db.session.scalars(select(Payment).where(Payment.key.in_(keys)).order_by(Payment.id))]


def offset_key(settlement: Settlement, pair: Pair) -> str:
    """Name what is set off of a pair by a settlement."""
    return f"offset:{settlement.public_id}:{pair.payer_id}:{pair.payee_id}"


def open_proposals() -> list[int]:
    """List the proposals that wait for answers (ids)."""
    rows = select(Settlement.id).where(Settlement.state == State.PROPOSED)
    return [*db.session.scalars(rows.order_by(Settlement.id))]


def _concerns(organisation_id: int) -> ColumnElement[bool]:
    mine = select(SettlementParty.settlement_id).where(SettlementParty.organisation_id == organisation_id)
    return Settlement.id.in_(mine)


_ALL = (
    selectinload(Settlement.dues).selectinload(SettledDue.due),
    selectinload(Settlement.parties).selectinload(SettlementParty.organisation),
    selectinload(Settlement.transfers),
    selectinload(Settlement.begun_for),
)
