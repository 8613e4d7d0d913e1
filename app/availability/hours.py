"""Opening hours of a resource as spans of UTC seconds, for checks and calendars (pure; cached per expression)."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import cast

from app.availability.errors import Refusal
from app.availability.opening import (
    HolidayCalendar,
    OpeningHours,
    SchoolZone,
    french_calendar,
    open_intervals,
)
from app.availability.rules import DAY_MINUTES, Terms
from app.core.span import Span

LOOK_AHEAD_DAYS = 120


@lru_cache(maxsize=16)
def calendar_of(school_zone: str | None) -> HolidayCalendar:
    """Give the holidays of a school zone (A, B, C), or public holidays only."""
    return french_calendar(cast("SchoolZone | None", school_zone))


def opened(terms: Terms, start: int, end: int) -> list[tuple[int, int]]:
    """List the spans of [start, end) in which a booking may lie.

    Where hours bind only the two ends of a stay, or nothing, that is the whole of it.
    """
    if terms.opening_mode != "continuous":
        return [(start, end)]
    return hours_between(terms, start, end)


def hours_between(terms: Terms, start: int, end: int) -> list[tuple[int, int]]:
    """List the opening hours themselves within [start, end)."""
    hours = OpeningHours.parse(terms.expression)
    return open_intervals(hours, calendar_of(terms.school_zone), terms.zone, start, end)


@lru_cache(maxsize=1024)
def widest_hours(expression: str) -> tuple[int, int]:
    """Tell the earliest opening and the latest closing of any rule, in minutes of the day."""
    ranges = [r for rule in OpeningHours.parse(expression).rules for r in rule.ranges]
    if not ranges or any(end > DAY_MINUTES for _start, end in ranges):
        return 0, DAY_MINUTES
    return min(start for start, _end in ranges), max(end for _start, end in ranges)


def may_last_over_midnight(terms: Terms) -> bool:
    """Tell whether a booking by the hour may end on another day than it began."""
    return terms.opening_mode != "continuous" or widest_hours(terms.expression) == (0, DAY_MINUTES)


def refuse_hours(terms: Terms, span: Span) -> Refusal | None:
    """Check a wish against the opening hours; a refusal tells the day's hours, the holiday, and when it opens next."""
    start, end = span.epochs
    if terms.opening_mode == "always" or _fits(terms, start, end):
        return None
    return Refusal("outside_hours", _hours_facts(terms, span))


def falls_outside(before: Terms, after: Terms, span: Span, now: datetime) -> bool:
    """Tell whether other hours leave out what lay within them before, as far as it still lies ahead of `now`."""
    return _is_within(before, span, now) and not _is_within(after, span, now)


def _is_within(terms: Terms, span: Span, now: datetime) -> bool:
    return terms.opening_mode == "always" or _fits(terms, *span.epochs, since=int(now.timestamp()))


def _fits(terms: Terms, start: int, end: int, since: int = 0) -> bool:
    """Hold a stay against the hours; what lies before `since` has been, and no hours bind it any more."""
    margin = DAY_MINUTES * 60
    open_spans = hours_between(terms, start - margin, end + margin)
    if terms.opening_mode == "continuous":
        return any(s <= max(start, since) and end <= e for s, e in open_spans)
    if terms.by_day:  # brought and fetched at some time of the first and of the last day
        return all(
            any(s < day_end and e > day_start for s, e in open_spans)
            for day_start, day_end in _ends(terms, start, end)
            if day_end > since
        )
    is_brought = start < since or any(s <= start < e for s, e in open_spans)
    return is_brought and any(s < end <= e for s, e in open_spans)


def _ends(terms: Terms, start: int, end: int) -> list[tuple[int, int]]:
    return [day_bounds(terms, datetime.fromtimestamp(at, terms.zone).date()) for at in (start, end - 1)]


def day_bounds(terms: Terms, day: date) -> tuple[int, int]:
    """Give the first and the last instant of a civil day at the place."""
    walls = [datetime(d.year, d.month, d.day, tzinfo=terms.zone) for d in (day, day + timedelta(days=1))]
    return int(walls[0].timestamp()), int(walls[1].timestamp())


def _hours_facts(terms: Terms, span: Span) -> dict[str, object]:
    hours, calendar = OpeningHours.parse(terms.expression), calendar_of(terms.school_zone)
    day = _first_day_outside(terms, span)
    ranges = hours.day(day, calendar)
    return {
        "day": day,
        "ranges": [list(r) for r in ranges],
        "holiday": calendar.name(day) if calendar.is_public_holiday(day) else None,
        "term": not ranges and "SH" in terms.expression and not calendar.is_school_holiday(day),
        "next_open": next_open(terms, span.epochs[0]),
    }


def _first_day_outside(terms: Terms, span: Span) -> date:
    start, end = span.epochs
    first = datetime.fromtimestamp(start, terms.zone).date()
    last = datetime.fromtimestamp(end - 1, terms.zone).date()
    open_spans = hours_between(terms, start - 86_400, end + 86_400)
    for number in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(number)
        day_start, day_end = day_bounds(terms, day)
        if not any(s <= max(day_start, start) and min(day_end, end) <= e for s, e in open_spans):
            return day
    return first


def next_open(terms: Terms, after: int) -> datetime | None:
    """Find the next opening at or after an instant, within four months."""
    found = hours_between(terms, after, after + LOOK_AHEAD_DAYS * 86_400)
    return datetime.fromtimestamp(found[0][0], UTC) if found else None


def closed_gaps(terms: Terms, start: int, end: int) -> list[tuple[int, int]]:
    """List what lies between the opening hours within [start, end), for calendars."""
    edges = [(start, start), *hours_between(terms, start, end), (end, end)]
    return [(a[1], b[0]) for a, b in pairwise(edges) if b[0] > a[1]]
