"""What of a payment is for which due: put there, and taken away again. The pair is locked by whoever calls."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func, select

from app.infra.db import db
from app.payments.models import Allocation, Due, Payment
from app.payments.service.locks import fresh_dues

Parts = dict[int, int]  # by due: cents


def shared_out(free: int, dues: Iterable[Due]) -> Parts:
    """Tell what of an amount goes to each due, the first ones first."""
    parts: Parts = {}
    for due in dues:
        cents = min(free, due.owed_cents)
        if cents > 0:
            parts[due.id] = cents
            free -= cents
    return parts


def allocated_to(payment: Payment) -> Parts:
    """Tell what a payment is for."""
    total = func.sum(Allocation.cents)
    rows = (
        select(Allocation.due_id, total)
        .where(Allocation.payment_id == payment.id)
        .group_by(Allocation.due_id)
    )
    return {row[0]: int(row[1]) for row in db.session.execute(rows.having(total > 0))}


def taken_from(payment: Payment, cents: int) -> Parts:
    """Tell what has to be taken from which dues for so much of a payment to be free: the newest ones first."""
    lacking = cents - payment.free_cents
    parts: Parts = {}
    for due_id, there in sorted(allocated_to(payment).items(), reverse=True):
        if lacking > 0:
            parts[due_id] = min(there, lacking)
            lacking -= parts[due_id]
    return parts


def allocations_of(due: Due) -> list[tuple[Payment, int]]:
    """List what payments are for a due, the newest first."""
    total = func.sum(Allocation.cents)
    rows = (
        select(Allocation.payment_id, total)
        .where(Allocation.due_id == due.id)
        .group_by(Allocation.payment_id)
    )
    by_payment = {row[0]: int(row[1]) for row in db.session.execute(rows.having(total > 0))}
    newest = select(Payment).where(Payment.id.in_(by_payment)).order_by(Payment.id.desc())
    payments = db.session.scalars(newest, execution_options={"populate_existing": True})
    return [(payment, by_payment[payment.id]) for payment in payments]


def move(payment: Payment, parts: Mapping[int, int], entry_id: int | None, sign: int = 1) -> Sequence[Due]:
    """Write what a payment is for now (`sign` 1), or is not any more (-1), beside the entry that says so."""
    dues = fresh_dues(parts)
    for due in dues:
        cents = sign * parts[due.id]
        due.paid_cents += cents
        payment.allocated_cents += cents
        row = Allocation(payment_id=payment.id, due_id=due.id, entry_id=entry_id, cents=cents)
        db.session.add(row)
    db.session.flush()
    return dues
