"""Payments that a bank takes back. The payee answers in their own dashboard; here it is only written down and told."""

from app.core import clock
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.stripe import connection, queries
from app.payments.stripe.connection import DisputeSeen
from app.payments.stripe.events import StripeDisputeClosed, StripeDisputed, StripeFeeTaken
from app.payments.stripe.models import StripeDispute, StripePayment
from app.payments.stripe.rules import DISPUTE, State, step

_TAKEN_BACK = (State.OPEN, State.WON, State.LOST)


def look_at_dispute(account_id: str, dispute_id: str) -> None:
    """Read a dispute afresh."""
    note_dispute(account_id, connection.get().read_dispute(account_id, dispute_id))


def note_dispute(account_id: str, seen: DisputeSeen) -> None:
    """Write down what a dispute says, of a payment of ours; before that itself is told, it waits (as refunds do)."""
    with atomic(durable=True) as session:
        paid_id = queries.find_payment_id(account_id, intent_id=seen.intent_id)
        if paid_id is None:
            return
        if queries.lock(StripePayment, paid_id).state != State.PAID:
            return
        row_id = queries.find_dispute_id(seen.id)
        if row_id is None:
            now = clock.now()
            row = StripeDispute(
                dispute_id=seen.id,
                payment_id=paid_id,
                cents=seen.cents,
                fee_cents=0,
                state=State.ASKED,
                created_at=now,
                checked_at=now,
            )
            session.add(row)
            session.flush()
            row_id = row.id
        _note(queries.lock(StripeDispute, row_id), seen)


def _note(row: StripeDispute, seen: DisputeSeen) -> None:
    paid, before = row.payment, row.state
    whose = row.dispute_id, paid.reference, paid.organisation_id
    row.checked_at = clock.now()
    row.state = step(DISPUTE, seen.status, before) or before
    if (
        row.state in _TAKEN_BACK and before not in _TAKEN_BACK
    ):  # also when it was decided before we heard of it
        emit(StripeDisputed(*whose, row.cents, paid.currency))
    if row.state in (State.WON, State.LOST) and row.state != before:
        emit(StripeDisputeClosed(*whose, row.cents, paid.currency, is_won=row.state == State.WON))
    if seen.fee_cents != row.fee_cents:
        emit(StripeFeeTaken(*whose, seen.fee_cents - row.fee_cents, paid.currency))
        row.fee_cents = seen.fee_cents
