"""How an organisation stands with others: what it owes and is owed, and since when. For its pages."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Select, case, func, or_, select

from app.accounts.models import Organisation, OrganisationState, Territory
from app.core.errors import NotFound
from app.infra.db import db
from app.payments.announced.queries import awaited, sent
from app.payments.books.lines import MOST
from app.payments.books.postings import Pair
from app.payments.models import (
    BankLine,
    BankLineState,
    Charge,
    CostParty,
    CostPlan,
    Due,
    Envelope,
    PartyState,
    PayeeTerms,
    Payment,
    Programme,
    ProgrammeState,
    TerritoryMoney,
)


@dataclass
class Side:
    """One direction between two: what is owed, since when, and what was paid for nothing that is due."""

    owed_cents: int = 0
    oldest: datetime | None = None
    advance_cents: int = 0
    has_been: bool = False  # whether there ever was anything


@dataclass
class Between:
    """How an organisation stands with another."""

    other: Organisation
    ours: Side = field(default_factory=Side)  # what we owe them
    theirs: Side = field(default_factory=Side)  # what they owe us


def standings(organisation_id: int) -> list[Between]:
    """Tell how an organisation stands with each it ever had to do with; who owes or is owed most comes first."""
    sides: dict[tuple[int, bool], Side] = {}  # by the other, and whether it is what we owe
    for payer_id, payee_id, cents, oldest in db.session.execute(_owed_by_pair(organisation_id)):
        is_ours = payer_id == organisation_id
        sides[payee_id if is_ours else payer_id, is_ours] = Side(
            int(cents), oldest if cents else None, has_been=True
        )
    for payer_id, payee_id, cents in db.session.execute(_free_by_pair(organisation_id)):
        is_ours = payer_id == organisation_id
        key = payee_id if is_ours else payer_id, is_ours
        sides.setdefault(key, Side()).advance_cents = int(cents)
    others = select(Organisation).where(Organisation.id.in_({other_id for other_id, _ in sides}))
    found = [
        Between(each, sides.get((each.id, True), Side()), sides.get((each.id, False), Side()))
        for each in db.session.scalars(others)
    ]
    return sorted(
        found,
        key=lambda each: (-each.ours.owed_cents - each.theirs.owed_cents, each.other.name, each.other.id),
    )


def open_with(organisation_id: int) -> list[str]:
    """Name those whom an organisation owes, is owed by, or has said yes to, and what it helps to pay.

    Without it none of that is settled.
    """
    sides = (
        (each.other.name, side) for each in standings(organisation_id) for side in (each.ours, each.theirs)
    )
    agreed = (
        select(Organisation.name)
        .join(CostPlan, CostPlan.organisation_id == Organisation.id)
        .join(CostParty, CostParty.plan_id == CostPlan.id)
        .where(CostParty.organisation_id == organisation_id, CostParty.state == PartyState.ACCEPTED)
        .where(
            CostPlan.closed_at.is_(None), CostPlan.organisation_id != organisation_id, CostParty.weight > 0
        )
    )
    names = [name for name, side in sides if side.owed_cents or side.advance_cents]
    helped = select(Programme.name).where(
        Programme.organisation_id == organisation_id,
        or_(
            Programme.state == ProgrammeState.OPEN,
            Programme.id.in_(select(Envelope.programme_id).where(Envelope.held_cents > 0)),
        ),
    )
    return sorted({*names, *db.session.scalars(agreed), *db.session.scalars(helped)})


@dataclass(frozen=True)
class Owing:
    """What an organisation has to pay in all, in one currency, and since when it owes it."""

    organisation: Organisation
    currency: str
    cents: int
    since: datetime
    timezone: str


def owing(organisation_ids: Collection[int]) -> list[Owing]:
    """Tell which of these organisations have something to pay that they have not announced yet, where money is on."""
    owed = Due.cents - Due.credited_cents - Due.paid_cents
    announced = sent(Due.payer_id, Due.payee_id)
    rows = db.session.execute(
        select(
            Organisation,
            Due.currency,
            func.sum(owed) - announced,
            func.min(Charge.posted_at),
            Territory.timezone,
        )
        .join(Territory, Territory.id == Organisation.territory_id)
        .join(Due, Due.payer_id == Organisation.id)
        .join(Charge, Charge.id == Due.charge_id)
        .join(TerritoryMoney, TerritoryMoney.territory_id == Organisation.territory_id)
        .where(TerritoryMoney.is_on, Due.payer_id.in_(organisation_ids), owed > 0)
        .group_by(Organisation.id, Due.payer_id, Due.payee_id, Due.currency, Territory.timezone)
        .having(func.sum(owed) > announced)
        .order_by(Organisation.name, Organisation.id, Due.currency)
    )
    found: dict[tuple[int, str], Owing] = {}
    for who, currency, cents, since, zone in rows:
        before = found.get((who.id, currency), Owing(who, currency, 0, since, zone))
        found[who.id, currency] = replace(
            before, cents=before.cents + int(cents), since=min(before.since, since)
        )
    return [*found.values()]


def _owed_by_pair(organisation_id: int) -> Select[int, int, int, datetime]:
    owed = Due.cents - Due.credited_cents - Due.paid_cents
    since = func.min(case((owed > 0, Charge.posted_at), else_=None))
    return (
        select(Due.payer_id, Due.payee_id, func.sum(owed), since)
        .join(Charge, Charge.id == Due.charge_id)
        .where(or_(Due.payer_id == organisation_id, Due.payee_id == organisation_id))
        .group_by(Due.payer_id, Due.payee_id)
    )


def _free_by_pair(organisation_id: int) -> Select[int, int, int]:
    free = Payment.cents - Payment.allocated_cents - Payment.returned_cents
    return (
        select(Payment.payer_id, Payment.payee_id, func.sum(free))
        .where(or_(Payment.payer_id == organisation_id, Payment.payee_id == organisation_id))
        .group_by(Payment.payer_id, Payment.payee_id)
    )


def get_between(organisation_id: int, slug: str) -> Between:
    """Find how an organisation stands with another; raise NotFound where there never was anything between them."""
    for each in standings(organisation_id):
        if each.other.slug == slug:
            return each
    raise NotFound(kind="organisation", id=slug)


def neighbours(organisation: Organisation) -> list[Organisation]:
    """List the other organisations of its territory, which may pay it something before anything is charged."""
    near = Organisation.territory_id == organisation.territory_id, Organisation.id != organisation.id
    there = select(Organisation).where(*near, Organisation.state == OrganisationState.ACTIVE)
    return [*db.session.scalars(there.order_by(Organisation.name))]


def names_of(organisation_ids: Iterable[int]) -> dict[int, Organisation]:
    """Read organisations by their ids."""
    rows = db.session.scalars(select(Organisation).where(Organisation.id.in_({*organisation_ids})))
    return {row.id: row for row in rows}


def with_accounts(organisation_ids: Collection[int]) -> list[tuple[Organisation, int]]:
    """List those whose territory reckons with money, by name, and how much is announced to each: so many times."""
    rows = (
        select(Organisation, awaited(Organisation.id))
        .join(TerritoryMoney, TerritoryMoney.territory_id == Organisation.territory_id)
        .where(TerritoryMoney.is_on, Organisation.id.in_(organisation_ids))
    )
    found = db.session.execute(rows.order_by(Organisation.name, Organisation.id))
    return [(organisation, count) for organisation, count in found]


def find_terms(organisation_id: int) -> PayeeTerms | None:
    """Read how an organisation is paid."""
    return db.session.get(PayeeTerms, organisation_id)


def get_payment(payment_ref: str) -> Payment:
    """Find a payment by its public id; raise NotFound."""
    found = db.session.scalar(select(Payment).filter_by(public_id=payment_ref))
    if found is None:
        raise NotFound(kind="payment", id=payment_ref)
    return found


def latest_due(pair: Pair) -> Due | None:
    """Find the due of a pair that was charged last, whatever became of it."""
    return db.session.scalar(select(Due).filter_by(**pair._asdict()).order_by(Due.id.desc()).limit(1))


# -- lines of the bank ----------------------------------------------------------------------------------------


def bank_lines(organisation_id: int) -> list[BankLine]:
    """List the lines of which nobody has said yet what they are, the oldest first."""
    new = select(BankLine).filter_by(organisation_id=organisation_id, state=BankLineState.NEW)
    return [*db.session.scalars(new.order_by(BankLine.day, BankLine.id).limit(MOST))]


def get_line(organisation_id: int, line_ref: str) -> BankLine:
    """Find a line of an organisation's bank; raise NotFound."""
    mine = select(BankLine).filter_by(organisation_id=organisation_id, public_id=line_ref)
    found = db.session.scalar(mine)
    if found is None:
        raise NotFound(kind="bank_line", id=line_ref)
    return found


def owing_to(organisation_id: int) -> list[Due]:
    """List all that is owed to an organisation, the oldest first."""
    owed = Due.credited_cents + Due.paid_cents < Due.cents
    return [*db.session.scalars(select(Due).where(Due.payee_id == organisation_id, owed).order_by(Due.id))]
