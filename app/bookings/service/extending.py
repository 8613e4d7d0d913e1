"""The night's work: the days of granted series that have come within reach become bookings.

Whoever said yes to a series said it for the dates to come, too. The rule of a place that approves at once said nothing
for later: it is asked again at each extension (docs/series.md).
"""

import logging
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from app.availability import service as capacity
from app.availability.askers import Asker
from app.availability.queries import get_terms
from app.bookings.arbitration import ahead_of_dates
from app.bookings.at_once import is_at_once
from app.bookings.events import SeriesAsksAgain, SeriesFellShort
from app.bookings.models import Booking, Series
from app.bookings.occurrences import Occurrence, plan, reach
from app.bookings.parties import keep_parties
from app.bookings.rules import APPROVALS_NEEDED, GRANTED, yeses_needed
from app.bookings.service.common import SYSTEM
from app.bookings.service.series import (
    APPROVED_AT_ONCE,
    EXTENDED,
    GRANTS,
    add_occurrences,
    hours_of,
    note,
    rule_of,
    take_occurrences,
)
from app.catalogue.packs import Pack
from app.core.span import Span
from app.infra import audit
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic

log = logging.getLogger(__name__)


def extend_due(*, uid_host: str) -> int:
    """Turn into bookings the days that have come within reach since last night; give how many were made.

    Each series in a transaction of its own; done twice, it makes nothing twice. Raise ExceptionGroup at the end if some
    could not be extended.
    """
    granted = select(Series.id).where(Series.state == GRANTED).order_by(Series.extended_to, Series.id)
    made, failures = 0, []
    for series_id in db.session.scalars(granted).all():
        try:
            made += _extend(series_id, uid_host)
        except Exception as error:  # whatever is wrong with one, the others must have their days
            log.exception("The series %s could not be extended.", series_id)
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} series could not be extended", failures)
    return made


def _extend(series_id: int, uid_host: str) -> int:
    with atomic() as session:
        capacity.lock([session.scalar(select(Series.resource_id).filter_by(id=series_id)) or 0])
        series = session.get_one(Series, series_id, populate_existing=True)
        terms = get_terms(series.resource_id, Asker.on_behalf_of(series.organisation))
        if series.state != GRANTED or series.extended_to >= reach(terms):
            return 0
        keep_parties(series)
        known = set(db.session.scalars(select(Booking.recurrence_id).filter_by(series_id=series.id)))
        found = plan(rule_of(series), hours_of(series), terms, after=series.extended_to)
        planned = [each for each in found if each.day not in known]  # the week in which a weekday was changed
        made = _add(series, planned, uid_host)
        series.extended_to = reach(terms)
        session.flush()
        _tell_missed(series, planned, {booking.recurrence_id for booking in made})
    return len(made)


def _add(series: Series, planned: Sequence[Occurrence], uid_host: str) -> list[Booking]:
    """Book what can be had of the planned dates, or let it wait where the yes to the series does not cover it.

    The yes gives nothing away that a better class waits for: such a date waits beside it, and whoever decides compares.
    """
    at_once = _is_granted(series, [each.span for each in planned if each.span])
    waits = _contested(series, planned) if at_once else {each.day for each in planned}
    booked = _enter(series, [each for each in planned if each.day not in waits], uid_host, at_once=True)
    asked = _enter(series, [each for each in planned if each.day in waits], uid_host, at_once=False)
    if asked:
        note(series, "asked_again", SYSTEM, occurrences=len(asked))
        emit(SeriesAsksAgain(series.id, None, tuple(booking.id for booking in asked)))
    return booked + asked


def _contested(series: Series, planned: Sequence[Occurrence]) -> set[date]:
    """Give the days that somebody of a better class waits for."""
    real = [(each.day, each.span, each.quantity or series.quantity) for each in planned if each.span]
    ahead = ahead_of_dates(series, [(span, quantity) for _day, span, quantity in real])
    return {day for (day, _span, _quantity), before in zip(real, ahead, strict=True) if before}


def _enter(series: Series, planned: Sequence[Occurrence], uid_host: str, *, at_once: bool) -> list[Booking]:
    taken = take_occurrences(series, series.resource, planned, at_once=at_once, keep_free=True)
    pack = _brought_to(series)
    return add_occurrences(series, series.resource, taken, SYSTEM, uid_host, EXTENDED, pack, at_once=at_once)


def _brought_to(series: Series) -> Pack | None:
    """Tell what is brought in a smaller unit, as it is to the last date that is for as much as the series."""
    dates = select(Booking).filter_by(series_id=series.id, quantity=series.quantity)
    last = db.session.scalar(dates.order_by(Booking.start_at.desc()).limit(1))
    return last.pack if last else None


def _is_granted(series: Series, spans: Sequence[Span]) -> bool:
    """Tell whether the dates to come need no answer: the yes to the series holds for them, or the rule says it anew."""
    if _yeses_to(series) >= yeses_needed(series.resource.approval):
        return True
    return is_at_once(series.resource, series.organisation, spans, series.quantity)


def _yeses_to(series: Series) -> int:
    """Count the people who said yes to the series when it was last decided on as a whole; none where the rule did."""
    for line in reversed(audit.history("series", series.id)):
        if line.act in GRANTS and not line.facts.get("dates_only"):
            yeses: int = line.facts.get(
                "yeses", APPROVALS_NEEDED
            )  # older lines do not tell: what was granted stays so
            return yeses
        if line.act == APPROVED_AT_ONCE or (line.act == "moved" and line.facts.get("at_once")):
            return 0
    return APPROVALS_NEEDED


def _tell_missed(series: Series, planned: Sequence[Occurrence], made: set[date | None]) -> None:
    missed = tuple(each.day for each in planned if each.day not in made)
    if missed:
        note(series, "fell_short", SYSTEM, days=[day.isoformat() for day in missed])
        emit(SeriesFellShort(series.id, None, (), missed=missed))
