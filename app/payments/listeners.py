"""What Stripe tells goes into the books, in the transaction in which it is told; what other rooms ask of money."""

from app.accounts.asks import reckons_with_money
from app.infra.events import listens
from app.payments import queries, service
from app.payments.stripe import events


@reckons_with_money.answered_by
def has_money(territory_id: int) -> list[bool]:
    """Tell whether a territory reckons with money."""
    return [queries.has_money(territory_id)]


@listens(events.StripePaymentStarted)
def _started(event: events.StripePaymentStarted) -> None:
    service.online_started(event.reference)


@listens(events.StripeNotPaid)
def _not_paid(event: events.StripeNotPaid) -> None:
    service.online_over(event.reference)


@listens(events.StripePaid)
def _paid(event: events.StripePaid) -> None:
    service.online_paid(event.reference, event.key, event.cents, event.at)


@listens(events.StripeFeeTaken)
def _fee(event: events.StripeFeeTaken) -> None:
    service.online_fee(event.reference, event.key, event.cents)


@listens(events.StripeRefunded)
def _refunded(event: events.StripeRefunded) -> None:
    service.online_refunded(event.reference, event.key, event.cents)


@listens(events.StripeRefundFailed)
def _refund_failed(event: events.StripeRefundFailed) -> None:
    if event.was_told:
        service.online_refund_failed(event.reference, event.key)


@listens(events.StripeDisputed)
def _disputed(event: events.StripeDisputed) -> None:
    service.online_disputed(event.reference, event.key, event.cents)


@listens(events.StripeDisputeClosed)
def _dispute_closed(event: events.StripeDisputeClosed) -> None:
    service.online_dispute_closed(event.reference, event.key, is_won=event.is_won)


@listens(events.StripePaidOut)
def _paid_out(event: events.StripePaidOut) -> None:
    service.payout(f"stripe:{event.key}", event.organisation_id, event.cents, event.currency)


@listens(events.StripePayoutFailed)
def _payout_failed(event: events.StripePayoutFailed) -> None:
    service.payout(f"stripe:{event.key}:back", event.organisation_id, -event.cents, event.currency)
