"""One date of a series as a line to choose from: its time, another one, another place, fewer, or none."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.availability.feedback import NEXT_DOOR_KM
from app.availability.near import stand_ins
from app.availability.queries import terms_of
from app.availability.shown import Shown, shown_by_id
from app.availability.words import refusal_sentence
from app.bookings.occurrences import Fewer
from app.bookings.previews import Date
from app.bookings.views.choices import LEAVE_OUT, At, Choice, choice_value, name_of, name_of_seen
from app.bookings.views.desk import Desk
from app.bookings.views.freely import Freely
from app.bookings.views.slots import legal_times
from app.bookings.words import when_words
from app.catalogue.kinds.words import amount
from app.core.span import Span
from app.web.format import distance, span_words
from app.web.identity import current_actor

MOST_TO_CHOOSE = 6  # places to choose from freely, the nearest
Options = dict[str, str]  # by the value of the field, in words


class Lines:
    """The dates of a series in words; other places are read once for all of them."""

    def __init__(
        self,
        desk: Desk,
        quantity: int,
        chosen: Mapping[date, Choice],
        opened: Sequence[date],
        dates: Sequence[Date],
        wrong: Mapping[date, tuple[Freely, str]],
        lost: Mapping[date, Freely],
    ) -> None:
        self.desk, self.quantity, self.chosen, self.opened = desk, quantity, chosen, opened
        self.wrong, self.lost, self.times = wrong, lost, legal_times(desk.terms)
        taken = {each.each.resource_id for each in dates if each.each.resource_id}
        like = stand_ins(desk.shown, quantity, current_actor())[:MOST_TO_CHOOSE]
        self.kms = {hit.resource_id: hit.km for hit, _capacity in like}
        near = {hit.resource_id for each in dates for hit in each.near}
        self.places = shown_by_id({*taken, *near, *self.kms})
        self.terms = {desk.resource.id: desk.terms}
        self.terms |= terms_of(taken, desk.terms.asker) if taken else {}

    def to_choose(self) -> list[tuple[str, str]]:
        """List the places that may be chosen freely: that of the series, and the nearest like it."""
        known = [(self.places[number], km) for number, km in self.kms.items() if number in self.places]
        own = _("%(resource)s, %(site)s", resource=self.desk.resource.name, site=self.desk.shown.site_name)
        return [("", own), *((place.slug, self._place_words(place, km)) for place, km in known)]

    def line(self, found: Date) -> dict[str, Any]:
        """Write a date, what stands against it as it is chosen, and all that can become of it."""
        each, zone, chosen = found.each, self.desk.terms.timezone, self._chosen(found)
        typed, wrong = self._typed(found)
        return {
            "name": name_of(each.day),
            "when": when_words(each.span, zone) if each.span else each.day.isoformat(),
            "place": self._place_name(each.resource_id),
            "count": self._count(found),
            "free": each.is_free and not found.is_left_out,
            "left_out": found.is_left_out,
            "why": self._against(found),
            "groups": self._groups(found, chosen),
            "day": each.day.isoformat(),
            "may_open": found.plain.span is not None and not found.has_ways,
            "has_ways": found.has_ways,
            "is_opened": bool(wrong) or each.day in self.opened,
            "typed": typed,
            "starts": self._clock_choices(typed.de),
            "ends": self._clock_choices(typed.a),
            "wrong": wrong,
            "seen": (name_of_seen(each.day), choice_value(chosen)) if each.day in self.lost else None,
            "value": self._ticked(found, chosen),
        }

    def _typed(self, found: Date) -> tuple[Freely, list[str]]:
        """Give what was typed for a date and cannot be read or had, and why; it stays until something else is taken."""
        day = found.each.day
        if day in self.lost:
            return self.lost[day], self._against(found)
        typed, why = self.wrong.get(day, (Freely(), ""))
        return typed, [why] if why else []

    def _clock_choices(self, typed: str) -> list[tuple[str, str]]:
        """List the times of the place, and what was typed even where it is none of them."""
        missing = [(typed, typed)] if typed and typed not in dict(self.times) else []
        return [("", "–"), *self.times, *missing]

    def _chosen(self, found: Date) -> Choice:
        """Give what was chosen for a date; what is none of ours to choose counts for nothing."""
        chosen, each = self.chosen.get(found.each.day), found.each
        is_nowhere = isinstance(chosen, At) and each.resource_id is None
        is_no_less = isinstance(chosen, Fewer) and each.quantity is None
        return None if is_nowhere or is_no_less else chosen

    def _ticked(self, found: Date, chosen: Choice) -> str | None:
        """Give the value that is ticked; None where the date cannot be had and nothing else was chosen yet."""
        if found.is_left_out:
            return LEAVE_OUT
        if chosen:
            return choice_value(chosen)
        return "" if found.plain.is_free else None

    def _count(self, found: Date) -> str:
        """Say how many a date takes at the place of the series, where they are fewer than for the others."""
        quantity = found.each.quantity if found.each.resource_id is None else None
        return amount(self.desk.resource.unit, quantity) if quantity else ""

    def _groups(self, found: Date, chosen: Choice) -> list[dict[str, Any]]:
        """Sort what can become of a date under headings, each with what it offers, or that there is nothing."""
        as_it_is, times, places = (
            self._as_it_is(found, chosen),
            self._times(found, chosen),
            self._near(found, chosen),
        )
        groups: list[dict[str, Any]] = [{"title": "", "items": [*as_it_is.items()]}]
        if found.has_ways or times:
            nothing = _("No other time is free here near that day.")
            groups.append({"title": _("Another time, here"), "items": [*times.items()], "none": nothing})
        if found.has_ways or places:
            nothing = _("No similar place near is free at that time.")
            groups.append(
                {"title": _("Another place, same time"), "items": [*places.items()], "none": nothing}
            )
        if both := self._both(found, chosen):
            groups.append({"title": _("Another place, another time"), "items": [*both.items()]})
        return [*groups, {"title": "", "items": [(LEAVE_OUT, _("Leave it out"))]}]

    def _as_it_is(self, found: Date, chosen: Choice) -> Options:
        plain, options = found.plain, Options()
        if plain.is_free and plain.span:
            is_other = isinstance(chosen, Span | At)
            options[""] = (
                when_words(plain.span, self.desk.terms.timezone) if is_other else _("Take this date")
            )
        units = {chosen.quantity} if isinstance(chosen, Fewer) else set()
        for number in sorted(units | {found.fewer} - {0}):
            words = amount(self.desk.resource.unit, number)
            options[choice_value(Fewer(number))] = _n(
                "%(units)s is free: take %(units)s", "%(units)s are free: take %(units)s", number, units=words
            )
        return options

    def _times(self, found: Date, chosen: Choice) -> Options:
        zone = self.desk.terms.timezone
        times = [chosen] if isinstance(chosen, Span) else []
        return {choice_value(span): when_words(span, zone) for span in [*times, *found.instead]}

    def _near(self, found: Date, chosen: Choice) -> Options:
        options, plain = Options(), found.plain.span
        if isinstance(chosen, At) and chosen.span == plain:
            options[choice_value(chosen)] = self._at_words(chosen)
        for hit in found.near:
            place = self.places[hit.resource_id]
            if plain:
                options.setdefault(choice_value(At(place.slug, plain)), self._place_words(place, hit.km))
        return options

    def _at_words(self, chosen: At) -> str:
        place = next(each for each in self.places.values() if each.slug == chosen.slug)
        return self._place_words(place, self.kms.get(place.id))

    def _both(self, found: Date, chosen: Choice) -> Options:
        """Give what was typed freely where neither the time nor the place is that of the series."""
        if not isinstance(chosen, At) or chosen.span == found.plain.span:
            return Options()
        when = span_words(chosen.span, self.desk.terms.timezone)
        return {
            choice_value(chosen): _("%(place)s, %(when)s", place=self._at_words(chosen), when=when),
        }

    def _place_words(self, place: Shown, km: float | None) -> str:
        is_whole = place.capacity == 1 and self.quantity > 1
        name = _("%(resource)s as a whole", resource=place.name) if is_whole else place.name
        if km is None or km < NEXT_DOOR_KM:
            return _("%(resource)s, %(site)s", resource=name, site=place.site_name)
        away = distance(km)
        return _("%(resource)s, %(site)s, %(km)s away", resource=name, site=place.site_name, km=away)

    def _place_name(self, resource_id: int | None) -> str:
        place = self.places.get(resource_id or 0)
        return _("%(resource)s, %(site)s", resource=place.name, site=place.site_name) if place else ""

    def _against(self, found: Date) -> list[str]:
        place = self.places.get(found.each.resource_id or 0)
        terms = self.terms[place.id] if place else self.desk.terms
        unit = place.unit if place else self.desk.resource.unit
        asked = found.each.quantity or self.quantity
        return [refusal_sentence(r, terms, unit=unit, asked=asked) for r in found.each.refusals]
