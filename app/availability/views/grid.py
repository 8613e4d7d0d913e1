"""A week as the calendar components show it: a table with links, and an agenda for small screens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_date, get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import ngettext as _n
from markupsafe import Markup

from app.availability.asking import Slot, slot_path
from app.availability.holders import Holder
from app.availability.rules import DAY_MINUTES, Terms, starts
from app.availability.shown import Shown
from app.availability.week import BUFFER, BUSY, CLOSED, FREE, Cell, Week, windows_by_day
from app.availability.words.times import day_words, minute_words
from app.catalogue.kinds.words import amount
from app.core.span import Span, to_wall
from app.web.format import short_day

_PLAIN: Mapping[str, Any] = {"kind": "past", "label": "", "rowspan": 1, "href": None}


@dataclass(frozen=True)
class Scene:
    """What the table shows besides its cells: whose holds they are, why it is closed, what day it is."""

    shown: Shown
    terms: Terms
    now: datetime
    holders: Mapping[int, Holder]
    reasons: Mapping[int, str]

    @property
    def ask(self) -> str:
        """The address of the request page."""
        return f"/ressources/{self.shown.slug}/demander"

    @property
    def today(self) -> date:
        """The day at the place."""
        return to_wall(self.now, self.terms.zone).date()


def grid(week: Week, scene: Scene) -> dict[str, Any]:
    """Make the table of a week, or of five where the resource is lent by days."""
    return _days_grid(week, scene) if scene.terms.by_day else _hours_grid(week, scene)


def caption(week: Week, terms: Terms) -> str:
    """Name the days of the table: "5 – 11 octobre 2026"."""
    return (
        range_words(week.days[0], week.days[-1]) if terms.by_day else range_words(week.first, week.days[-1])
    )


def range_words(first: date, last: date) -> str:
    """Write a range of days shortly, the month and the year once."""
    locale = get_locale() or "fr"
    pattern = "d" if (first.month, first.year) == (last.month, last.year) else "d MMMM"
    if first.year != last.year:
        pattern = "d MMMM y"
    return f"{format_date(first, pattern, locale=locale)} – {format_date(last, 'd MMMM y', locale=locale)}"


# -- by the hour --------------------------------------------------------------------------------------------


def _hours_grid(week: Week, scene: Scene) -> dict[str, Any]:
    rows = [{"label": minute_words(at), "hour": at % 60 == 0, "cells": []} for at in week.minutes]
    free = _("free")
    for number, (day, column) in enumerate(zip(week.days, week.columns, strict=True)):
        name, row = short_day(day), 0
        for cell in column:
            shown = _hour_cell(
                cell, scene, number, f"{name} {minute_words(week.minutes[row])}, {free}", week, row
            )
            rows[row]["cells"].append(shown)  # type: ignore[attr-defined]  # the list made just above
            row += cell.rows
    return {
        "caption": _("Week of %(name)s", name=scene.shown.name),
        "step": 30 if week.row_minutes == 30 else 60,
        "days": [{"label": short_day(day), "today": day == scene.today} for day in week.days],
        "rows": rows,
        "start_param": "de",
        "end_param": "a",
    }


def _hour_cell(cell: Cell, scene: Scene, column: int, name: str, week: Week, row: int) -> Mapping[str, Any]:
    if cell.kind != FREE or cell.ask is None:
        return _other_cell(cell, scene)
    at = week.minutes[row]
    start, end = _ask_minutes(cell, at, scene.terms)
    own, total, day = minute_words(at), scene.terms.capacity, week.days[column]
    return {
        "kind": "free",
        "col": column,
        "name": name,
        "label": own,
        "end": minute_words(at + week.row_minutes),
        "start": own if start != at else None,
        "left": None if total == 1 else f"{cell.left}/{total}",
        "href": f"{scene.ask}?date={day}&de={minute_words(start)}&a={minute_words(min(end, DAY_MINUTES))}",
    }


def _ask_minutes(cell: Cell, at: int, terms: Terms) -> tuple[int, int]:
    """Tell the wall minutes of what a click asks for; `at` is those of the cell itself."""
    if cell.ask is None:
        return at, at
    start, end = (at + (edge - cell.start) // 60 for edge in cell.ask)
    if cell.is_plain:
        return start, end
    walls = [datetime.fromtimestamp(edge, terms.zone) for edge in cell.ask]
    first = walls[0].hour * 60 + walls[0].minute
    return first, (
        walls[1].hour * 60 + walls[1].minute if walls[1].date() == walls[0].date() else DAY_MINUTES
    )


def _other_cell(cell: Cell, scene: Scene) -> Mapping[str, Any]:
    holder = scene.holders.get(cell.hold_id or 0)
    if cell.kind == BUSY and holder:
        return {"kind": holder.kind, "label": holder.shown, "rowspan": cell.rows, "href": holder.href}
    label = scene.reasons.get(cell.hold_id or 0, "") if cell.kind == CLOSED else ""
    if cell.rows > 1 and not label:
        label = {BUSY: _("Taken"), CLOSED: _("Closed"), BUFFER: _("Cleaning")}.get(cell.kind, "")
    return {**_PLAIN, "kind": cell.kind, "label": label, "rowspan": cell.rows}


# -- by days ------------------------------------------------------------------------------------------------


def _days_grid(week: Week, scene: Scene) -> dict[str, Any]:
    names = get_day_names("abbreviated", locale=get_locale() or "fr")
    rows = []
    for at in range(0, len(week.days), 7):
        days = week.days[at : at + 7]
        cells = [_day_cell(week.columns[at + n][0], day, scene) for n, day in enumerate(days)]
        rows.append(
            {
                "label": format_date(days[0], "d MMM", locale=get_locale() or "fr"),
                "hour": True,
                "cells": cells,
            }
        )
    return {
        "caption": _("Five weeks of %(name)s", name=scene.shown.name),
        "step": 1440,
        "weeks": True,
        "days": [{"label": names[n], "today": False} for n in range(7)],
        "rows": rows,
        "start_param": "date",
        "end_param": "fin",
    }


def _day_cell(cell: Cell, day: date, scene: Scene) -> Mapping[str, Any]:
    if cell.kind != FREE or cell.ask is None:
        return {**_other_cell(cell, scene), "label": str(day.day)}
    href = slot_path(scene.shown.slug, Slot(Span.of_epochs(*cell.ask)), scene.terms, ask=True)
    free = _free_words(cell.left) if scene.terms.capacity > 1 else _("free")
    return {
        "kind": "free",
        "col": 0,
        "name": f"{short_day(day)}, {free}",
        "label": str(day.day),
        "end": day.isoformat(),
        "start": (day - timedelta(days=1)).isoformat(),
        "href": href,
        "left": Markup("<b>{}</b> <small>{}</small>").format(day.day, free),
    }


def _free_words(left: int) -> str:
    return _n("%(num)s free", "%(num)s free", left)


# -- small screens ------------------------------------------------------------------------------------------


def agenda(week: Week, scene: Scene) -> list[dict[str, Any]]:
    """List the free windows of each day, or of the whole stretch where the resource is lent by days."""
    if scene.terms.by_day:
        return _stays(week, scene)
    by_day = windows_by_day(week, scene.terms, scene.now)
    return [
        {
            "label": day_words(day),
            "today": day == scene.today,
            "note": "",
            "windows": [option for window in windows if (option := _window(window, scene, week))],
        }
        for day, windows in by_day.items()
        if day >= scene.today
    ]


def _window(window: tuple[int, int], scene: Scene, week: Week) -> dict[str, Any] | None:
    terms, length = scene.terms, scene.terms.min_length * 60
    at = next(iter(starts(window, terms, length)), None)
    if at is None:
        return None
    first, last = (datetime.fromtimestamp(edge, terms.zone) for edge in (at, window[1]))
    until = f"{last:%H:%M}" if last.date() == first.date() else "24:00"
    return {
        "label": f"{first:%H:%M} – {until}",
        "detail": _left_words(week, window, scene) if terms.capacity > 1 else "",
        "href": slot_path(scene.shown.slug, Slot(Span.of_epochs(at, at + length)), terms, ask=True),
    }


def _left_words(week: Week, window: tuple[int, int], scene: Scene) -> str:
    """Say how many are free, and that it depends on the time where it does."""
    least, most = _left(week, window, scene.terms)
    units = amount(scene.shown.unit, most)
    return (
        units
        if least == most
        else _("%(least)s to %(units)s, depending on the time", least=least, units=units)
    )


def _left(week: Week, window: tuple[int, int], terms: Terms) -> tuple[int, int]:
    cells = [
        cell.left
        for column in week.columns
        for cell in column
        if cell.kind == FREE and window[0] <= cell.start < window[1]
    ]
    return min(cells, default=terms.capacity), max(cells, default=terms.capacity)


def _stays(week: Week, scene: Scene) -> list[dict[str, Any]]:
    """Join the free days that offer the same, so that five weeks fit on a small screen."""
    runs: list[list[tuple[date, Cell]]] = []
    for day, (cell,) in zip(week.days, week.columns, strict=True):
        if cell.kind != FREE:
            runs.append([])
        elif runs and runs[-1] and runs[-1][-1][1].left == cell.left:
            runs[-1].append((day, cell))
        else:
            runs.append([(day, cell)])
    windows = [_stay(run, scene) for run in runs if run]
    return [{"label": "", "today": False, "note": _("Nothing is free."), "windows": windows}]


def _stay(run: list[tuple[date, Cell]], scene: Scene) -> dict[str, Any]:
    first, cell = run[0]
    last = run[-1][0]
    label = day_words(first)
    if last != first:
        label = _("%(first)s to %(last)s", first=short_day(first), last=short_day(last))
    span = Span.of_epochs(*cell.ask) if cell.ask else Span.of_epochs(cell.start, cell.end)
    free = _free_words(cell.left) if scene.terms.capacity > 1 else ""
    return {
        "label": label,
        "detail": free,
        "href": slot_path(scene.shown.slug, Slot(span), scene.terms, ask=True),
    }
