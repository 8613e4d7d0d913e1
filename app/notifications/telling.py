"""The first step of every letter about a booking: a job, in the transaction of what happened."""

from app.bookings.events import BookingEvent
from app.infra.jobs import enqueue
from app.notifications.quiet import is_quiet


def tell(occasion: str, event: BookingEvent) -> None:
    """Queue the letters of an occasion, unless nobody is to be told."""
    if is_quiet():
        return
    payload = {"occasion": occasion, "booking": event.booking_id, "actor": event.actor_id}
    enqueue(
        "notifications.spread", payload, dedup_key=f"spread:{occasion}:{event.booking_id}:{event.actor_id}"
    )
