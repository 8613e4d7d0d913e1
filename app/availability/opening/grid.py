"""Opening hours as people edit them: a week of seven rows, two switches for holidays, and dated exceptions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from app.availability.opening.hours import OpeningHours
from app.availability.opening.model import EVERY_DAY, DateSpan, Rule
from app.availability.opening.ranges import DAY, Ranges, merge

# Yearly exceptions carry dates of this leap year, so that 29 February has one.
YEARLY: Final = 2000
_CLOSED_ON_PUBLIC_HOLIDAYS: Final = Rule(ranges=(), weekdays=frozenset(), holidays=frozenset({"PH"}))


@dataclass(frozen=True, slots=True)
class GridException:
    """Days with hours of their own, `first` to `last` included; no ranges means closed.

    `every_year`: the year of both dates does not count, and the span may pass New Year (`first` after `last`).
    """

    first: date
    last: date
    ranges: Ranges = ()
    every_year: bool = False


@dataclass(frozen=True, slots=True)
class WeekGrid:
    """A week as a form shows it. `days`: for Monday to Sunday, ranges of minutes (an end may pass 1440, into the
    next morning); `school_days`: weekdays (0-6) whose hours hold in school holidays only (EVERY_DAY for all).
    """

    days: tuple[Ranges, ...]
    public_holidays: Literal["open", "closed"] = "closed"
    school_days: frozenset[int] = frozenset()
    exceptions: tuple[GridException, ...] = ()

    @property
    def school_only(self) -> bool:
        """True when every open day of the week is open in school holidays only."""
        return bool(self.school_days) and all(
            day in self.school_days or not self.days[day] for day in range(7)
        )


def hours_from_grid(grid: WeekGrid) -> OpeningHours:
    """The opening hours a grid describes; `str()` of them is what is stored."""
    rules = _weekly_rules(grid)
    if grid.public_holidays == "closed" and not all(rule.is_off for rule in rules):
        rules.append(_CLOSED_ON_PUBLIC_HOLIDAYS)
    rules += [_exception_rule(exception) for exception in grid.exceptions]
    return OpeningHours.parse(str(OpeningHours(tuple(rules))))


def grid_from_hours(hours: OpeningHours) -> WeekGrid | None:
    """The grid that says exactly what these hours say; None when they do not fit in one (edit them as text)."""
    reader = _GridReader()
    if all(reader.accept(rule) for rule in hours.rules):
        return reader.grid()
    return None


def _weekly_rules(grid: WeekGrid) -> list[Rule]:
    rows: dict[tuple[Ranges, bool], set[int]] = {}
    for weekday, ranges in enumerate(grid.days):
        if ranges:
            rows.setdefault((merge(ranges), weekday in grid.school_days), set()).add(weekday)
    rules: list[Rule] = []
    for (ranges, school), weekdays in rows.items():
        # A rule of its own would cut the end of the night before: rows of a grid never do that.
        additional = any(rule.tomorrow for rule in rules)
        rules.append(_weekly_rule(ranges, frozenset(weekdays), school=school, additional=additional))
    return rules or [Rule(ranges=())]


def _weekly_rule(ranges: Ranges, weekdays: frozenset[int], *, school: bool, additional: bool) -> Rule:
    if not school:
        return Rule(ranges, weekdays, additional=additional)
    if weekdays == EVERY_DAY:
        return Rule(ranges, frozenset(), holidays=frozenset({"SH"}), additional=additional)
    return Rule(ranges, weekdays, within="SH", additional=additional)


def _exception_rule(exception: GridException) -> Rule:
    first, last = exception.first, exception.last
    if not exception.every_year:
        return Rule(merge(exception.ranges), dates=(DateSpan.of_dates(first, last),))
    return Rule(merge(exception.ranges), dates=(DateSpan((first.month, first.day), (last.month, last.day)),))


class _GridReader:
    """Takes rules one by one and builds the grid, refusing the first that a grid cannot say."""

    def __init__(self) -> None:
        self.days: list[Ranges] = [()] * 7
        self.school: set[int] = set()
        self.closed_holidays = False
        self.exceptions: list[GridException] = []

    def accept(self, rule: Rule) -> bool:
        if rule.dates:
            return self._dated(rule)
        if rule.holidays and rule.is_off:
            return self._off_on_holidays(rule)
        return self._weekly(rule)

    def grid(self) -> WeekGrid:
        public: Literal["open", "closed"] = "closed" if self.closed_holidays or not any(self.days) else "open"
        school = frozenset(day for day in self.school if self.days[day])
        return WeekGrid(tuple(self.days), public, school, tuple(self.exceptions))

    def _dated(self, rule: Rule) -> bool:
        if rule.weekdays != EVERY_DAY or rule.within or rule.additional:
            return False
        self.exceptions += [_exception(span, rule.ranges) for span in rule.dates]
        return True

    def _off_on_holidays(self, rule: Rule) -> bool:
        if rule.holidays != {"PH"} or any(exception.ranges for exception in self.exceptions):
            return False
        self.closed_holidays = True
        return not rule.weekdays or self._weekly(Rule((), rule.weekdays))

    def _weekly(self, rule: Rule) -> bool:
        school = _is_school_rule(rule)
        weekdays = EVERY_DAY if rule.holidays == {"SH"} and not rule.weekdays else rule.weekdays
        plain = not rule.holidays and rule.within is None
        if not (school or plain) or self.exceptions or (self.closed_holidays and not rule.is_off):
            return False
        if not rule.additional and self._cuts_a_night(weekdays):
            return False
        return all(self._sets_day(day, rule, school=school) for day in sorted(weekdays))

    def _sets_day(self, day: int, rule: Rule, *, school: bool) -> bool:
        """A day has one kind of hours: all year or school holidays, not some of both."""
        mixed = bool(self.days[day]) and (school != (day in self.school))
        if mixed and (school or rule.additional):
            return False
        self.days[day] = merge([*self.days[day], *rule.ranges]) if rule.additional else rule.ranges
        self.school = self.school | {day} if school else self.school - {day}
        return True

    def _cuts_a_night(self, weekdays: Iterable[int]) -> bool:
        """Replacing a day changes one half only of a night that an earlier rule began on it or the day before."""
        touched = {near % 7 for day in weekdays for near in (day - 1, day)}
        return any(end > DAY for day in touched for _start, end in self.days[day])


def _is_school_rule(rule: Rule) -> bool:
    return rule.within == "SH" or (rule.holidays == {"SH"} and not rule.weekdays)


def _exception(span: DateSpan, ranges: Ranges) -> GridException:
    first_year, last_year = span.first_year or YEARLY, span.last_year or YEARLY
    return GridException(
        date(first_year, *span.first),
        date(last_year, *span.last),
        ranges,
        every_year=span.first_year is None,
    )
