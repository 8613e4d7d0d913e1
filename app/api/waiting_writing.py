"""Waiting lists as the API answers them."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from app.api import writing
from app.api.instants import write_instant, write_maybe
from app.api.writing import Json
from app.bookings.models import Waiting
from app.bookings.rules import OFFERED, STILL_WAITING


def write_waiting(entry: Waiting, places: Mapping[int, int]) -> Json:
    """Write somebody's waiting; `places` are those in line, by id."""
    place, organisation = entry.resource, entry.organisation
    zone = ZoneInfo(place.site.timezone)
    named = (
        {"id": organisation.public_id, "slug": organisation.slug, "name": organisation.name}
        if organisation
        else None
    )
    return {
        "ref": entry.ref,
        "state": entry.state,
        "mode": entry.mode,
        "resource": {"id": place.public_id, "slug": place.slug, "name": place.name, "kind": place.kind},
        "organisation": named,
        **writing.window(entry.span, zone),
        "quantity": entry.quantity,
        "purpose": entry.purpose,
        "people": entry.people,
        "message": entry.message,
        "place": places.get(entry.id) if entry.state in STILL_WAITING else None,
        "expires_at": write_maybe(entry.expires_at, zone),
        "booking": entry.booking.ref if entry.booking else None,
        "created_at": write_instant(entry.created_at, zone),
        "acts": _acts(entry),
        "url": writing.absolute(f"/attente/{entry.ref}"),
    }


def _acts(entry: Waiting) -> list[str]:
    taking = ["take"] if entry.state == OFFERED else []
    return [*taking, "leave"] if entry.state in STILL_WAITING else []
