"""Giving back: never more than is there, never twice, and known as failed when it comes back weeks later."""

from app.core import clock, ids
from app.core.errors import NotFound
from app.infra.events import emit
from app.infra.jobs import enqueue
from app.infra.uow import atomic
from app.payments.stripe import connection, queries
from app.payments.stripe.connection import RefundSeen
from app.payments.stripe.errors import NothingPaid, RefundTooHigh
from app.payments.stripe.events import StripeRefunded, StripeRefundFailed
from app.payments.stripe.models import StripePayment, StripeRefund
from app.payments.stripe.rules import REFUND, State, step


def lock_paid(payment_key: str) -> StripePayment:
    """Get a payment of which nothing is given back meanwhile; raise NotFound."""
    paid = queries.find_payment_by_key(payment_key)
    if paid is None:
        raise NotFound(kind="stripe_payment", id=payment_key)
    return queries.lock(StripePayment, paid.id)


def refuse_too_high(paid: StripePayment, cents: int, elsewhere_cents: int) -> None:
    """Raise RefundTooHigh where so much is not left: less what went back, is on its way, or went back `elsewhere`."""
    most = paid.cents - queries.given_back(paid.id) - elsewhere_cents
    if not 0 < cents <= most:
        raise RefundTooHigh(field="cents", most=most, currency=paid.currency)


def ask_refund(key: str, payment_key: str, cents: int, elsewhere_cents: int = 0) -> str:
    """Write down that something of a payment is given back, to be sent after the commit; give its public id.

    The same key again is the same refund. `elsewhere_cents` are what the payee gave back in another way.
    Raise NotFound, NothingPaid, RefundTooHigh.
    """
    with atomic() as session:
        paid = lock_paid(payment_key)
        known = queries.find_refund_by_key(key)
        if known is not None:
            return known.public_id
        if paid.state != State.PAID:
            raise NothingPaid(state=paid.state)
        refuse_too_high(paid, cents, elsewhere_cents)
        row = StripeRefund(
            public_id=ids.new_public_id(), key=key, payment_id=paid.id, cents=cents, created_at=clock.now()
        )
        session.add(row)
        session.flush()
        enqueue("stripe.send_refund", {"refund": row.id}, dedup_key=f"stripe.refund:{row.id}")
        return row.public_id


def send_refund(row_id: int) -> None:
    """Tell Stripe, once."""
    order = queries.find_refund_order(row_id)
    if order is None or order.state != State.ASKED or order.intent_id is None:
        return
    try:
        seen = connection.get().refund(
            order.account_id, order.intent_id, order.public_id, order.key, order.cents
        )
    except connection.Refused as refused:
        with atomic(durable=True):
            row = queries.lock(StripeRefund, row_id)
            row.failure = refused.code[:80]
            _move(row, "refused")
    else:
        note_refund(order.account_id, seen)


def look_at_refund(account_id: str, refund_id: str) -> None:
    """Read a refund afresh."""
    note_refund(account_id, connection.get().read_refund(account_id, refund_id))


def note_refund(account_id: str, seen: RefundSeen) -> None:
    """Write down what a refund says; one made by hand in the payee's dashboard is written here for the first time.

    What is told before the payment itself is left alone: the look over the account comes back to it.
    """
    with atomic(durable=True) as session:
        paid_id = queries.find_payment_id(account_id, intent_id=seen.intent_id)
        if paid_id is None:
            return
        if queries.lock(StripePayment, paid_id).state != State.PAID:
            return
        row_id = queries.find_refund_id(seen.id, seen.ours)
        if row_id is None:
            row = StripeRefund(
                public_id=ids.new_public_id(),
                key=f"stripe:{seen.id}",
                payment_id=paid_id,
                cents=seen.cents,
                state=State.ASKED,
                created_at=clock.now(),
            )
            session.add(row)
            session.flush()
            row_id = row.id
        row = queries.lock(StripeRefund, row_id)
        row.refund_id, row.failure = seen.id, seen.failure
        _move(row, seen.status)


def _move(row: StripeRefund, act: str) -> None:
    row.checked_at, before = clock.now(), row.state
    to = step(REFUND, act, before)
    if to is None:
        return
    row.state = to
    paid = row.payment
    told = row.key, paid.reference, paid.organisation_id, row.cents, paid.currency
    if to == State.DONE:
        emit(StripeRefunded(*told))
    elif to in (State.FAILED, State.REFUSED):
        emit(StripeRefundFailed(*told, was_told=before == State.DONE))
