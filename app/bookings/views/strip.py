"""The day around a request, drawn as a small table: what is granted, what is asked, what stands in the way now."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from flask_babel import gettext as _

from app.availability.errors import Refusal
from app.availability.hours import day_bounds, hours_between, refuse_hours
from app.availability.queries import taken_by_resource, terms_of, verdict
from app.availability.rules import WORTH_WAITING, Taken, Terms, peak, refuse_crowd, visible
from app.availability.words import refusal_sentence
from app.bookings import queries
from app.bookings.arbitration import rivals_of
from app.bookings.asked import Asked
from app.bookings.models import Booking
from app.bookings.rules import APPROVED
from app.bookings.service.holding import wish_of
from app.bookings.words import quantity_words, shown_state
from app.core import clock
from app.core.span import Span
from app.web.format import short_day, span_words

HALF_HOUR, DAY = 1800, 86_400
MOST_DAYS = 45  # a longer stay is told in words only


class Cell(NamedTuple):
    """One column of a row before columns that look alike are joined."""

    kind: str
    label: str = ""
    key: Any = None


@dataclass
class Around:
    """What a manager reads beside a request: the drawn day, the neighbours, and what stands against it now."""

    strip: dict[str, Any] | None = None
    neighbours: list[dict[str, str]] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Scene:
    booking: Booking
    terms: Terms
    frame: tuple[int, int]
    taken: Sequence[Taken]  # by others
    near: Sequence[Booking]
    rivals: Sequence[Asked] = ()
    kept: tuple[Refusal, ...] = ()  # by quotas of others

    @property
    def granted(self) -> list[Booking]:
        return [b for b in self.near if b.decision == APPROVED]

    @property
    def asked(self) -> list[Booking]:
        return [b for b in self.near if b.decision != APPROVED]


def around(bookings: Sequence[Booking]) -> dict[int, Around]:
    """Look at the surroundings of requests, by booking id, in a few statements for any number."""
    whole = terms_of({b.resource_id for b in bookings})
    terms = {each: own.unshared for each, own in whole.items()}  # the day as it is: quotas are nobody's
    seen = [b for b in bookings if b.resource_id in terms]
    frames = {b.id: _frame(b, terms[b.resource_id]) for b in seen}
    near = queries.neighbours({b.id: (b.resource_id, Span.of_epochs(*frames[b.id])) for b in seen})
    taken, rivals = _taken(terms, frames), rivals_of(seen, whole)
    scenes = (
        _Scene(
            b,
            terms[b.resource_id],
            frames[b.id],
            _others(taken, b),
            near.get(b.id, ()),
            rivals.get(b.id, ()),
            _kept(b, whole[b.resource_id]),
        )
        for b in seen
    )
    return {scene.booking.id: _around(scene) for scene in scenes}


def _kept(booking: Booking, terms: Terms) -> tuple[Refusal, ...]:
    """Tell whether quotas of others stand against a request that keeps nothing meanwhile.

    Of one that calls its own back, what is lent is told as what its yes does (`recall_notes`), all else here.
    """
    if booking.hold_id is not None or not terms.has_quotas:
        return ()
    codes = WORTH_WAITING - {"lent"} if booking.recalls else {"quota"}
    return tuple(each for each in verdict(wish_of(booking)) if each.code in codes)


def _taken(terms: Mapping[int, Terms], frames: Mapping[int, tuple[int, int]]) -> Mapping[int, list[Taken]]:
    if not frames:
        return {}
    since, until = min(start for start, _end in frames.values()), max(end for _start, end in frames.values())
    return taken_by_resource(terms, since, until, terms=terms)


def _others(taken: Mapping[int, list[Taken]], booking: Booking) -> list[Taken]:
    found = taken.get(booking.resource_id, ())  # what parts lack is counted beyond the booking's own claims
    return [claim for claim in found if claim.part or claim.hold_id != booking.hold_id]


def _frame(booking: Booking, terms: Terms) -> tuple[int, int]:
    """Choose what is looked at: the whole local days of a booking, with a day on either side for stays."""
    start, end = booking.span.walls(terms.zone)
    first, last = start.date(), (end - timedelta(seconds=1)).date()
    margin = timedelta(days=1 if terms.by_day or last != first else 0)
    return day_bounds(terms, first - margin)[0], day_bounds(terms, last + margin)[1]


def _around(scene: _Scene) -> Around:
    return Around(_strip(scene), [_neighbour(scene, b) for b in scene.near], _conflicts(scene))


def _conflicts(scene: _Scene) -> list[str]:
    """Say what stands against the request at this moment, other requests for the same time included."""
    booking, terms = scene.booking, scene.terms
    if booking.end_at <= clock.now():
        return [_("This time is over.")]
    crowd = (
        None if booking.recalls else refuse_crowd(terms, scene.taken, *booking.span.epochs, booking.quantity)
    )
    found: Iterable[Refusal] = (r for r in (crowd, *scene.kept, refuse_hours(terms, booking.span)) if r)
    unit = booking.resource.unit
    said = [refusal_sentence(r, terms, unit=unit, asked=booking.quantity) for r in found]
    return said + [_rival_words(booking, rival) for rival in scene.rivals]


def _rival_words(booking: Booking, rival: Asked) -> str:
    """Say who else asks for what is asked for: the same resource, or another one that takes some of the same."""
    if rival.resource_id == booking.resource_id:
        return _("%(organisation)s asks for the same time.", organisation=rival.organisation)
    names = {"organisation": rival.organisation, "resource": rival.resource}
    return _("%(organisation)s asks for %(resource)s: the two cannot be had at the same time.", **names)


def _neighbour(scene: _Scene, near: Booking) -> dict[str, str]:
    return {
        "when": span_words(near.span, scene.terms.timezone),
        "who": near.organisation.name,
        "count": quantity_words(scene.booking.resource, near.quantity),
        "state": shown_state(near, answers=False),
    }


# -- drawing ------------------------------------------------------------------------------------------------


def _strip(scene: _Scene) -> dict[str, Any] | None:
    """Draw the time around a request; where there is nothing else, words say it better."""
    if not scene.near and not scene.taken:
        return None
    columns, heads = _by_days(scene) if scene.frame[1] - scene.frame[0] > 1.5 * DAY else _by_hours(scene)
    if len(columns) > MOST_DAYS and not _is_one_day(scene):
        return None
    rows = [_row(_("Granted"), columns, _granted(scene)), _row(_("This request"), columns, _this(scene))]
    if scene.asked:
        rows.append(_row(_("Other requests"), columns, _asked(scene)))
    return {"caption": _caption(scene), "heads": heads, "columns": len(columns), "rows": rows}


def _caption(scene: _Scene) -> str:
    booking = scene.booking
    when = span_words(booking.span, scene.terms.timezone)
    return _(
        "The time around the request of %(organisation)s: %(resource)s, %(when)s",
        organisation=booking.organisation.name,
        resource=booking.resource.name,
        when=when,
    )


def _is_one_day(scene: _Scene) -> bool:
    return scene.frame[1] - scene.frame[0] <= 1.5 * DAY


def _by_hours(scene: _Scene) -> tuple[list[tuple[int, int]], list[dict[str, Any]]]:
    """Cut the opened part of the day into half hours, with a head for every second hour."""
    first, last = _useful_hours(scene)
    columns = [(at, at + HALF_HOUR) for at in range(first, last, HALF_HOUR)]
    heads = []
    for index in range(0, len(columns), 4):
        wall = datetime.fromtimestamp(columns[index][0], scene.terms.zone)
        heads.append({"label": f"{wall:%H:%M}", "colspan": min(4, len(columns) - index)})
    return columns, heads


def _useful_hours(scene: _Scene) -> tuple[int, int]:
    spans = [*hours_between(scene.terms, *scene.frame), scene.booking.span.epochs]
    spans += [b.span.epochs for b in scene.near]
    first = max(min(start for start, _end in spans), scene.frame[0])
    last = min(max(end for _start, end in spans), scene.frame[1])
    return first // 3600 * 3600, -(-last // 3600) * 3600


def _by_days(scene: _Scene) -> tuple[list[tuple[int, int]], list[dict[str, Any]]]:
    first, last = (datetime.fromtimestamp(at, scene.terms.zone).date() for at in scene.frame)
    days = [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal())]
    columns = [day_bounds(scene.terms, day) for day in days]
    width = 1 if len(days) <= 8 else 7
    heads = [
        {"label": short_day(days[index]), "colspan": min(width, len(days) - index)}
        for index in range(0, len(days), width)
    ]
    return columns, heads


def _row(label: str, columns: Sequence[tuple[int, int]], look: Callable[[int, int], Cell]) -> dict[str, Any]:
    """Draw a row: columns that look alike and stand side by side become one cell."""
    cells = []
    for cell, run in groupby(look(start, end) for start, end in columns):
        cells.append({"kind": cell.kind, "label": cell.label, "colspan": len(list(run))})
    return {"label": label, "cells": cells}


def _granted(scene: _Scene) -> Callable[[int, int], Cell]:
    terms, seen = scene.terms, visible(scene.taken)
    opened = hours_between(terms, *scene.frame)
    granted = {b.hold_id: b for b in scene.granted if b.hold_id is not None}
    asked = {b.hold_id for b in scene.asked if b.hold_id}
    firm = [claim for claim in seen if claim.hold_id not in asked]

    def look(start: int, end: int) -> Cell:
        here = [claim for claim in firm if claim.start < end and claim.end > start]
        if any(claim.kind == "closure" for claim in here):
            return Cell("closed", _("Closed"))
        if here:
            return _crowded(terms, here, granted, start, end)
        if any(c.start < end and c.end > start and c.hold_id in granted for c in scene.taken):
            return Cell("buffer")
        return Cell("free") if any(s < end and e > start for s, e in opened) else Cell("closed")

    return look


def _crowded(
    terms: Terms, here: Sequence[Taken], granted: Mapping[int, Booking], start: int, end: int
) -> Cell:
    if terms.capacity == 1:
        owner = granted.get(here[0].hold_id)
        return Cell("busy", owner.organisation.name if owner else _("Taken"), here[0].hold_id)
    taken = peak(here, start, end)
    label = _("%(taken)s of %(total)s", taken=taken, total=terms.capacity)
    return Cell("busy" if taken >= terms.capacity else "part", label)


def _this(scene: _Scene) -> Callable[[int, int], Cell]:
    label = quantity_words(scene.booking.resource, scene.booking.quantity) or _("Asked")
    return _painted([scene.booking], lambda _booking: Cell("mine", label))


def _asked(scene: _Scene) -> Callable[[int, int], Cell]:
    return _painted(scene.asked, lambda b: Cell("pending", b.organisation.name, b.id))


def _painted(bookings: Sequence[Booking], look: Callable[[Booking], Cell]) -> Callable[[int, int], Cell]:
    spans = [(b.span.epochs, look(b)) for b in bookings]

    def cell(start: int, end: int) -> Cell:
        return next((c for (s, e), c in spans if s < end and e > start), Cell("none"))

    return cell
