"""When something recurs: a closed rule expanded into plain days at a place; what a holiday is, is told from outside."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import count as numbers
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.core.errors import Invalid
from app.core.span import NonexistentTime, Span

MOST_INTERVAL: Final = 52
MOST_TIMES: Final = 600  # a daily series of eighteen months has 549
MOST_YEARS: Final = 5
DAY_MINUTES: Final = 1440
NTHS: Final = (1, 2, 3, 4, -1)  # -1: the last of the month

IsHoliday = Callable[[date], bool]


class BadRule(Invalid):
    """A rule that cannot be: `reason` says which part (`field`) and `most` the limit where there is one."""

    code = "bad_rule"


class Frequency(StrEnum):
    """The shapes a rule can have; there are no others."""

    DAILY = "daily"
    WEEKLY = "weekly"  # on the days of `weekdays`
    MONTHLY_DATE = "monthly_date"  # on the day of the month of `first`; months without one are skipped
    MONTHLY_WEEKDAY = "monthly_weekday"  # on the `nth` of the weekday of `first`


@dataclass(frozen=True)
class Rule:
    """From `first` on, every `interval` days, weeks or months, until a day (included), so many times, or without end.

    `weekdays` count from Monday = 0. With `but_holidays`, days that are school holidays are left out, and do not
    count among the `times`.
    """

    frequency: Frequency
    first: date
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    nth: int = 0
    until: date | None = None
    times: int | None = None
    but_holidays: bool = False

    def __post_init__(self) -> None:
        _refuse(self.interval, 1, MOST_INTERVAL, "interval")
        if self.frequency is Frequency.WEEKLY:
            object.__setattr__(self, "weekdays", tuple(sorted(set(self.weekdays))))
            _refuse_unless(bool(self.weekdays), "weekdays")
            _refuse_unless(all(0 <= day <= 6 for day in self.weekdays), "weekdays")
        elif self.frequency is Frequency.MONTHLY_WEEKDAY:
            _refuse_unless(self.nth in NTHS, "nth")
        if self.times is not None:
            _refuse(self.times, 1, MOST_TIMES, "times")
        if self.until is not None:
            _refuse_unless(self.until >= self.first, "until_before_first")
        _refuse_unless(self.until is None or self.times is None, "two_ends")

    def refuse_unaskable(self, today: date) -> None:
        """Raise BadRule for what nobody can ask for today: from a day that is over, or to one too far ahead.

        What was asked for long ago may well have begun longer ago than that, and is stopped or split all the same.
        """
        _refuse_unless(self.first >= today, "first_over")
        if self.until is not None:
            _refuse_unless(self.until.year - self.first.year <= MOST_YEARS, "until_too_far", MOST_YEARS)

    def days(self, through: date, is_holiday: IsHoliday, *, after: date | None = None) -> Iterator[date]:
        """List the days of the rule that come after a day, up to and including `through`, the earliest first.

        Never more than MOST_TIMES, however long ago the rule began.
        """
        last = min(through, self.until or through)
        counted = (day for day in self._candidates(last) if not (self.but_holidays and is_holiday(day)))
        wanted = (day for day in islice(counted, self.times) if after is None or day > after)
        return islice(wanted, MOST_TIMES)

    def holidays(self, through: date, is_holiday: IsHoliday) -> list[date]:
        """List the days of the rule up to and including `through` that school holidays leave out."""
        if not self.but_holidays:
            return []
        days = self._candidates(min(through, self.until or through))
        return [day for day in islice(days, MOST_TIMES) if is_holiday(day)]

    def ends_before(self, day: date) -> "Rule | None":
        """Give the same rule stopped on the day before; None when nothing would be left of it."""
        if day <= self.first:
            return None
        return replace(self, until=day - timedelta(days=1), times=None)

    def from_day(self, day: date, is_holiday: IsHoliday) -> "Rule":
        """Give what is left of the rule from one of its own days on."""
        if self.times is None:
            return replace(self, first=day)
        gone = sum(1 for _ in self.days(day - timedelta(days=1), is_holiday))
        return replace(self, first=day, times=max(1, self.times - gone))

    def with_weekday(self, before: int, after: int) -> "Rule":
        """Give the same weekly rule with one day of the week in the place of another; the dates stay in their weeks.

        Raise BadRule for a rule that is not weekly or has the new day already.
        """
        _refuse_unless(self.frequency is Frequency.WEEKLY and before in self.weekdays, "not_weekly")
        _refuse_unless(after not in self.weekdays, "weekday_there")
        monday = self.first - timedelta(days=self.first.weekday())
        begun = [day for day in self.weekdays if day >= self.first.weekday()]
        first = monday + (
            timedelta(days=min(after if day == before else day for day in begun))
            if begun
            else timedelta(weeks=self.interval)
        )
        until = moved_edge(self.until, before, after) if self.until else None
        days = tuple(after if day == before else day for day in self.weekdays)
        return replace(self, first=first, weekdays=days, until=until and max(first, until))

    def _candidates(self, last: date) -> Iterator[date]:
        match self.frequency:
            case Frequency.DAILY:
                found = self._daily()
            case Frequency.WEEKLY:
                found = self._weekly()
            case _:
                found = self._monthly(last)
        for day in found:
            if day > last:
                return
            if day >= self.first:
                yield day

    def _daily(self) -> Iterator[date]:
        return (self.first + timedelta(days=self.interval * n) for n in numbers())

    def _weekly(self) -> Iterator[date]:
        monday = self.first - timedelta(days=self.first.weekday())
        return (
            monday + timedelta(weeks=self.interval * n, days=weekday)
            for n in numbers()
            for weekday in self.weekdays
        )

    def _monthly(self, last: date) -> Iterator[date]:
        for n in numbers(step=self.interval):
            year, month = divmod(self.first.year * 12 + self.first.month - 1 + n, 12)
            if date(year, month + 1, 1) > last:
                return
            day = self._day_in(year, month + 1)
            if day is not None:
                yield day

    def _day_in(self, year: int, month: int) -> date | None:
        if self.frequency is Frequency.MONTHLY_WEEKDAY:
            return _nth_weekday(year, month, self.first.weekday(), self.nth)
        try:
            return date(year, month, self.first.day)
        except ValueError:  # a month without such a day is skipped
            return None

    def as_json(self) -> dict[str, Any]:
        """Write the rule as stored and as the API has it."""
        return {
            "frequency": self.frequency.value,
            "first": self.first.isoformat(),
            "interval": self.interval,
            "weekdays": list(self.weekdays),
            "nth": self.nth,
            "until": self.until.isoformat() if self.until else None,
            "times": self.times,
            "but_holidays": self.but_holidays,
        }


def read_rule(given: Mapping[str, Any]) -> Rule:
    """Read a rule from its JSON form; raise BadRule for whatever is not one."""
    try:
        until = given.get("until")
        return Rule(
            Frequency(given["frequency"]),
            date.fromisoformat(given["first"]),
            int(given.get("interval", 1)),
            tuple(int(day) for day in given.get("weekdays", ())),
            int(given.get("nth", 0)),
            date.fromisoformat(until) if until else None,
            None if given.get("times") is None else int(given["times"]),
            bool(given.get("but_holidays", False)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadRule(reason="unreadable") from error


def moved_edge(last: date, before: int, after: int) -> date:
    """Give the last day that counts, so that of its week the new weekday counts exactly if the old one did."""
    monday = last - timedelta(days=last.weekday())
    old, new = monday + timedelta(days=before), monday + timedelta(days=after)
    if old <= last:
        return max(last, new)
    return min(last, new - timedelta(days=1))


def nth_of(day: date) -> int:
    """Tell which of its weekday in the month a day is: 1 to 4, or -1 for a fifth, which is always the last."""
    number = (day.day - 1) // 7 + 1
    return number if number <= 4 else -1


@dataclass(frozen=True)
class Hours:
    """The wall times of every occurrence, in minutes from the midnight that begins its day, at a place."""

    start: int
    end: int
    timezone: str

    def on(self, day: date) -> Span:
        """Give the span of the occurrence of one day; raise NonexistentTime where the clocks jump over it."""
        midnight = datetime.combine(day, time())
        start, end = (midnight + timedelta(minutes=minutes) for minutes in (self.start, self.end))
        return Span.of_walls(start, end, ZoneInfo(self.timezone))

    def find(self, day: date) -> Span | NonexistentTime:
        """Give the span of one day, or why there is none."""
        try:
            return self.on(day)
        except NonexistentTime as error:
            return error


def hours_of(span: Span, timezone: str) -> tuple[date, Hours]:
    """Read a span as a day and the wall times that would recur."""
    start, end = span.walls(ZoneInfo(timezone))
    midnight = datetime.combine(start.date(), time())
    first, last = (int((wall - midnight).total_seconds()) // 60 for wall in (start, end))
    return start.date(), Hours(first, last, timezone)


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def _refuse(number: int, least: int, most: int, reason: str) -> None:
    _refuse_unless(least <= number <= most, reason, most)


def _refuse_unless(holds: bool, reason: str, most: int | None = None) -> None:  # noqa: FBT001  # reads as a sentence
    if not holds:
        raise BadRule(reason=reason, most=most)
