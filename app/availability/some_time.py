"""Search without hours: what can be booked at some time of a day, and in which window."""

from app.availability.askers import Asker
from app.availability.hours import opened
from app.availability.queries import taken_by_resource, terms_of
from app.availability.rules import DAY_MINUTES, Terms, earliest_start, free_windows
from app.availability.search import Hit
from app.catalogue.models import Resource
from app.catalogue.search import Filter, matching
from app.core import clock
from app.core.span import Span
from app.infra.db import db


def free_some_time(wanted: Filter, day: Span) -> tuple[list[Hit], dict[int, Span]]:
    """List what can be booked at some time of a day, nearest first, each with its longest window that day."""
    rows = db.session.connection().execute(matching(wanted).order_by("km", Resource.name)).all()
    terms = terms_of([row.id for row in rows], Asker.of(wanted.actor))
    (start, end), qty = day.epochs, wanted.quantity
    taken = taken_by_resource(terms, start - DAY_MINUTES * 60, end + DAY_MINUTES * 60, terms=terms)
    hits, windows, hours, now = [], {}, _DayHours(start, end), clock.epoch()
    for row in rows:
        own = terms.get(row.id)
        if own is None or own.status not in ("active", "to_check") or own.capacity < qty:
            continue
        is_near = start < now + (own.notice + DAY_MINUTES) * 60
        since = max(start, int(earliest_start(own, clock.now()).timestamp())) if is_near else start
        until = min(end, now + own.horizon_days * 86_400)
        if since >= until or not (open_spans := hours.of(own)):
            continue
        free = free_windows(own, taken.get(row.id, ()), open_spans, since, until, qty)
        if free:
            hits.append(Hit(row.id, row.km))
            windows[row.id] = Span.of_epochs(*max(free, key=lambda window: window[1] - window[0]))
    return hits, windows


class _DayHours:
    """The hours of one day, evaluated once for all resources of a schedule."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        self.known: dict[tuple[str, ...], list[tuple[int, int]]] = {}

    def of(self, terms: Terms) -> list[tuple[int, int]]:
        key = (terms.opening_mode, terms.expression, terms.school_zone or "", terms.timezone)
        if key not in self.known:
            self.known[key] = opened(terms, self.start, self.end)
        return self.known[key]
