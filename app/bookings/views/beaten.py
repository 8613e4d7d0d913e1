"""What whoever asked can do once others have got the time of their request: another time of it, or a similar place."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.availability.alternatives import alternatives
from app.availability.asking import Slot, slot_params
from app.availability.feedback import NEXT_DOOR_KM, similar
from app.availability.queries import get_terms, terms_of
from app.availability.rules import Terms
from app.availability.shown import get_shown, shown_by_id
from app.bookings.models import Booking
from app.bookings.service.holding import wish_of
from app.core.policy import Actor
from app.web.format import distance, span_words

Way = dict[str, Any]


def ways_out(booking: Booking, actor: Actor) -> list[Way]:
    """List, by title, what is free instead; each leads to the form that asks for it."""
    terms = get_terms(booking.resource_id, wish_of(booking).asker)
    groups = (
        (_("Same place, another time"), _other_times(booking, terms)),
        (_("Same time, a similar place"), _similar(booking, terms, actor)),
    )
    return [{"title": title, "items": items} for title, items in groups if items]


def _other_times(booking: Booking, terms: Terms) -> list[Way]:
    slots = [
        Slot(offer.span, offer.qty)
        for offer in alternatives(wish_of(booking))
        if offer.qty == booking.quantity
    ]
    return [
        {
            "label": span_words(slot.span, terms.timezone),
            "href": _at("bookings.change", slot, terms, ref=booking.ref),
        }
        for slot in slots
    ]


def _similar(booking: Booking, terms: Terms, actor: Actor) -> list[Way]:
    hits = similar(get_shown(booking.resource.slug), booking.span, booking.quantity, terms, actor)
    ids = [hit.resource_id for hit in hits]
    places, theirs = shown_by_id(ids), terms_of(ids, terms.asker) if ids else {}
    ways = []
    for hit in hits:
        place = places[hit.resource_id]
        slot = Slot(booking.span, booking.quantity)
        near = hit.km is None or hit.km < NEXT_DOOR_KM
        where = place.site_name if near else f"{place.site_name}, {distance(hit.km or 0)}"
        href = _at("bookings.ask", slot, theirs[place.id], slug=place.slug, refaire=booking.ref)
        ways.append({"label": place.name, "detail": where, "href": href, "icon": "pin"})
    return ways


def _at(endpoint: str, slot: Slot, terms: Terms, **of: str) -> str:
    """Write the address of a form with a slot filled in."""
    given: dict[str, Any] = of | slot_params(slot, terms)
    return url_for(endpoint, **given)
