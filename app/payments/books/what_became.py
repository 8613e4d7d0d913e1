"""What became of a payment, as its page says it: what it pays, who undid it, why it went back, what a bank took."""

from sqlalchemy import ColumnElement, func, literal, select

from app.accounts.models import Person
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.payments.models import Allocation, Dispute, DisputeState, LedgerEntry, Payment


def who_undid(payment: Payment) -> str | None:
    """Name who took a payment back as a mistake (empty: who has left); None where the history does not say."""
    undone = select(Person.name).join(AuditEntry, AuditEntry.actor_id == Person.id)
    return db.session.scalar(undone.where(*_told_of(payment, "payment_undone")).limit(1))


def why_given_back(payment: Payment) -> dict[str, str]:
    """Tell, by the key under which Stripe was asked, why something of a payment is given back."""
    lines = db.session.scalars(select(AuditEntry.facts).where(*_told_of(payment, "given_back")))
    return {facts["key"]: facts["reason"] for facts in lines if "key" in facts}


def _told_of(payment: Payment, act: str) -> tuple[ColumnElement[bool], ...]:
    """Find what the history of the payee says of an act on a payment."""
    return (
        AuditEntry.subject_kind == "organisation",
        AuditEntry.subject_id == payment.payee_id,
        AuditEntry.act == act,
        AuditEntry.facts["payment"].as_string() == payment.public_id,
    )


def paid_dues(payment_id: int) -> list[int]:
    """List (ids) what a payment pays."""
    paid = select(Allocation.due_id).where(Allocation.payment_id == payment_id)
    return [*db.session.scalars(paid.group_by(Allocation.due_id).having(func.sum(Allocation.cents) > 0))]


def kept_twice(payment_id: int) -> list[Dispute]:
    """List the lost disputes that took more than was left of a payment, which nobody has given back yet."""
    repaid = select(LedgerEntry.id).where(LedgerEntry.key == literal("dispute_repaid:") + Dispute.key)
    mine = Dispute.payment_id == payment_id, Dispute.state == DisputeState.LOST, Dispute.beyond_cents > 0
    return [*db.session.scalars(select(Dispute).where(*mine, ~repaid.exists()).order_by(Dispute.id))]
