"""Stages series asked for as one request: some wait for one answer, some are reserved."""

from datetime import date, timedelta

from app.bookings import service as bookings
from app.bookings.errors import NothingToRepeat
from app.bookings.models import Series
from app.core.recurrence import Frequency, Rule, hours_of
from app.demo.spec import Repeat, Spec
from app.demo.staged import Step
from app.demo.world import ZONE, World, span_of
from app.infra.uow import atomic
from app.notifications.quiet import quiet


def load_repeats(spec: Spec, world: World) -> None:
    """Stage every series; one of which no date is free is counted as dropped. Nobody is told."""
    with atomic(), quiet():
        for repeat in spec.repeats:
            _stage(repeat, world)


def _stage(repeat: Repeat, world: World) -> None:
    with world.at(world.ago(repeat.hours_ago)):
        try:
            made = bookings.ask_series(
                _request(repeat, world),
                world.actor(repeat.by, repeat.organisation),
                uid_host=world.uid_host,
            )
        except NothingToRepeat:
            world.dropped["story"] += 1
            return
    world.counts["stories"] += 1
    for step in repeat.steps:
        with world.at(world.ago(step.hours_ago)):
            _take(step, made, repeat, world)


def _request(repeat: Repeat, world: World) -> bookings.SeriesRequest:
    first = _first_day(repeat, world)
    day, hours = hours_of(span_of(first, repeat.start, repeat.end), str(ZONE))
    rule = Rule(
        Frequency.WEEKLY,
        day,
        weekdays=(repeat.weekday,),
        times=repeat.times,
        but_holidays=repeat.but_holidays,
    )
    return bookings.SeriesRequest(
        world.resources[repeat.resource], world.organisations[repeat.organisation], rule, hours, repeat.quantity,
        repeat.purpose, repeat.people, repeat.message, keep_free=True,
        licence_years=world.licences[repeat.resource],
    )  # fmt: skip


def _first_day(repeat: Repeat, world: World) -> date:
    day = world.today + timedelta(days=repeat.from_day)
    return day + timedelta(days=(repeat.weekday - day.weekday()) % 7)


def _take(step: Step, made: Series, repeat: Repeat, world: World) -> None:
    manager = world.manager_of(repeat.resource)
    match step.act:
        case "approve":
            bookings.approve_series(made.id, manager, step.text)
        case "refuse":
            bookings.refuse_series(made.id, manager, step.text)
        case _:
            raise ValueError(f"the demo knows no step {step.act!r} of a series")
