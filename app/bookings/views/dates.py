"""One date of a series as a line to choose from: its time, another one, the same time at another place, or none."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.availability.feedback import NEXT_DOOR_KM
from app.availability.queries import terms_of
from app.availability.shown import Shown, shown_by_id
from app.availability.words import refusal_sentence
from app.bookings.previews import Date
from app.bookings.views.choices import LEAVE_OUT, At, Choice, choice_value, name_of
from app.bookings.views.desk import Desk
from app.bookings.words import when_words
from app.core.span import Span
from app.web.format import distance


class Lines:
    """The dates of a series in words; other places are read once for all of them."""

    def __init__(
        self,
        desk: Desk,
        quantity: int,
        chosen: Mapping[date, Choice],
        opened: Sequence[date],
        dates: Sequence[Date],
    ) -> None:
        self.desk, self.quantity, self.chosen, self.opened = desk, quantity, chosen, opened
        taken = {each.each.resource_id for each in dates if each.each.resource_id}
        self.places = shown_by_id({*taken, *(hit.resource_id for each in dates for hit in each.near)})
        self.terms = {desk.resource.id: desk.terms}
        self.terms |= terms_of(taken, desk.terms.asker) if taken else {}

    def line(self, found: Date) -> dict[str, Any]:
        """Write a date, what stands against it as it is chosen, and all that can become of it."""
        each, zone = found.each, self.desk.terms.timezone
        chosen = self.chosen.get(each.day)
        if isinstance(chosen, At) and each.resource_id is None:
            chosen = None  # a place that is none of those to choose from
        return {
            "name": name_of(each.day),
            "when": when_words(each.span, zone) if each.span else each.day.isoformat(),
            "place": self._place_name(each.resource_id),
            "free": each.is_free and not found.is_left_out,
            "left_out": found.is_left_out,
            "why": self._against(found),
            "options": self._options(found, chosen),
            "day": each.day.isoformat(),
            "may_open": found.plain.span is not None and not found.has_ways,
            "is_opened": each.day in self.opened,
            "no_ways": found.has_ways and not (found.instead or found.near),
            "value": LEAVE_OUT if found.is_left_out else choice_value(chosen) if chosen else "",
        }

    def _options(self, found: Date, chosen: Span | At | None) -> list[tuple[str, str]]:
        plain, zone = found.plain, self.desk.terms.timezone
        options = {"": _("Take this date")} if plain.is_free else {"": _("To choose…")}
        if chosen is not None:
            options = {choice_value(chosen): self._choice_words(chosen)}
            if plain.is_free and plain.span:
                options[""] = when_words(plain.span, zone)
        for other in found.instead:
            options.setdefault(choice_value(other), when_words(other, zone))
        for hit in found.near:
            place = self.places[hit.resource_id]
            if plain.span:
                options.setdefault(choice_value(At(place.slug, plain.span)), _elsewhere(place, hit.km))
        return [*options.items(), (LEAVE_OUT, _("Leave it out"))]

    def _choice_words(self, chosen: Span | At) -> str:
        if isinstance(chosen, Span):
            return when_words(chosen, self.desk.terms.timezone)
        return _elsewhere(next(each for each in self.places.values() if each.slug == chosen.slug), None)

    def _place_name(self, resource_id: int | None) -> str:
        place = self.places.get(resource_id or 0)
        return _("%(resource)s, %(site)s", resource=place.name, site=place.site_name) if place else ""

    def _against(self, found: Date) -> list[str]:
        place = self.places.get(found.each.resource_id or 0)
        terms = self.terms[place.id] if place else self.desk.terms
        unit = place.unit if place else self.desk.resource.unit
        return [refusal_sentence(r, terms, unit=unit, asked=self.quantity) for r in found.each.refusals]


def _elsewhere(place: Shown, km: float | None) -> str:
    if km is None or km < NEXT_DOOR_KM:
        return _("Same time elsewhere: %(resource)s, %(site)s", resource=place.name, site=place.site_name)
    away = distance(km)
    return _(
        "Same time elsewhere: %(resource)s, %(site)s, %(km)s away",
        resource=place.name,
        site=place.site_name,
        km=away,
    )
