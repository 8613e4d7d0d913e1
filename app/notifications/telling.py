"""The first step of every letter about a booking: a job, in the transaction of what happened."""

from app.bookings.events import BookingEvent
from app.infra.jobs import enqueue
from app.notifications import queries
from app.notifications.quiet import is_quiet
from app.notifications.rules import BUNDLE_OCCASIONS


def tell(occasion: str, event: BookingEvent) -> None:
    """Queue the letters of an occasion, unless nobody is to be told."""
    if is_quiet():
        return
    bundle_id = queries.bundle_of(event.booking_id)
    if bundle_id is not None and occasion in BUNDLE_OCCASIONS:
        tell_bundle(occasion, bundle_id, (event.booking_id,), event.actor_id)
        return
    payload = {"occasion": occasion, "booking": event.booking_id, "actor": event.actor_id}
    enqueue(
        "notifications.spread", payload, dedup_key=f"spread:{occasion}:{event.booking_id}:{event.actor_id}"
    )


def tell_bundle(occasion: str, bundle_id: int, booking_ids: tuple[int, ...], actor_id: int | None) -> None:
    """Queue the letters of an occasion that is about legs of a bundle: told once, with the whole of it."""
    if is_quiet():
        return
    payload = {"occasion": occasion, "bundle": bundle_id, "bookings": list(booking_ids), "actor": actor_id}
    enqueue("notifications.spread_bundle", payload)
