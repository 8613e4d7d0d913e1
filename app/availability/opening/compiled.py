"""Opening hours as rows a database can search: a usual week, and the dated days that differ from it."""

from collections import Counter
from datetime import date
from typing import NamedTuple

from app.availability.opening.holidays import HolidayCalendar
from app.availability.opening.hours import OpeningHours
from app.availability.opening.ranges import Ranges


class CompiledHours(NamedTuple):
    """`weekly`: `(weekday 0-6, start, end)` in minutes; `exceptions`: the ranges of each day that differs."""

    weekly: list[tuple[int, int, int]]
    exceptions: dict[date, Ranges]


def compile_rules(
    hours: OpeningHours,
    calendar: HolidayCalendar,
    first_day: date,
    last_day: date,
) -> CompiledHours:
    """The hours of `first_day`..`last_day` (both included) as the most frequent pattern of each weekday, plus the
    exceptions; an exception without ranges is a closed day. Says nothing about days outside that period.
    """
    days = hours.days(first_day, last_day, calendar)
    usual = [
        _most_frequent([ranges for day, ranges in days if day.weekday() == weekday]) for weekday in range(7)
    ]
    weekly = [(weekday, start, end) for weekday in range(7) for start, end in usual[weekday]]
    return CompiledHours(weekly, {day: ranges for day, ranges in days if ranges != usual[day.weekday()]})


def _most_frequent(patterns: list[Ranges]) -> Ranges:
    return Counter(patterns).most_common(1)[0][0] if patterns else ()
