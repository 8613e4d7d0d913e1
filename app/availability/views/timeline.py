"""The planning as its components show it: a day as cells of quarters of an hour, a week as pieces of each day."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.availability.asking import Slot, slot_params, slot_path
from app.availability.cards import commune_name
from app.availability.gathering import Gathering
from app.availability.holders import Holder
from app.availability.planning import Plan, Planned
from app.availability.rules import DAY_MINUTES, Terms
from app.availability.timeline import (
    BUFFER,
    BUSY,
    CLOSED,
    FAR,
    FREE,
    GAP,
    OUTSIDE,
    PAST,
    SOON,
    Stretch,
)
from app.availability.week import day_starts
from app.availability.words.times import minute_words
from app.catalogue.kinds.words import amount
from app.core.span import Span
from app.web.badges import BADGES
from app.web.format import distance, short_day

QUARTER, HOUR = 15, 60
NARROW = 4  # quarters of an hour: below, a cell has no room for words
MOST_PIECES = 4  # of one day in a week: more are told by their number, and lead to the day
USUAL_HOURS = (8 * HOUR, 18 * HOUR)
_TOLD = (FREE, BUSY, CLOSED)  # what a phone lists, and a week
_WORDS: Mapping[str, LazyString] = {
    BUFFER: _l("Cleaning"),
    CLOSED: _l("Closed"),
    FAR: _l("Not open for booking yet"),
    GAP: _l("Too short to book"),
    OUTSIDE: _l("Outside opening hours"),
    PAST: _l("Past"),
    "all day": _l("All day"),
    "asked": _l("Asked"),
    BUSY: _l("Taken"),
    FREE: _l("Free"),
    SOON: _l("Too late to ask"),
}
Piece = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """One page of the planning, the days it shows, which of them is today, and the address of a day alone."""

    plan: Plan
    days: Sequence[date]
    today: date
    day_url: Callable[[date], str]
    gathered: Gathering | None = None

    @cached_property
    def words(self) -> Mapping[str, str]:
        """What stretches are called: a planning says each a hundred times, and looking one up takes longer."""
        return {kind: str(words) for kind, words in _WORDS.items()}

    @cached_property
    def clocks(self) -> Mapping[str, Sequence["_Clock"]]:
        """The wall clocks of the days, by time zone."""
        terms = {planned.terms.timezone: planned.terms for planned in self.plan.rows}
        return {zone: [_Clock(own, day) for day in self.days] for zone, own in terms.items()}


class _Clock:
    """The wall clock of a place on one day."""

    def __init__(self, terms: Terms, day: date) -> None:
        self.zone = terms.zone
        self.start, self.end = day_starts(terms, day, 1)
        self.is_plain = self.end - self.start == DAY_MINUTES * 60

    def minute(self, instant: int) -> int:
        """Tell the minute of the day an instant falls on, on days when the clocks change too."""
        if instant <= self.start or instant >= self.end:
            return 0 if instant <= self.start else DAY_MINUTES
        if self.is_plain:
            return (instant - self.start) // 60
        wall = datetime.fromtimestamp(instant, self.zone)
        return wall.hour * HOUR + wall.minute


# -- one day ------------------------------------------------------------------------------------------------


def day_table(scene: Scene) -> dict[str, Any]:
    """Make the table of one day: a row per resource, columns of a quarter of an hour, joined where alike."""
    clocks = [scene.clocks[planned.terms.timezone][0] for planned in scene.plan.rows]
    frame = _frame(scene.plan.rows, clocks)
    rows = [
        {**_head(planned), "cells": _cells(planned, scene, clock, frame)}
        for planned, clock in zip(scene.plan.rows, clocks, strict=True)
    ]
    hours = [minute_words(at) for at in range(*frame, HOUR)]
    return {"hours": hours, "per_hour": HOUR // QUARTER, "rows": rows}


def _head(planned: Planned) -> dict[str, Any]:
    row, terms = planned.row, planned.terms
    return {
        "name": row.name,
        "href": f"/ressources/{row.slug}",
        "site": row.site_name,
        "where": commune_name(row.commune_code) if row.km is None else distance(row.km),
        "step": 0 if terms.by_day else terms.step,
        "least": terms.min_length,
        "most": terms.max_length,
    }


def _frame(rows: Sequence[Planned], clocks: Sequence[_Clock]) -> tuple[int, int]:
    """Choose the hours shown, in whole hours: from the first to the last at which a place opens, or is taken."""
    at = {minute for planned, clock in zip(rows, clocks, strict=True) for minute in _opening(planned, clock)}
    at = at or set(USUAL_HOURS)
    for planned, clock in zip(rows, clocks, strict=True):
        for busy in planned.days[0]:
            if (busy.kind == BUSY or busy.own or busy.kept) and not planned.terms.by_day:
                at |= {
                    clock.minute(edge) for edge in (busy.start, busy.end) if clock.start < edge < clock.end
                }
    return min(at) // HOUR * HOUR, -(-max(at) // HOUR) * HOUR


def _opening(planned: Planned, clock: _Clock) -> Iterator[int]:
    """Tell the minutes at which a place lent by the hour opens and closes that day, if it ever closes."""
    for start, end in () if planned.terms.by_day else planned.hours:
        whole = start <= clock.start and end >= clock.end
        if start < clock.end and end > clock.start and not whole:
            yield from (clock.minute(start), clock.minute(end))


def _cells(planned: Planned, scene: Scene, clock: _Clock, frame: tuple[int, int]) -> list[Piece]:
    low, high = frame
    if planned.terms.by_day:
        (stretch,) = planned.days[0]
        whole = {"colspan": (high - low) // QUARTER, "say": True, "own": _beside(stretch, planned, scene)}
        return [{**_piece(stretch, planned, scene), **whole}]
    cells, at = [], low
    for stretch in planned.days[0]:
        until = min(_quarter(clock.minute(stretch.end)), high)
        if until > at:
            shown = _from(stretch, planned.terms, clock, at)
            hours = {"colspan": (until - at) // QUARTER, "at": f"{minute_words(at)}–{minute_words(until)}"}
            piece = {**_piece(shown, planned, scene), **hours, "own": _beside(stretch, planned, scene)}
            cells.append(_reached(piece, planned, scene) | {"from": at, "to": until})
            at = until
    if cells and not any(cell["told"] for cell in cells):
        max(cells, key=lambda cell: int(cell["colspan"]))["say"] = True
    return cells


def _reached(piece: Piece, planned: Planned, scene: Scene) -> Piece:
    """Let what is too narrow for its words lead to the page of the place, which has room for them."""
    if piece["told"] and piece["label"] and not piece.get("href") and piece["colspan"] < NARROW:
        piece["href"] = f"/ressources/{planned.row.slug}?date={scene.days[0].isoformat()}"
    return piece


def _quarter(minute: int) -> int:
    return (minute + QUARTER // 2) // QUARTER * QUARTER


def _from(free: Stretch, terms: Terms, clock: _Clock, low: int) -> Stretch:
    """Let a click on a stretch that began before the hours shown ask for a time that is seen."""
    if not free.ask or not clock.is_plain:
        return free
    at = clock.start + -(-low // terms.step) * terms.step * 60
    length = free.ask[1] - free.ask[0]
    return replace(free, ask=(at, at + length)) if free.ask[0] < at and at + length <= free.end else free


def _piece(stretch: Stretch, planned: Planned, scene: Scene) -> Piece:
    """Say what one stretch is: how it looks, in which words, and where it leads."""
    told: Piece = {"kind": stretch.kind, "told": stretch.kind in _TOLD}
    if stretch.kind == FREE and stretch.ask:
        slot = Slot(Span.of_epochs(*stretch.ask))
        label = _left(stretch, planned.terms, scene)
        if scene.gathered:
            href = scene.gathered.add(planned.row.slug, slot_params(slot, planned.terms))
            return told | {"href": href, "label": f"+ {label}".strip()}
        href = slot_path(planned.row.slug, slot, planned.terms, ask=True)
        return told | {"href": href, "label": label}
    if stretch.kind == BUSY:
        return told | ({"label": ""} if _is_own(stretch) else _taken(stretch, scene))
    if stretch.kind == CLOSED and not stretch.holds:
        return told | {"label": BADGES[planned.terms.status][2]}
    reasons = [scene.plan.reasons[hold] for hold in stretch.holds if hold in scene.plan.reasons]
    return told | {"label": reasons[0] if reasons else scene.words[stretch.kind]}


def _left(stretch: Stretch, terms: Terms, scene: Scene) -> str:
    """Say how many are free, "" where the hours alone say it."""
    if terms.capacity == 1:
        return scene.words[FREE] if terms.by_day else ""
    if terms.by_day:
        return _("%(left)s/%(total)s free", left=stretch.left, total=terms.capacity)
    return f"{stretch.left}/{terms.capacity}"


def _taken(stretch: Stretch, scene: Scene) -> Piece:
    """Name who has taken a stretch, as far as the reader may know, and tell whether that is decided."""
    holders, own = scene.plan.holders, dict(stretch.own)
    holds = [hold for hold in stretch.holds if hold not in own]
    known = [holders[hold] for hold in holds if hold in holders]
    names = dict.fromkeys(holder.shown for holder in known if holder.shown)
    kinds = {holder.kind for holder in known}
    kind = "mine" if "mine" in kinds else "pending" if kinds == {"pending"} else BUSY
    href = known[0].href if len(known) == len(holds) == 1 else None
    waits = bool(known) and all(holder.waits for holder in known)
    label = ", ".join(names) or scene.words["asked" if waits else BUSY]
    return {"kind": kind, "label": label, "href": href, "waits": waits}


def _is_own(stretch: Stretch) -> bool:
    """Tell whether all that is taken of what several share is the reader's own."""
    return stretch.kind == BUSY and bool(stretch.own) and set(stretch.holds) <= set(dict(stretch.own))


def _own(stretch: Stretch, planned: Planned, scene: Scene) -> list[Piece]:
    """Name what is the reader's own among what several share, and how many of it: each leads to its booking."""
    return [_owned(scene.plan.holders[hold], number, planned) for hold, number in stretch.own]


def _beside(stretch: Stretch, planned: Planned, scene: Scene) -> list[Piece]:
    """Name what is seen in a cell beside what the cell is: the reader's own, and what goes on of a closed place."""
    kept = [_taken(Stretch(BUSY, stretch.start, stretch.end, holds=(hold,)), scene) for hold in stretch.kept]
    each_once = {(piece["label"], piece["href"]): piece for piece in kept}
    return [*_own(stretch, planned, scene), *each_once.values()]


def _owned(holder: Holder, number: int, planned: Planned) -> Piece:
    label = _("%(name)s: %(amount)s", name=holder.name, amount=amount(planned.row.unit, number))
    return {"kind": "mine", "label": label, "href": holder.href, "waits": holder.waits}


# -- a week -------------------------------------------------------------------------------------------------


def week_table(scene: Scene) -> dict[str, Any]:
    """Make the table of a week: a row per resource, and each day in pieces."""
    rows = []
    for planned in scene.plan.rows:
        clocks = scene.clocks[planned.terms.timezone]
        days = [_pieces(planned, scene, clock, number) for number, clock in enumerate(clocks)]
        rows.append({**_head(planned), "days": days})
    heads = [{"label": short_day(day), "today": day == scene.today} for day in scene.days]
    return {"heads": heads, "rows": rows}


def _pieces(planned: Planned, scene: Scene, clock: _Clock, number: int) -> list[Piece]:
    """List what is free, taken and the reader's own on one day; where nothing is, say what the day is."""
    day = planned.days[number]
    others = (each for each in _joined(day) if each.kind in _TOLD and not _is_own(each))
    told = [*_own_of(day), *_kept_of(day), *others]
    if not told:
        return [_piece(max(day, key=lambda each: each.end - each.start), planned, scene)]
    shown = told if len(told) <= MOST_PIECES else told[: MOST_PIECES - 1]
    shown.sort(key=lambda each: each.start)
    pieces = [_with_hours(stretch, planned, scene, clock) for stretch in shown]
    left = len(told) - len(shown)
    return [*pieces, _more(left, scene.day_url(scene.days[number]))] if left else pieces


def _own_of(day: Sequence[Stretch]) -> Iterator[Stretch]:
    """Give each of the reader's own uses of a day, from its first to its last moment."""
    for own in dict.fromkeys(own for stretch in day for own in stretch.own):
        among = [stretch for stretch in day if own in stretch.own]
        yield Stretch(BUSY, among[0].start, among[-1].end, holds=(own[0],), own=(own,))


def _kept_of(day: Sequence[Stretch]) -> Iterator[Stretch]:
    """Give each use of others that goes on in closed hours, from its first to its last moment in these."""
    for hold in dict.fromkeys(hold for stretch in day for hold in stretch.kept):
        among = [stretch for stretch in day if hold in stretch.kept]
        yield Stretch(BUSY, among[0].start, among[-1].end, holds=(hold,))


def _more(number: int, href: str) -> Piece:
    return {"kind": "more", "href": href, "label": _n("and %(num)s more", "and %(num)s more", number)}


def _with_hours(stretch: Stretch, planned: Planned, scene: Scene, clock: _Clock) -> Piece:
    (piece,) = _own(stretch, planned, scene) if _is_own(stretch) else [_piece(stretch, planned, scene)]
    if planned.terms.by_day:
        return piece
    first, last = clock.minute(stretch.start), clock.minute(stretch.end)
    if (first, last) == (0, DAY_MINUTES):
        return piece | {"at": scene.words["all day"]} if stretch.kind == FREE else piece
    return piece | {"at": f"{minute_words(first)}–{minute_words(last)}"}


def _joined(day: Sequence[Stretch]) -> Iterator[Stretch]:
    """Join what touches: free stretches, whatever number is free in each (the least of them is), and closed ones."""
    for (kind, _closures), run in groupby(
        day, key=lambda each: (each.kind, each.kind == CLOSED and each.holds)
    ):
        group = list(run)
        if kind in (FREE, CLOSED):
            yield replace(group[0], end=group[-1].end, left=min(each.left for each in group))
        else:
            yield from group
