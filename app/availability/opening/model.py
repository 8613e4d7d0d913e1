"""The parts of an opening-hours text: dates, days, hours. Pure values that print themselves as canonical OSM."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal, Protocol

from app.availability.opening.ranges import DAY, Ranges, ranges_text

WEEKDAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH_LENGTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
EVERY_DAY: Final = frozenset(range(7))

Holiday = Literal["PH", "SH"]


class Calendar(Protocol):
    """What a rule asks about a day."""

    def is_public_holiday(self, day: date) -> bool: ...

    def is_school_holiday(self, day: date) -> bool: ...


@dataclass(frozen=True, slots=True)
class DateSpan:
    """Days of the year a rule is about: `(month, day)` to `(month, day)`, both included.

    Without years it comes back every year and may pass New Year; with years it happens once.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    first_year: int | None = None
    last_year: int | None = None

    def holds(self, day: date) -> bool:
        if self.first_year is not None and self.last_year is not None:
            return (
                (self.first_year, *self.first)
                <= (day.year, day.month, day.day)
                <= (self.last_year, *self.last)
            )
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last

    @classmethod
    def of_dates(cls, first: date, last: date) -> "DateSpan":
        return cls((first.month, first.day), (last.month, last.day), first.year, last.year)

    def __str__(self) -> str:
        if self.first_year is None and self._is_whole_months():
            return _joined(MONTHS[self.first[0] - 1], MONTHS[self.last[0] - 1])
        first, last = _date_text(self.first_year, self.first), _date_text(self.last_year, self.last)
        if first != last and (self.first_year, self.first[0]) == (self.last_year, self.last[0]):
            last = str(self.last[1]) if self.first <= self.last else last
        return _joined(first, last)

    def _is_whole_months(self) -> bool:
        return self.first[1] == 1 and self.last[1] == MONTH_LENGTHS[self.last[0] - 1]


def _joined(first: str, last: str) -> str:
    return first if first == last else f"{first}-{last}"


def _date_text(year: int | None, month_day: tuple[int, int]) -> str:
    text = f"{MONTHS[month_day[0] - 1]} {month_day[1]}"
    return text if year is None else f"{year} {text}"


@dataclass(frozen=True)
class Rule:
    """One rule: which days (`dates` AND days), which hours; no hours means closed.

    Days are `weekdays` OR any of `holidays`; with `within`, they are `weekdays` inside that kind of holiday.
    `ranges` may end after 1440, on the next civil day. `additional` rules add to the day instead of replacing it.
    """

    ranges: Ranges
    weekdays: frozenset[int] = EVERY_DAY
    dates: tuple[DateSpan, ...] = ()
    holidays: frozenset[Holiday] = frozenset()
    within: Holiday | None = None
    additional: bool = False

    def applies(self, day: date, calendar: Calendar) -> bool:
        if self.dates and not any(span.holds(day) for span in self.dates):
            return False
        if self.within is not None:
            return day.weekday() in self.weekdays and _is_holiday(self.within, day, calendar)
        return day.weekday() in self.weekdays or any(
            _is_holiday(kind, day, calendar) for kind in self.holidays
        )

    @cached_property
    def today(self) -> Ranges:
        """The part of the hours on the day itself."""
        return tuple((start, min(end, DAY)) for start, end in self.ranges if start < DAY)

    @cached_property
    def tomorrow(self) -> Ranges:
        """The part of the hours after midnight, in minutes of the next civil day."""
        return tuple((max(start - DAY, 0), end - DAY) for start, end in self.ranges if end > DAY)

    @property
    def is_off(self) -> bool:
        return not self.ranges

    def __str__(self) -> str:
        if self == ALWAYS:
            return "24/7"
        days = self._days_text()
        parts = (",".join(map(str, self.dates)), days, ranges_text(self.ranges) or "off")
        return " ".join(part for part in parts if part)

    def _days_text(self) -> str:
        weekdays = weekdays_text(self.weekdays)
        if self.within is not None:
            return f"{self.within} {weekdays}"
        if self.weekdays == EVERY_DAY and (self.dates or self.is_off):
            return ""
        return ",".join([*filter(None, [weekdays]), *sorted(self.holidays)])


ALWAYS: Final = Rule(ranges=((0, DAY),))


def _is_holiday(kind: Holiday, day: date, calendar: Calendar) -> bool:
    return calendar.is_public_holiday(day) if kind == "PH" else calendar.is_school_holiday(day)


def weekdays_text(weekdays: frozenset[int]) -> str:
    """Weekdays in as few ranges as possible; a range may pass Sunday (`Fr-Mo`)."""
    if weekdays == EVERY_DAY:
        return "Mo-Su"
    # Starting after a day that is not in the set keeps a run over Sunday in one piece.
    gap = next((day for day in range(7) if day not in weekdays), 0)
    inside = [day % 7 for day in range(gap + 1, gap + 8) if day % 7 in weekdays]
    return ",".join(_joined(WEEKDAYS[run[0]], WEEKDAYS[run[-1]]) for run in sorted(_runs(inside)))


def _runs(days: list[int]) -> list[list[int]]:
    runs = [days[:1]] if days else []
    for before, after in pairwise(days):
        if after == (before + 1) % 7:
            runs[-1].append(after)
        else:
            runs.append([after])
    return runs
