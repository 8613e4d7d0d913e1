"""What could be asked for instead of an element that cannot be had: similar places, other times of the same."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.availability.alternatives import Alternative, alternatives
from app.availability.askers import Asker
from app.availability.asking import Slot, read_slot, slot_params
from app.availability.feedback import NEXT_DOOR_KM, similar
from app.availability.queries import Wish, get_terms, terms_of
from app.availability.rules import Terms
from app.availability.shown import Shown, get_shown, shown_by_id
from app.bookings.legs import legs_in_order
from app.bookings.licence import tick_for, years_of
from app.bookings.models import Booking
from app.bookings.order import Step, fits
from app.bookings.views.draft import Part, fields_at
from app.core.policy import Actor
from app.core.span import Span
from app.web.format import distance, span_words

Choice = dict[str, Any]
InOrder = Callable[[Span, Terms], bool]
_LATER = (
    0,
    3,
    7,
)  # days: where the times around do not come after what a leg follows, later ones are looked at


def instead_of(leg: Booking, actor: Actor) -> list[dict[str, Any]]:
    """List, by title, what can be had instead; each choice is the value of a button."""
    shown, terms = (
        get_shown(leg.resource.slug),
        get_terms(leg.resource_id, Asker.on_behalf_of(leg.organisation)),
    )
    in_place = _in_order(leg)
    groups = [
        (_("Same time, a similar place"), _similar(leg, shown, actor, in_place)),
        (_("Same place, another time"), _other_times(leg, shown, in_place)),
    ]
    if terms.status not in ("active", "to_check"):
        groups = groups[:1]
    return [{"title": title, "choices": choices} for title, choices in groups if choices]


def tick_of(groups: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Give the tick that confirms enough of the driver for any of the choices; None where none needs it."""
    return tick_for(max((each["licence"] for group in groups for each in group["choices"]), default=0))


def _in_order(leg: Booking) -> InOrder:
    """Give what tells whether a time (at terms) keeps a leg in the order of its bundle; all do where it has none."""
    bundle = leg.bundle
    if bundle is None or not bundle.in_order or leg.leg_number is None:
        return lambda _span, _terms: True
    number, name, others = leg.leg_number, leg.resource.name, legs_in_order(bundle.id)

    def keeps(span: Span, terms: Terms) -> bool:
        own = Step(number, name, span, terms.by_day, terms.zone)
        return fits(own, others, bundle.handover_at)

    return keeps


def _similar(leg: Booking, shown: Shown, actor: Actor, in_place: InOrder) -> list[Choice]:
    hits = similar(
        shown, leg.span, leg.quantity, get_terms(shown.id, Asker.on_behalf_of(leg.organisation)), actor
    )
    ids = [hit.resource_id for hit in hits]
    found, terms = shown_by_id(ids), terms_of(ids, Asker.on_behalf_of(leg.organisation))
    choices = []
    for hit in hits:
        other = found[hit.resource_id]
        part = Part.of(other.slug, fields_at(leg.span, leg.quantity, terms[other.id]))
        slot = read_slot(part.typed, terms[other.id]).slot
        if slot is not None and not in_place(slot.span, terms[other.id]):
            continue
        years, where = years_of(other), _where(other, hit.km)
        detail = _licensed(where, years) if years else where
        choices.append(
            {"value": part.value, "label": other.name, "detail": detail, "icon": "pin", "licence": years}
        )
    return choices


def _licensed(where: str, years: int) -> str:
    return _n(
        "%(where)s; driver with a licence for at least %(num)s year",
        "%(where)s; driver with a licence for at least %(num)s years",
        years,
        where=where,
    )


def _where(other: Shown, km: float | None) -> str:
    if km is None or km < NEXT_DOOR_KM:
        return other.site_name
    return _("%(site)s, %(km)s away", site=other.site_name, km=distance(km))


def _other_times(leg: Booking, shown: Shown, in_place: InOrder) -> list[Choice]:
    terms = get_terms(shown.id, Asker.on_behalf_of(leg.organisation))
    choices = []
    for offer in _offers_in_order(leg, terms, in_place):
        if (offer.span, offer.qty) == (leg.span, leg.quantity):
            continue  # what was refused is free again, and would be refused again
        part = Part.of(shown.slug, slot_params(Slot(offer.span, offer.qty), terms))
        when = span_words(offer.span, terms.timezone)
        choices.append(
            {"value": part.value, "label": when, "detail": "", "icon": "clock", "licence": years_of(shown)}
        )
    return choices


def _offers_in_order(leg: Booking, terms: Terms, in_place: InOrder) -> list[Alternative]:
    """List other times that keep the order: the closest, or later ones where none of these does."""
    asker = Asker.on_behalf_of(leg.organisation)
    for days in _LATER:
        if span := leg.span.days_later(days, terms.zone):
            found = alternatives(Wish(terms.resource_id, span, leg.quantity, asker))
            if kept := [offer for offer in found if in_place(offer.span, terms)]:
                return kept
    return []
