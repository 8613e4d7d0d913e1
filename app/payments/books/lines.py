"""What pages list of the accounts of an organisation: what is owed and taken back, what was paid."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select

from app.infra.db import db
from app.payments.books.credited import TakenBack, taken_back_by_due
from app.payments.models import Charge, ChargeLine, Due, Payment, Refund, RefundState
from app.payments.subjects import Subject, subjects_of

MOST = 500  # rows of one page; a year of one organisation has less, else the export has all


@dataclass(frozen=True)
class DueLine:
    """A due as a page lists it: what for, since when, who bears it, what of it was taken back and why."""

    due: Due
    posted_at: datetime
    title: str
    url: str | None
    taken_back: Sequence[TakenBack] = ()
    why: str = ""  # it is charged for (app.payments.tariffs.told.Why), where whoever charged it said so

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
    taken_back = taken_back_by_due([due.id for due, _ in rows if due.credited_cents])
    found = []
    for due, charge in rows:
        subject = subjects.get(charge.id) or Subject(labels.get(charge.id, ""))
        why = charge.snapshot.get("why", "")
        found.append(DueLine(due, charge.posted_at, subject.title, subject.url, taken_back[due.id], why))
    return found


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
