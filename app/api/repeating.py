"""Asking again and again: the shapes of a repetition, and what they mean to the room of bookings."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.api.errors import FieldsRefused, refuse
from app.api.reading import read_span
from app.api.requests import (
    AskedSlot,
    Body,
    Clean,
    Instant,
    OrganisationName,
    Text,
)
from app.availability.rules import Terms
from app.availability.shown import Shown
from app.bookings.forms import MAX_MESSAGE, MOST_PEOPLE
from app.bookings.occurrences import MOST_OPENED, Choice, Choices, Elsewhere, Fewer, refuse_unaskable
from app.bookings.service import MAX_PURPOSE
from app.catalogue.rules import MAX_CAPACITY
from app.core.recurrence import MOST_INTERVAL, MOST_TIMES, BadRule, Frequency, Hours, Rule, nth_of
from app.core.span import NonexistentTime, Span

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FIRST_YEAR, LAST_YEAR = 1970, 2200
_FIELD_OF = {
    "first_over": "start",
    "interval": "repeat.interval",
    "weekdays": "repeat.days",
    "times": "repeat.count",
    "two_ends": "repeat.count",
    "until_before_first": "repeat.until",
    "until_too_far": "repeat.until",
}


def _day(typed: object) -> date:
    try:
        day = date.fromisoformat(str(typed) if isinstance(typed, str) and len(typed) == 10 else "")
    except ValueError:
        raise PydanticCustomError("bad_day", "no day") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:  # beyond these no time can be counted
        raise PydanticCustomError("bad_day", "no day of ours")
    return day


Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-10-13"]}),
]


class DateBody(Body):
    """What becomes of one date (its `day` by the rule): `skip`, fewer, another time, another resource, or both."""

    day: Day
    skip: bool = False
    start: Instant | None = None
    end: Instant | None = None
    resource: Annotated[
        Text | None,
        Field(
            min_length=1,
            max_length=80,
            description="Another place for this date, which answers alone; at the usual time where no other is given.",
        ),
    ] = None
    quantity: Annotated[
        int | None,
        Field(
            ge=1,
            le=MAX_CAPACITY,
            description="So many of the resource's own unit at the usual time and place, fewer than the series has.",
        ),
    ] = None


class RepeatBody(Body):
    """How the slot recurs, by the clock of the place: it is the first date, if the rule has that day."""

    frequency: Literal["daily", "weekly", "monthly_date", "monthly_weekday"]
    interval: Annotated[
        int, Field(ge=1, le=MOST_INTERVAL, description="Every so many days, weeks, months.")
    ] = 1
    days: Annotated[
        list[Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]],
        Field(max_length=7, description="With `weekly`; left out, the weekday of `start`."),
    ] = []  # noqa: RUF012  # pydantic copies it
    until: Annotated[Day | None, Field(description="The last day, included.")] = None
    count: Annotated[int | None, Field(ge=1, le=MOST_TIMES)] = None
    except_school_holidays: bool = False
    conflicts: Annotated[
        Literal["all", "free"],
        Field(description="`all`: every date or none. `free`: what cannot be had is left out."),
    ] = "all"
    dates: Annotated[list[DateBody], Field(max_length=MOST_TIMES)] = []  # noqa: RUF012  # pydantic copies it
    alternatives_for: Annotated[
        list[Day],
        Field(
            max_length=MOST_OPENED,
            description="Days whose alternatives are looked for too, besides the first twelve that are refused.",
        ),
    ] = []  # noqa: RUF012  # pydantic copies it
    preview: Annotated[
        bool, Field(description="Only look: 200 with every date, and nothing is asked for.")
    ] = False


class SeriesBody(AskedSlot):
    """A request for a slot again and again: every date becomes a booking."""

    repeat: RepeatBody
    organisation: OrganisationName | None = None
    purpose: Annotated[str, Field(min_length=1, max_length=MAX_PURPOSE), Clean]
    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] | None = None
    message: Annotated[str, Field(max_length=MAX_MESSAGE), Clean] = ""


def read_rule(body: RepeatBody, first: date, terms: Terms) -> Rule:
    """Read the rule that begins on a day at a place; raise FieldsRefused for one that cannot be."""
    frequency = Frequency(body.frequency)
    if body.days and frequency is not Frequency.WEEKLY:
        raise refuse("body", "repeat.days", "days_only_weekly")
    days = tuple(WEEKDAYS.index(day) for day in body.days) or (first.weekday(),)
    weekly, nth = frequency is Frequency.WEEKLY, frequency is Frequency.MONTHLY_WEEKDAY
    ends = (body.until, body.count, body.except_school_holidays)
    try:
        rule = Rule(
            frequency, first, body.interval, days if weekly else (), nth_of(first) if nth else 0, *ends
        )
        refuse_unaskable(rule, terms)
    except BadRule as error:
        raise refuse(
            "body", _FIELD_OF.get(error.facts["reason"], "repeat"), error.code, **error.facts
        ) from None
    return rule


def read_dates(body: RepeatBody, hours: Hours, most: int, find: Callable[[str], Shown]) -> Choices:
    """Read what becomes of single dates of a series for `most`; `find` gives the resource of a name, or NotFound."""
    return {each.day: _answer(number, each, hours, most, find) for number, each in enumerate(body.dates)}


def _answer(number: int, each: DateBody, hours: Hours, most: int, find: Callable[[str], Shown]) -> Choice:
    place = f"repeat.dates.{number}"
    span = _span_of(place, each)
    if each.skip:
        return None
    if each.quantity is not None:
        if span is not None or each.resource is not None:
            raise refuse("body", f"{place}.quantity", "fewer_alone")
        if each.quantity >= most:
            raise refuse("body", f"{place}.quantity", "not_fewer", most=most)
        return Fewer(each.quantity)
    if each.resource is not None:
        return Elsewhere.at(find(each.resource), span or _usual(place, each.day, hours))
    if span is None:
        raise refuse("body", place, "date_unanswered")
    return span


def _span_of(place: str, each: DateBody) -> Span | None:
    if each.start is None and each.end is None:
        return None
    if each.start is None or each.end is None:
        raise refuse("body", f"{place}.{'end' if each.end is None else 'start'}", "start_or_end_missing")
    try:
        return read_span(each.start, each.end, "body")
    except FieldsRefused as error:
        raise refuse("body", f"{place}.end", error.problems[0].code, **error.problems[0].facts) from None


def _usual(place: str, day: date, hours: Hours) -> Span:
    try:
        return hours.on(day)
    except NonexistentTime as error:
        raise refuse("body", place, error.code, **error.facts) from None
