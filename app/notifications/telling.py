"""The first step of every letter: a job, in the transaction of what happened."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from app.accounts.events import Reader
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


def write(letter: str, to: Reader, *, dedup_key: str | None = None, **facts: Any) -> None:
    """Queue a letter about an account, an organisation or its quotas to one person."""
    if not is_quiet():
        payload = {"letter": letter, "to": asdict(to), "facts": facts}
        enqueue("notifications.write_account", payload, dedup_key=dedup_key)


def write_to_each(letter: str, readers: Iterable[Reader], **facts: Any) -> None:
    """Queue the same letter to several people."""
    for to in readers:
        write(letter, to, **facts)
