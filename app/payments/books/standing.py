"""How an organisation stands with others: what it owes and is owed, what was paid, and what for. For its pages."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from app.accounts.models import Organisation, OrganisationState, Territory
from app.core.errors import NotFound
from app.infra.db import db
from app.payments.announced.queries import awaited, sent
from app.payments.books.postings import Pair
from app.payments.models import (
    BankLine,
    BankLineState,
    Charge,
    ChargeLine,
    CostParty,
    CostPlan,
    Due,
    Envelope,
    PartyState,
    PayeeTerms,
    Payment,
    Programme,
    ProgrammeState,
    Refund,
    RefundState,
    TerritoryMoney,
)
from app.payments.subjects import Subject, subjects_of

MOST = 500  # rows of one page; a year of one organisation has less, else the export has all


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


@dataclass(frozen=True)
class DueLine:
    """A due as a page lists it: what for, since when, who bears it."""

    due: Due
    posted_at: datetime
    title: str
    url: str | None

    @property
    def state(self) -> str:
        """Tell how it stands: owed, in part, paid, or taken back."""
        if self.due.owed_cents:
            return "part" if self.due.paid_cents else "owed"
        return "paid" if self.due.paid_cents else "credited"


@dataclass(frozen=True)
class PaymentLine:
    """A payment as a page lists it, with what of it went back and why."""

    payment: Payment
    refunds: list[Refund]

    @property
    def is_undone(self) -> bool:
        """Tell whether it was noted by mistake, and taken back."""
        return self.undoing is not None

    @property
    def undoing(self) -> Refund | None:
        """Find the entry that took it back as a mistake."""
        return next((each for each in self.refunds if each.key.startswith("undo:")), None)

    @property
    def given_back(self) -> list[Refund]:
        """List what really went back to who paid."""
        return [each for each in self.refunds if each is not self.undoing]

    @property
    def went_back_cents(self) -> int:
        """Add up what really went back to who paid, by a bank, too."""
        return self.payment.returned_cents - (self.undoing.cents if self.undoing else 0)


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


@dataclass(frozen=True)
class Frame:
    """What of the accounts is looked at: between which, in which span, and only what is still owed or all."""

    organisation_id: int
    other_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    only_open: bool = False


def dues_in(frame: Frame) -> list[DueLine]:
    """List what is owed in a frame, the newest first."""
    wanted = select(Due, Charge).join(Charge, Charge.id == Due.charge_id).where(_concerns(Due, frame))
    if frame.start and frame.end:
        wanted = wanted.where(Charge.posted_at >= frame.start, Charge.posted_at < frame.end)
    if frame.only_open:
        wanted = wanted.where(Due.credited_cents + Due.paid_cents < Due.cents)
    return _lines_of(wanted.order_by(Due.id.desc()).limit(MOST))


def due_lines(due_ids: Iterable[int]) -> list[DueLine]:
    """List some dues as pages do, the oldest first."""
    wanted = select(Due, Charge).join(Charge, Charge.id == Due.charge_id).where(Due.id.in_({*due_ids}))
    return _lines_of(wanted.order_by(Due.id))


def _lines_of(wanted: Select[Due, Charge]) -> list[DueLine]:
    rows = db.session.execute(wanted).all()
    charges = [charge for _, charge in rows]
    subjects = subjects_of(charges)
    labels = _labels({each.id for each in charges} - subjects.keys())
    return [_line(due, charge, subjects.get(charge.id), labels) for due, charge in rows]


def _line(due: Due, charge: Charge, subject: Subject | None, labels: dict[int, str]) -> DueLine:
    title = subject.title if subject else labels.get(charge.id, "")
    return DueLine(due, charge.posted_at, title, subject.url if subject else None)


def _labels(charge_ids: Collection[int]) -> dict[int, str]:
    """Name charges by their lines, where the room that charged says nothing better."""
    if not charge_ids:
        return {}
    lines = select(ChargeLine.charge_id, ChargeLine.label).where(ChargeLine.charge_id.in_(charge_ids))
    found: dict[int, list[str]] = defaultdict(list)
    for charge_id, label in db.session.execute(lines.order_by(ChargeLine.id)):
        found[charge_id].append(label)
    return {charge_id: ", ".join(dict.fromkeys(labels)) for charge_id, labels in found.items()}


def payments_in(frame: Frame) -> list[PaymentLine]:
    """List what was paid in a frame, the newest first."""
    wanted = select(Payment).where(_concerns(Payment, frame))
    if frame.start and frame.end:
        wanted = wanted.where(Payment.at >= frame.start, Payment.at < frame.end)
    rows = db.session.scalars(wanted.order_by(Payment.at.desc(), Payment.id.desc()).limit(MOST))
    return payment_lines([*rows])


def payment_lines(payments: Sequence[Payment]) -> list[PaymentLine]:
    """Tell of each of some payments what went back."""
    refunds: dict[int, list[Refund]] = defaultdict(list)
    back = select(Refund).where(
        Refund.payment_id.in_({row.id for row in payments}), Refund.state == RefundState.MADE
    )
    for refund in db.session.scalars(back.order_by(Refund.id)):
        refunds[refund.payment_id].append(refund)
    return [PaymentLine(row, refunds[row.id]) for row in payments]


def _concerns(table: type[Due | Payment], frame: Frame) -> ColumnElement[bool]:
    ours, theirs = table.payer_id == frame.organisation_id, table.payee_id == frame.organisation_id
    if frame.other_id is None:
        return or_(ours, theirs)
    return or_(and_(ours, table.payee_id == frame.other_id), and_(theirs, table.payer_id == frame.other_id))


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
