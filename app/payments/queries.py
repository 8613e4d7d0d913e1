"""Reads of what is owed, paid and in the books."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation, Person
from app.catalogue.models import Resource
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.payments.books.postings import Account, Pair
from app.payments.models import (
    Allocation,
    Charge,
    ChargeLine,
    Due,
    Envelope,
    LedgerEntry,
    LedgerLeg,
    OnlinePart,
    OnlinePayment,
    Payment,
    Refund,
    RefundState,
    TariffVersion,
    TerritoryMoney,
)

Balances = dict[tuple[str, Account], int]  # by currency and account: cents, above zero a debit


# -- whether, and at what price -------------------------------------------------------------------------------


def has_money(territory_id: int) -> bool:
    """Tell whether a territory reckons with money; where it does not, nothing of it is shown."""
    row = db.session.get(TerritoryMoney, territory_id)
    return row is not None and row.is_on


def switches(territory_id: int, limit: int = 6) -> list[tuple[AuditEntry, str | None]]:
    """Read who switched money on or off in a territory, newest first."""
    lines = (
        select(AuditEntry, Person.name)
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .where(AuditEntry.subject_kind == "territory_money", AuditEntry.subject_id == territory_id)
    )
    rows = db.session.execute(lines.order_by(AuditEntry.id.desc()).limit(limit))
    return [(entry, name) for entry, name in rows]


def tariffs_at(resource_ids: Collection[int], at: datetime) -> Mapping[int, TariffVersion]:
    """Read the tariff of each resource that is in force at an instant; those without one are left out.

    Of those that have begun, the one that was decided last: it goes before what was decided before for a later day.
    """
    begun = select(TariffVersion).where(
        TariffVersion.resource_id.in_(resource_ids), TariffVersion.starts_at <= at
    )
    rows = db.session.scalars(begun.order_by(TariffVersion.number))
    return {row.resource_id: row for row in rows}  # the last one stays


def priced_at(resource_ids: Collection[int], at: datetime) -> Mapping[int, TariffVersion | None]:
    """Read the tariff in force at an instant, or None, of each resource whose territory reckons with money."""
    begun = and_(TariffVersion.resource_id == Resource.id, TariffVersion.starts_at <= at)
    rows = db.session.execute(
        select(Resource.id, TariffVersion)
        .join(TerritoryMoney, TerritoryMoney.territory_id == Resource.territory_id)
        .outerjoin(TariffVersion, begun)
        .where(Resource.id.in_(resource_ids), TerritoryMoney.is_on)
        .order_by(TariffVersion.number)
    )
    return {resource_id: version for resource_id, version in rows}  # noqa: C416  # the last one stays


def find_tariff(resource_id: int, at: datetime) -> TariffVersion | None:
    """Find the tariff of a resource that is in force at an instant."""
    return tariffs_at([resource_id], at).get(resource_id)


def versions_of(resource_id: int) -> list[TariffVersion]:
    """Read all versions of the tariff of a resource, with who made them, the latest first."""
    found = (
        select(TariffVersion).options(joinedload(TariffVersion.made_by)).filter_by(resource_id=resource_id)
    )
    return list(db.session.scalars(found.order_by(TariffVersion.number.desc())))


def priced_resources(territory_id: int) -> list[int]:
    """List (ids) what has a tariff in a territory."""
    priced = select(TariffVersion.resource_id).join(Resource, Resource.id == TariffVersion.resource_id)
    of_territory = priced.where(Resource.territory_id == territory_id).distinct()
    return list(db.session.scalars(of_territory.order_by(TariffVersion.resource_id)))


# -- the books ------------------------------------------------------------------------------------------------


def balances(organisation_id: int) -> Balances:
    """Add up each account of an organisation."""
    total = func.sum(LedgerLeg.cents)
    legs = select(LedgerLeg.currency, LedgerLeg.account, total).where(
        LedgerLeg.organisation_id == organisation_id
    )
    rows = db.session.execute(legs.group_by(LedgerLeg.currency, LedgerLeg.account))
    return {(currency, Account(account)): int(cents) for currency, account, cents in rows}


def balances_between(organisation_id: int, other_id: int) -> Balances:
    """Add up each account that an organisation keeps about another."""
    total = func.sum(LedgerLeg.cents)
    legs = select(LedgerLeg.currency, LedgerLeg.account, total).where(
        LedgerLeg.organisation_id == organisation_id, LedgerLeg.counterparty_id == other_id
    )
    rows = db.session.execute(legs.group_by(LedgerLeg.currency, LedgerLeg.account))
    return {(currency, Account(account)): int(cents) for currency, account, cents in rows}


def find_charges(subject_kind: str, subject_ref: str) -> list[Charge]:
    """List what was charged for a subject, the oldest first."""
    mine = select(Charge).filter_by(subject_kind=subject_kind, subject_ref=subject_ref)
    return [*db.session.scalars(mine.order_by(Charge.id))]


def dues_of(charge_id: int) -> list[Due]:
    """List what each payer owes each payee for a charge."""
    return [*db.session.scalars(select(Due).filter_by(charge_id=charge_id).order_by(Due.id))]


def open_dues(pair: Pair) -> list[Due]:
    """List what one organisation still owes another, the oldest first."""
    still_owed = Due.credited_cents + Due.paid_cents < Due.cents
    return [*db.session.scalars(select(Due).filter_by(**pair._asdict()).where(still_owed).order_by(Due.id))]


def payments_for(charge_id: int) -> list[Payment]:
    """List what was ever paid for a charge: what of it is free, once it was credited, can be given back."""
    for_it = (
        select(Allocation.payment_id).join(Due, Due.id == Allocation.due_id).where(Due.charge_id == charge_id)
    )
    return [*db.session.scalars(select(Payment).where(Payment.id.in_(for_it)).order_by(Payment.id))]


def refunded_by_hand(payment_id: int) -> int:
    """Add up what went back of a payment in another way than it came."""
    mine = Refund.payment_id == payment_id, Refund.method.is_not(None), Refund.state == RefundState.MADE
    return int(db.session.scalar(select(func.coalesce(func.sum(Refund.cents), 0)).where(*mine)) or 0)


def find_online(reference: str) -> OnlinePayment | None:
    """Find an attempt to pay on line by what it is called there; None where another room asked."""
    kind, _, public_id = reference.partition(":")
    if kind != "online":
        return None
    return db.session.scalar(select(OnlinePayment).filter_by(public_id=public_id))


def live_attempts(due_ids: Iterable[int]) -> list[OnlinePayment]:
    """List the attempts to pay some of these dues on line that are under way."""
    for_them = select(OnlinePart.online_id).where(OnlinePart.due_id.in_(set(due_ids)), OnlinePart.is_live)
    wanted = select(OnlinePayment).where(OnlinePayment.id.in_(for_them)).order_by(OnlinePayment.id)
    return [*db.session.scalars(wanted, execution_options={"populate_existing": True})]


def find_envelope(programme_id: int, day: date) -> Envelope | None:
    """Find the envelope of a programme that a day is in."""
    around = Envelope.starts_on <= day, Envelope.ends_on > day
    return db.session.scalar(select(Envelope).filter_by(programme_id=programme_id).where(*around))


@dataclass(frozen=True)
class BookLine:
    """A leg in the books of one organisation, with what the entry says; `number` counts its entries from the first.

    `piece` is what people know it by: the payment, or the charge; `has_vat` where VAT is within the amount.
    """

    number: int
    entry: LedgerEntry
    piece: str
    has_vat: bool
    account: Account
    counterparty: Organisation | None
    currency: str
    cents: int


def book(organisation_id: int, start: datetime, end: datetime) -> Iterator[BookLine]:
    """Read the books of an organisation from an instant up to, not including, another, in the order of entry."""
    mine = LedgerLeg.organisation_id == organisation_id
    before = (
        select(LedgerEntry.id)
        .where(LedgerEntry.at < start, LedgerEntry.id.in_(select(LedgerLeg.entry_id).where(mine)))
        .subquery()
    )
    number = db.session.scalar(select(func.count()).select_from(before)) or 0
    last = 0
    for leg, entry, other, paid, charged, has_vat in db.session.execute(
        _legs_of(organisation_id, start, end)
    ):
        number, last = number + (entry.id != last), entry.id
        piece = paid or charged or entry.key
        yield BookLine(number, entry, piece, has_vat, Account(leg.account), other, leg.currency, leg.cents)


def has_vat(organisation_id: int) -> bool:
    """Tell whether VAT is within anything that an organisation ever charged."""
    taxed = select(ChargeLine.id).where(ChargeLine.payee_id == organisation_id, ChargeLine.vat_cents > 0)
    return db.session.scalar(taxed.limit(1)) is not None


def _legs_of(
    organisation_id: int, start: datetime, end: datetime
) -> Select[LedgerLeg, LedgerEntry, Organisation, str, str, bool]:
    taxed = select(ChargeLine.id).where(
        ChargeLine.charge_id == LedgerEntry.charge_id, ChargeLine.vat_cents > 0,
        ChargeLine.payee_id.in_((LedgerLeg.organisation_id, LedgerLeg.counterparty_id)),
    )  # fmt: skip
    return (
        select(LedgerLeg, LedgerEntry, Organisation, Payment.public_id, Charge.public_id, taxed.exists())
        .join(LedgerEntry, LedgerEntry.id == LedgerLeg.entry_id)
        .outerjoin(Organisation, Organisation.id == LedgerLeg.counterparty_id)
        .outerjoin(Payment, Payment.id == LedgerEntry.payment_id)
        .outerjoin(Charge, Charge.id == LedgerEntry.charge_id)
        .where(LedgerLeg.organisation_id == organisation_id, LedgerEntry.at >= start, LedgerEntry.at < end)
        .order_by(LedgerEntry.at, LedgerEntry.id, LedgerLeg.id)
    )
