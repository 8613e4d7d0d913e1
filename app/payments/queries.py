"""Reads of what is owed, paid and in the books."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.accounts.models import Organisation, OrganisationState, Person
from app.catalogue.models import Resource, Site, Status
from app.core.errors import NotFound
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.payments.books.postings import Account, EntryKind, Pair
from app.payments.models import (
    Charge,
    ChargeLine,
    Due,
    Envelope,
    LedgerEntry,
    LedgerLeg,
    OnlinePart,
    OnlinePayment,
    Payment,
    Programme,
    ProgrammeState,
    Refund,
    RefundState,
    TariffVersion,
    TerritoryMoney,
)
from app.payments.tariffs.rules import in_force, planned
from app.payments.tariffs.tariff import Tariff

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
    return {row.resource_id: row for row in rows if row.resource_id}  # the last one stays


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


def versions_of(resource_id: int) -> list[TariffVersion]:
    """Read all versions of the tariff of a resource, with who made them, the latest first."""
    found = (
        select(TariffVersion).options(joinedload(TariffVersion.made_by)).filter_by(resource_id=resource_id)
    )
    return list(db.session.scalars(found.order_by(TariffVersion.number.desc())))


def tariffs_of_owner(organisation_id: int, at: datetime) -> list[tuple[Resource, Tariff]]:
    """Read what an organisation asks for its resources, at an instant and as planned after it; by their names."""
    rows = db.session.execute(
        select(Resource.id, TariffVersion)
        .join(Resource, Resource.id == TariffVersion.resource_id)
        .join(Site, Site.id == Resource.site_id)
        .where(Site.owner_id == organisation_id, Resource.status != Status.ARCHIVED)
        .order_by(Resource.name, Resource.id, TariffVersion.number)
    )
    versions: dict[int, list[TariffVersion]] = {}
    for resource_id, version in rows:
        versions.setdefault(resource_id, []).append(version)
    called = select(Resource).where(Resource.id.in_(versions)).options(joinedload(Resource.site))
    by_id = {each.id: each for each in db.session.scalars(called)}
    return [
        (by_id[resource_id], each.tariff)
        for resource_id, mine in versions.items()
        for each in (in_force(mine, at), *planned(mine, at))
        if each and each.tariff
    ]


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


def dues_of(charge_id: int) -> list[Due]:
    """List what each payer owes each payee for a charge."""
    return [*db.session.scalars(select(Due).filter_by(charge_id=charge_id).order_by(Due.id))]


def open_dues(pair: Pair) -> list[Due]:
    """List what one organisation still owes another, the oldest first."""
    still_owed = Due.credited_cents + Due.paid_cents < Due.cents
    return [*db.session.scalars(select(Due).filter_by(**pair._asdict()).where(still_owed).order_by(Due.id))]


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


# -- subsidies ------------------------------------------------------------------------------------------------


def envelopes_on(programme_ids: Collection[int], day: date) -> dict[int, Envelope]:
    """Find, by programme, the envelopes that a day is in."""
    if not programme_ids:
        return {}
    around = Envelope.starts_on <= day, Envelope.ends_on > day
    found = select(Envelope).options(joinedload(Envelope.programme)).where(*around)
    rows = db.session.scalars(found.where(Envelope.programme_id.in_(programme_ids)).order_by(Envelope.id))
    return {each.programme_id: each for each in rows}


def open_envelopes(territory_id: int, first: date, last: date, *, but_of: int) -> list[Envelope]:
    """List the envelopes from which programmes of a territory help to pay on some day, but those of an organisation."""
    found = (
        select(Envelope)
        .join(Envelope.programme)
        .options(contains_eager(Envelope.programme).joinedload(Programme.organisation))
        .where(
            Programme.territory_id == territory_id,
            Programme.state == ProgrammeState.OPEN,
            Programme.organisation_id != but_of,
            Envelope.starts_on <= last,
            Envelope.ends_on > first,
        )
    )
    return [*db.session.scalars(found.order_by(Envelope.id))]


def get_programme(public_id: str) -> Programme:
    """Get a programme where money is on; raise NotFound."""
    found = db.session.scalar(select(Programme).filter_by(public_id=public_id))
    if found is None or not has_money(found.territory_id):
        raise NotFound(kind="programme")
    return found


def get_envelope(public_id: str) -> Envelope:
    """Get an envelope where money is on; raise NotFound."""
    found = db.session.scalar(select(Envelope).filter_by(public_id=public_id))
    if found is None or not has_money(found.programme.territory_id):
        raise NotFound(kind="envelope")
    return found


def programmes_in(territory_id: int) -> list[Programme]:
    """List the programmes of a territory, who pays first before the others."""
    return _programmes(Programme.territory_id == territory_id)


def programmes_of(organisation_id: int) -> list[Programme]:
    """List the programmes that an organisation pays, or is asked to pay."""
    return _programmes(Programme.organisation_id == organisation_id)


def asked_of(organisation_ids: Collection[int]) -> list[Programme]:
    """List the programmes that wait for a yes of these organisations, or of which a budget does, where money is on."""
    budget = select(Envelope.id).where(
        Envelope.programme_id == Programme.id, Envelope.asked_cents.is_not(None)
    )
    waits = (Programme.state == ProgrammeState.ASKED) | (
        (Programme.state == ProgrammeState.OPEN) & budget.exists()
    )
    reckoning = select(TerritoryMoney.territory_id).where(TerritoryMoney.is_on)
    theirs = Programme.organisation_id.in_(organisation_ids) & Programme.territory_id.in_(reckoning)
    return _programmes(theirs & waits)


def _programmes(condition: ColumnElement[bool]) -> list[Programme]:
    found = select(Programme).options(joinedload(Programme.organisation)).where(condition)
    return [*db.session.scalars(found.order_by(Programme.priority, Programme.id))]


def envelopes_by_programme(programmes: Iterable[Programme]) -> dict[int, list[Envelope]]:
    """List the envelopes of programmes, the latest first."""
    ids = [each.id for each in programmes]
    rows = db.session.scalars(
        select(Envelope)
        .options(joinedload(Envelope.programme))
        .where(Envelope.programme_id.in_(ids))
        .order_by(Envelope.starts_on.desc())
    )
    found: dict[int, list[Envelope]] = {each: [] for each in ids}
    for row in rows:
        found[row.programme_id].append(row)
    return found


def payers_in(territory_id: int) -> list[Organisation]:
    """List who can pay something in a territory: its active organisations."""
    active = select(Organisation).where(
        Organisation.territory_id == territory_id, Organisation.state == OrganisationState.ACTIVE
    )
    return [*db.session.scalars(active.order_by(Organisation.name, Organisation.id))]


def programme_names(envelope_ids: Collection[int]) -> dict[int, str]:
    """Name the programmes of envelopes."""
    if not envelope_ids:
        return {}
    named = select(Envelope.id, Programme.name).join(Envelope.programme).where(Envelope.id.in_(envelope_ids))
    return dict(db.session.execute(named).all())


def actor_names(lines: Iterable[AuditEntry]) -> dict[int, str]:
    """Name who did what some lines of history say."""
    ids = {line.actor_id for line in lines if line.actor_id}
    named = select(Person.id, Person.name).where(Person.id.in_(ids))
    return dict(db.session.execute(named).all()) if ids else {}


# -- what moved -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BookLine:
    """A leg in the books of one organisation, with what the entry says; `number` counts its entries from the first.

    `piece` is what people know it by: the payment, the charge, or the deposit, and of a payout its key. `subject` is
    the kind of what was charged, where it is about a charge. `has_vat`: VAT is within the amount; `is_set_off`: debts
    were set off by it, and no money moved.
    """

    number: int
    entry: LedgerEntry
    piece: str
    subject: str
    has_vat: bool
    is_set_off: bool
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
    for leg, entry, other, paid, charged, subject, taxed, off in db.session.execute(
        _legs_of(organisation_id, start, end)
    ):
        number, last = number + (entry.id != last), entry.id
        piece, account = _piece(entry, charged, paid), Account(leg.account)
        yield BookLine(
            number, entry, piece, subject or "", taxed, off, account, other, leg.currency, leg.cents
        )


def _piece(entry: LedgerEntry, charged: str | None, paid: str | None) -> str:
    """Name what an entry is known by: of a charge taken back it is the charge, also where a payment is freed by it."""
    is_of_charge = entry.kind in (EntryKind.CHARGE, EntryKind.CREDIT)
    names = (charged, paid) if is_of_charge else (paid, charged)
    return next((name for name in (*names, entry.facts.get("deposit")) if name), entry.key)


def has_vat(organisation_id: int) -> bool:
    """Tell whether VAT is within anything that an organisation ever charged."""
    taxed = select(ChargeLine.id).where(ChargeLine.payee_id == organisation_id, ChargeLine.vat_cents > 0)
    return db.session.scalar(taxed.limit(1)) is not None


def _legs_of(
    organisation_id: int, start: datetime, end: datetime
) -> Select[LedgerLeg, LedgerEntry, Organisation, str, str, str, bool, bool]:
    taxed = select(ChargeLine.id).where(
        ChargeLine.charge_id == LedgerEntry.charge_id, ChargeLine.vat_cents > 0,
        ChargeLine.payee_id.in_((LedgerLeg.organisation_id, LedgerLeg.counterparty_id)),
    )  # fmt: skip
    other = aliased(LedgerLeg)
    offset = select(other.id).where(other.entry_id == LedgerEntry.id, other.account == Account.OFFSET)
    return (
        select(
            LedgerLeg,
            LedgerEntry,
            Organisation,
            Payment.public_id,
            Charge.public_id,
            Charge.subject_kind,
            taxed.exists(),
            offset.exists(),
        )
        .join(LedgerEntry, LedgerEntry.id == LedgerLeg.entry_id)
        .outerjoin(Organisation, Organisation.id == LedgerLeg.counterparty_id)
        .outerjoin(Payment, Payment.id == LedgerEntry.payment_id)
        .outerjoin(Charge, Charge.id == LedgerEntry.charge_id)
        .where(LedgerLeg.organisation_id == organisation_id, LedgerEntry.at >= start, LedgerEntry.at < end)
        .order_by(LedgerEntry.at, LedgerEntry.id, LedgerLeg.id)
    )
