"""Writes opening hours in both forms: the OSM expression people edit, and the rules that search by SQL reads."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import delete, insert, select, update

from app.availability.errors import BadExpression
from app.availability.hours import calendar_of
from app.availability.models import OpeningException, OpeningRule, ResourceGuard, Schedule
from app.availability.opening import BadOpeningHours, OpeningHours, compile_rules
from app.availability.queries import terms_of
from app.availability.rules import Terms
from app.availability.service import lock, touch
from app.catalogue.models import Resource, Site
from app.core import clock
from app.core.policy import Actor
from app.infra import audit
from app.infra.db import db
from app.infra.uow import atomic

USUAL_HOURS = "Mo-Fr 08:00-18:00; PH off"
COMPILED_DAYS = 600  # search looks 18 months ahead at most; a nightly job keeps the margin
_REFRESH_BELOW_DAYS = 560


def set_site_hours(site_id: int, expression: str) -> Schedule:
    """Set the hours that all resources of a site follow unless they have their own. Raise BadExpression."""
    with atomic() as session:
        site = session.get_one(Site, site_id)
        schedule = session.scalar(select(Schedule).filter_by(site_id=site_id))
        if schedule is None:
            schedule = Schedule(site_id=site_id, timezone=site.timezone, school_zone=site.school_zone)
            session.add(schedule)
        schedule.timezone, schedule.school_zone = site.timezone, site.school_zone
        _write(schedule, expression)
    return schedule


def set_resource_hours(resource_id: int, expression: str | None) -> None:
    """Give a resource hours of its own, or (None) let it follow its site again. Raise BadExpression."""
    with atomic() as session:
        lock([resource_id])
        site = session.get_one(Resource, resource_id).site
        own = session.scalar(select(Schedule).filter_by(resource_id=resource_id))
        chosen = own or Schedule(
            resource_id=resource_id, timezone=site.timezone, school_zone=site.school_zone
        )
        if expression is None:
            chosen = session.scalars(select(Schedule).filter_by(site_id=site.id)).one()
        else:
            session.add(chosen)
            chosen.timezone, chosen.school_zone = site.timezone, site.school_zone
            _write(chosen, expression)
        _point_guard(resource_id, chosen.id)
        if expression is None and own:
            session.delete(own)
        touch([resource_id])


def refresh_compiled() -> int:
    """Extend the compiled days of schedules that run short; give how many were."""
    limit = clock.now().date().toordinal() + _REFRESH_BELOW_DAYS
    with atomic() as session:
        short = session.scalars(select(Schedule).where(Schedule.compiled_until < limit)).all()
        for schedule in short:
            _write(schedule, schedule.expression)
    return len(short)


def _point_guard(resource_id: int, schedule_id: int) -> None:
    session = db.session()
    if session.get(ResourceGuard, resource_id):
        session.execute(
            update(ResourceGuard).filter_by(resource_id=resource_id).values(schedule_id=schedule_id)
        )
    else:
        session.add(ResourceGuard(resource_id=resource_id, schedule_id=schedule_id, rev=0))
    session.flush()


def read_hours(expression: str) -> OpeningHours:
    """Read hours in OSM syntax; raise BadExpression."""
    try:
        return OpeningHours.parse(expression)
    except BadOpeningHours as error:
        raise BadExpression(reason=error.code, **error.facts) from error


def terms_under(thing: Site | Resource, expression: str | None) -> list[tuple[Terms, Terms]]:
    """List the terms of what would follow other hours of a site or a resource: as they are, and as they would be.

    `expression` is None for a resource that would follow its site again. Raise BadExpression.
    """
    if expression is None:
        site_id = thing.site_id if isinstance(thing, Resource) else thing.id
        expression = db.session.scalars(select(Schedule.expression).filter_by(site_id=site_id)).one()
    hours = str(read_hours(expression))
    found = terms_of([thing.id] if isinstance(thing, Resource) else _followers(thing))
    return [(terms, replace(terms, expression=hours)) for terms in found.values()]


def _followers(site: Site) -> Sequence[int]:
    """List the resources that have no hours of their own."""
    guards = select(ResourceGuard.resource_id).join(Schedule, Schedule.id == ResourceGuard.schedule_id)
    return db.session.scalars(guards.where(Schedule.site_id == site.id)).all()


def _write(schedule: Schedule, expression: str) -> None:
    hours = read_hours(expression)
    first = clock.now().date()
    last = date.fromordinal(first.toordinal() + COMPILED_DAYS)
    schedule.expression, schedule.compiled_until = str(hours), last.toordinal()
    session = db.session()
    session.flush()
    weekly, exceptions = compile_rules(hours, calendar_of(schedule.school_zone), first, last)
    for table in (OpeningRule, OpeningException):
        session.execute(delete(table).filter_by(schedule_id=schedule.id))
    rules = [{"schedule_id": schedule.id, "weekday": d, "start_min": s, "end_min": e} for d, s, e in weekly]
    special = [
        {"schedule_id": schedule.id, "day": day.toordinal(), "start_min": s, "end_min": e}
        for day, ranges in exceptions.items()
        for s, e in (ranges or [(0, 0)])
    ]
    for table, rows in ((OpeningRule, rules), (OpeningException, special)):
        if rows:
            session.execute(insert(table), rows)


def change_site_hours(site: Site, expression: str, actor: Actor) -> None:
    """Let a manager set the hours of a site; bookings stay as they are (app.bookings.narrowing asks about them)."""
    with atomic():
        set_site_hours(site.id, expression)
        audit.record(
            "site", site.id, "hours_changed", actor, territory_id=site.territory_id, expression=expression
        )


def change_resource_hours(resource: Resource, expression: str | None, actor: Actor) -> None:
    """Let a manager give a resource hours of its own, or (None) those of its site again."""
    with atomic():
        set_resource_hours(resource.id, expression)
        audit.record(
            "resource",
            resource.id,
            "hours_changed",
            actor,
            territory_id=resource.territory_id,
            expression=expression,
        )
