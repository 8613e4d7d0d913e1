"""Closing what Stripe shows for dues that have changed: it would ask for too much."""

from collections.abc import Iterable

from app.payments.queries import live_attempts
from app.payments.stripe.service import give_up


def close_pages(due_ids: Iterable[int]) -> None:
    """Close the pages on which these are being paid, after the commit; what was paid there meanwhile is told."""
    for live in live_attempts(due_ids):
        give_up(live.reference)
