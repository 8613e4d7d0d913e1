"""When a place is open: the evaluator of opening-hours rules, on local civil days."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from app.availability.opening.holidays import HolidayCalendar
from app.availability.opening.model import Rule
from app.availability.opening.parse import parse_rules
from app.availability.opening.ranges import DAY, Ranges, merge

# Five years of one schedule; a cache that grows past it starts again.
_CACHED_DAYS: Final = 2000
_CACHED_CALENDARS: Final = 16
_ONE_DAY: Final = timedelta(days=1)

_DayCache = dict[date, Ranges]


@dataclass(frozen=True)
class OpeningHours:
    """When a site or a resource may be used, as rules on local days; `str()` gives canonical OSM text.

    A later rule replaces what earlier rules said about the same civil day, the end of a night begun the day
    before included; a rule joined with a comma adds to the day. Days are local and naive: zones are applied by
    `open_intervals`.
    """

    rules: tuple[Rule, ...]
    _days: dict[HolidayCalendar, _DayCache] = field(
        default_factory=dict, compare=False, repr=False, hash=False
    )

    @classmethod
    def parse(cls, text: str) -> "OpeningHours":
        """Read an opening-hours text; equal texts give the same object. Raises BadOpeningHours."""
        return _parsed(text)

    def __str__(self) -> str:
        text = ""
        for rule in self.rules:
            joint = ", " if rule.additional else "; "
            text = f"{text}{joint}{rule}" if text else str(rule)
        return text

    @property
    def uses_public_holidays(self) -> bool:
        return any(rule.within == "PH" or "PH" in rule.holidays for rule in self.rules)

    @property
    def uses_school_holidays(self) -> bool:
        """True when the hours depend on a school calendar, whose future years may be provisional."""
        return any(rule.within == "SH" or "SH" in rule.holidays for rule in self.rules)

    def day(self, day: date, calendar: HolidayCalendar) -> Ranges:
        """Open minutes of one civil day as merged, sorted `(start, end)` in 0..1440; empty when closed."""
        cache = self._days.get(calendar)
        if cache is None:
            cache = self._new_cache(calendar)
        ranges = cache.get(day)
        if ranges is None:
            if len(cache) >= _CACHED_DAYS:
                cache.clear()
            ranges = cache[day] = _evaluate(self.rules, day, calendar)
        return ranges

    def days(self, first: date, last: date, calendar: HolidayCalendar) -> list[tuple[date, Ranges]]:
        """Each civil day from `first` to `last`, both included, with its open minutes."""
        wanted = [date.fromordinal(ordinal) for ordinal in range(first.toordinal(), last.toordinal() + 1)]
        return [(day, self.day(day, calendar)) for day in wanted]

    def is_open(self, local: datetime, calendar: HolidayCalendar) -> bool:
        """Whether a local wall time (naive) is within opening hours; the closing minute is not."""
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.day(local.date(), calendar))

    def covers(self, start: datetime, end: datetime, calendar: HolidayCalendar) -> bool:
        """Whether the whole local span `start`..`end` (naive) is open without a break."""
        return start < end and self.open_until(start, end, calendar) >= end

    def open_until(self, start: datetime, limit: datetime, calendar: HolidayCalendar) -> datetime:
        """The local time at which the opening running at `start` ends, at most `limit`; `start` if it is closed."""
        reached = start
        while reached < limit:
            midnight = datetime.combine(reached.date(), datetime.min.time())
            closing = _closing(
                self.day(reached.date(), calendar), (reached - midnight) / timedelta(minutes=1)
            )
            if closing is None:
                return reached
            reached = midnight + timedelta(minutes=closing)
            if closing < DAY:
                break
        return min(reached, limit)

    def _new_cache(self, calendar: HolidayCalendar) -> _DayCache:
        if len(self._days) >= _CACHED_CALENDARS:
            self._days.clear()
        return self._days.setdefault(calendar, {})


@lru_cache(maxsize=4096)
def _parsed(text: str) -> OpeningHours:
    return OpeningHours(parse_rules(text))


def _closing(ranges: Ranges, minute: float) -> int | None:
    return next((end for start, end in ranges if start <= minute < end), None)


def _evaluate(rules: tuple[Rule, ...], day: date, calendar: HolidayCalendar) -> Ranges:
    before = day - _ONE_DAY
    found: list[tuple[int, int]] = []
    for rule in rules:
        if rule.applies(day, calendar):
            if not rule.additional:
                found.clear()
            found += rule.today
        if rule.tomorrow and rule.applies(before, calendar):
            found += rule.tomorrow
    return merge(found)
