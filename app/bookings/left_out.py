"""Days that the rule of a series has and its bookings have not: left out by whoever asked, or not to be had."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import or_, select

from app.availability.hours import calendar_of
from app.availability.queries import terms_of
from app.availability.rules import Terms
from app.bookings.models import Booking, Series
from app.core.recurrence import Frequency, Rule, read_rule
from app.infra.db import db


def left_out_of(series: Iterable[Series], terms: Mapping[int, Terms] | None = None) -> dict[int, list[date]]:
    """List the days left out of each series so far, by its id, in as many statements for many as for one.

    `terms` are those of their resources, where they have been read already.
    """
    wanted = list(series)
    if terms is None:
        terms = terms_of({each.resource_id for each in wanted})
    known = _known_days([each.id for each in wanted])
    found = {}
    for each in wanted:
        is_holiday = calendar_of(terms[each.resource_id].school_zone).is_school_holiday
        rule = read_rule(each.rule)
        found[each.id] = missing_days(rule, rule.days(each.extended_to, is_holiday), known.get(each.id, ()))
    return found


def missing_days(rule: Rule, days: Iterable[date], known: Collection[date]) -> list[date]:
    """Pick the days that no booking has.

    A weekly series may have changed its weekday on the way: a week that has as many dates as the rule gives lacks none.
    """
    listed = list(days)
    if rule.frequency != Frequency.WEEKLY:
        return [day for day in listed if day not in known]
    given, had = (Counter(day.isocalendar()[:2] for day in each) for each in (listed, known))
    return [
        day
        for day in listed
        if day not in known and had[day.isocalendar()[:2]] < given[day.isocalendar()[:2]]
    ]


def _known_days(series_ids: Collection[int]) -> Mapping[int, set[date]]:
    """Read the days of the rule that became bookings, whatever became of these, here or at another place."""
    found: dict[int, set[date]] = defaultdict(set)
    theirs = or_(Booking.series_id.in_(series_ids), Booking.elsewhere_of_id.in_(series_ids))
    columns = select(Booking.series_id, Booking.elsewhere_of_id, Booking.recurrence_id)
    for own, elsewhere, day in db.session.execute(columns.where(theirs)) if series_ids else ():
        if day:
            found[own or elsewhere or 0].add(day)
    return found
