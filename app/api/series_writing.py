"""Series as the API answers them: the rule, the bookings, and every date with what stands against it."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from app.accounts.words import person_name
from app.api import writing
from app.api.instants import write_instant
from app.api.repeating import WEEKDAYS
from app.api.writing import Json
from app.availability.near import units_of
from app.availability.queries import terms_of
from app.availability.rules import Terms
from app.availability.shown import Shown, shown_by_id
from app.availability.words import refusal_sentence
from app.bookings.models import Booking, Series
from app.bookings.previews import Date
from app.bookings.service.series import rule_of
from app.core.policy import Actor
from app.core.recurrence import Rule
from app.core.span import Span


class Dates:
    """The dates of a series at a place, to be written; other places are read once for all of them."""

    def __init__(self, shown: Shown, terms: Terms, quantity: int, dates: Sequence[Date]) -> None:
        self.shown, self.terms, self.quantity, self.dates = shown, terms, quantity, dates
        away = {each.each.resource_id for each in dates if each.each.resource_id}
        self.places = shown_by_id(
            {shown.id, *away, *(hit.resource_id for each in dates for hit in each.near)}
        )
        self.own_terms: Mapping[int, Terms] = {shown.id: terms} | (
            terms_of(away, terms.asker) if away else {}
        )

    def write(self) -> list[Json]:
        """Write every date, in order."""
        return [self._date(each) for each in self.dates]

    def _date(self, found: Date) -> Json:
        place = self.places[found.each.resource_id or self.shown.id]
        span, zone = found.each.span, ZoneInfo(place.timezone)
        state = "left_out" if found.is_left_out else "free" if found.each.is_free else "refused"
        return {
            "day": found.each.day.isoformat(),
            "state": state,
            "resource": writing.name_of(place),
            **(writing.window(span, zone) if span else {"start": None, "end": None}),
            "refusals": self._refusals(found, place),
            "alternatives": self._alternatives(found),
        }

    def _refusals(self, found: Date, place: Shown) -> list[Json]:
        terms = self.own_terms[place.id]
        return [
            {
                "code": refusal.code,
                "detail": refusal_sentence(refusal, terms, unit=place.unit, asked=self.quantity),
                "facts": writing.facts(refusal.facts, terms.zone),
            }
            for refusal in found.each.refusals
        ]

    def _alternatives(self, found: Date) -> list[Json]:
        plain = found.plain.span
        if plain is None:
            return []
        here = [
            {
                "kind": "other_day" if _is_other_day(plain, span, self.terms.zone) else "other_time",
                "resource": writing.name_of(self.shown),
                **writing.window(span, self.terms.zone),
                "quantity": self.quantity,
                "free": None,
                "km": None,
            }
            for span in found.instead
        ]
        near = [
            writing.similar(h, place, plain, units_of(place.capacity, self.quantity))
            for h in found.near
            for place in [self.places[h.resource_id]]
        ]
        return [*here, *near]


def _is_other_day(asked: Span, offered: Span, zone: ZoneInfo) -> bool:
    """Tell whether an offer is the same hours of another day."""
    return [each.time() for each in asked.walls(zone)] == [each.time() for each in offered.walls(zone)]


def write_rule(rule: Rule) -> Json:
    """Write a rule as it is asked for."""
    return {
        "frequency": rule.frequency.value,
        "first": rule.first.isoformat(),
        "interval": rule.interval,
        "days": [WEEKDAYS[day] for day in rule.weekdays],
        "until": rule.until.isoformat() if rule.until else None,
        "count": rule.times,
        "except_school_holidays": rule.but_holidays,
    }


def write_series(
    series: Series, bookings: Sequence[Booking], left_out: Sequence[Json] | None, actor: Actor
) -> Json:
    """Write a series with the bookings the caller may read, and what was left out where it has just been asked for."""
    place, organisation = series.resource, series.organisation
    return {
        "ref": series.ref,
        "state": series.state,
        "rule": write_rule(rule_of(series)),
        "hours": {"start": _clock(series.start_minute), "end": _clock(series.end_minute)},
        "resource": {"id": place.public_id, "slug": place.slug, "name": place.name, "kind": place.kind},
        "organisation": {"id": organisation.public_id, "slug": organisation.slug, "name": organisation.name},
        "requester": {"name": person_name(series.requester.name)},
        "quantity": series.quantity,
        "purpose": series.purpose,
        "people": series.people,
        "created_at": write_instant(series.created_at, ZoneInfo(series.timezone)),
        "bookings": [writing.booking(each, actor) for each in bookings],
        "left_out": left_out,
        "url": writing.absolute(f"/series/{series.ref}"),
    }


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
