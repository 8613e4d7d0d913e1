"""Loads what is booked: series as single bookings around today, and long stays, asked and approved in the past."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.availability.errors import SlotRefused
from app.availability.opening import HolidayCalendar
from app.bookings import service as bookings
from app.bookings.models import Booking
from app.bookings.rules import PENDING
from app.core.span import Span
from app.demo.spec import Series, Spec, Window
from app.demo.world import ZONE, World, span_of, whole_days
from app.infra.uow import atomic

_LEAST_LEAD, _LEAD_SPREAD = 9, 17  # days between asking and the day itself, or more


@dataclass(frozen=True)
class Use:
    """One booking to make; `asked_at` and `answered_at` lie in the past."""

    key: str
    resource: str
    organisation: str
    span: Span
    day: date
    quantity: int
    people: int | None
    purpose: str
    asked_at: datetime
    answered_at: datetime


def load_uses(spec: Spec, world: World) -> None:
    """Book all stays and series, in the order in which they were asked for; count what no longer fits."""
    requesters = {structure.key: structure.people[-1] for structure in spec.structures}
    uses = sorted([*_stays(spec, world), *_occurrences(spec, world)], key=lambda use: use.asked_at)
    with atomic():
        for use in uses:
            _book(use, requesters[use.organisation], world)


def shift_of(window: Window, today: date) -> timedelta:
    """Tell by how many whole weeks the invented calendar moves."""
    monday, first_monday = (day - timedelta(days=day.weekday()) for day in (today, window.first))
    return monday - timedelta(weeks=window.lead_weeks) - first_monday


def days_of(series: Series, window: Window, today: date, calendar: HolidayCalendar) -> list[date]:
    """List the days of a series around today: its weekday, in its rhythm, in school time or out of it."""
    monday = today - timedelta(days=today.weekday())
    origin = window.first + shift_of(window, today)
    origin -= timedelta(days=origin.weekday())
    weeks = range(-window.weeks_back, window.weeks_ahead + 1)
    mondays = [monday + timedelta(weeks=week) for week in weeks]
    days = [
        m + timedelta(days=series.weekday)
        for m in mondays
        if (m - origin).days // 7 % series.every_weeks == 0
    ]
    return [day for day in days if _is_in_time(series.during, day, calendar)]


def _is_in_time(during: str, day: date, calendar: HolidayCalendar) -> bool:
    if calendar.is_public_holiday(day):
        return False
    return during == "always" or calendar.is_school_holiday(day) == (during == "school_holiday")


def _occurrences(spec: Spec, world: World) -> Iterator[Use]:
    for number, series in enumerate(spec.series):
        for day in days_of(series, spec.window, world.today, world.calendar):
            lead = _LEAST_LEAD + (number * 5 + day.toordinal()) % _LEAD_SPREAD
            span = span_of(day, series.start, series.end)
            asked, answered = _moments(world, span.start - timedelta(days=lead), number)
            yield Use(
                series.key, series.resource, series.organisation, span, day, series.quantity, series.people,
                series.purpose, asked, answered,
            )  # fmt: skip


def _stays(spec: Spec, world: World) -> Iterator[Use]:
    shift = shift_of(spec.window, world.today)
    for number, stay in enumerate(spec.stays):
        span = whole_days(stay.first + shift, (stay.last - stay.first).days + 1)
        asked, answered = _moments(world, span.start - timedelta(days=12 + number), number)
        yield Use(
            stay.key, stay.resource, stay.organisation, span, stay.first + shift, stay.quantity, None,
            stay.purpose, asked, answered,
        )  # fmt: skip


def _moments(world: World, wanted: datetime, number: int) -> tuple[datetime, datetime]:
    """Give when it was asked for and answered: in the past, in office hours, never all at once."""
    latest = world.now - timedelta(days=3 + number % 5)
    day = min(wanted, latest).astimezone(ZONE)
    asked = day.replace(hour=8 + number % 5, minute=number * 7 % 60, second=0, microsecond=0)
    return asked, asked + timedelta(days=number % 3 % 2, hours=2 + number % 4)


def _book(use: Use, person: str, world: World) -> None:
    try:
        made = _asked(use, person, world)
    except SlotRefused as refused:
        world.dropped[refused.refusals[0].code] += 1
        return
    for manager in world.managers_of(use.resource):
        if made.decision == PENDING:
            with world.at(use.answered_at):
                bookings.approve(made.id, manager)
    world.booked_days.setdefault(use.key, []).append(use.day)
    world.counts["bookings"] += 1


def _asked(use: Use, person: str, world: World) -> Booking:
    request = bookings.Request(
        world.resources[use.resource], world.organisations[use.organisation], use.span, use.quantity,
        use.purpose, use.people, licence_years=world.licences[use.resource],
    )  # fmt: skip
    with world.at(use.asked_at):
        return bookings.ask(request, world.actor(person, use.organisation), uid_host=world.uid_host)
