"""What Stripe hands over to a payee's bank, written down and told."""

from app.core import clock
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.stripe import connection, queries
from app.payments.stripe.connection import PayoutSeen
from app.payments.stripe.events import StripePaidOut, StripePayoutFailed
from app.payments.stripe.models import StripeAccount, StripePayout
from app.payments.stripe.rules import PAYOUT, State, step


def look_at_payout(account_id: str, payout_id: str) -> None:
    """Read a payout afresh."""
    note_payout(account_id, connection.get().read_payout(account_id, payout_id))


def note_payout(account_id: str, seen: PayoutSeen) -> None:
    """Write down what a payout of a payee of ours says."""
    ours = _ours(account_id, seen)
    with atomic(durable=True) as session:
        payee = queries.find_account_called(account_id)
        if payee is None:
            return
        queries.lock(StripeAccount, payee.id)
        row_id = queries.find_payout_id(seen.id)
        if row_id is None:
            now = clock.now()
            row = StripePayout(
                payout_id=seen.id,
                organisation_id=payee.organisation_id,
                cents=seen.cents,
                currency=seen.currency,
                state=State.ASKED,
                created_at=now,
                checked_at=now,
            )
            session.add(row)
            session.flush()
            row_id = row.id
        _note(queries.lock(StripePayout, row_id), seen, ours)


def _ours(account_id: str, seen: PayoutSeen) -> int | None:
    """Add up what of a payout that has arrived is of payments that were made here; None where that is not known."""
    if seen.status != "paid" or not seen.is_itemised or queries.has_arrived(seen.id):
        return None
    parts = [*connection.get().booked(account_id, seen.id)]
    known = queries.known_intents(account_id, {part.intent_id for part in parts})
    return sum(part.net_cents for part in parts if part.intent_id in known)


def _note(row: StripePayout, seen: PayoutSeen, ours: int | None) -> None:
    row.checked_at, before = clock.now(), row.state
    to = step(PAYOUT, seen.status, before)
    if to is None:
        return
    row.state = to
    told = row.payout_id, row.organisation_id, row.cents, row.currency
    if to == State.DONE:
        emit(StripePaidOut(*told, ours))
    elif before == State.DONE:
        emit(StripePayoutFailed(*told))
