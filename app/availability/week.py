"""A resource's week as cells of a table, or five weeks of days where it is lent by days. Pure: no words, no web."""

import itertools
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.availability.hours import hours_between
from app.availability.rules import (
    DAY_MINUTES,
    Load,
    Taken,
    Terms,
    earliest_start,
    free_windows,
    loads,
    visible,
)

WEEKS_BY_DAY = 5
MOST_ROWS = 34
FREE, BUSY, BUFFER, CLOSED, PAST = "free", "busy", "buffer", "closed", "past"


@dataclass(frozen=True, slots=True)
class Cell:
    """One stretch of one day. A free one tells what a click asks for (`ask`), and how many are free (`left`)."""

    kind: str
    start: int
    end: int
    rows: int = 1
    left: int = 0
    hold_id: int | None = None
    ask: tuple[int, int] | None = None
    is_plain: bool = True  # no change of clocks on that day


@dataclass(frozen=True)
class Week:
    """The days of a table, the minutes (since midnight) its rows begin at, and the cells of each day from the top.

    By days, each row is a week of seven cells and `minutes` is empty.
    """

    first: date
    days: tuple[date, ...]
    row_minutes: int
    minutes: tuple[int, ...]
    columns: tuple[tuple[Cell, ...], ...]
    windows: tuple[tuple[int, int], ...]
    shown: tuple[Taken, ...]  # what takes capacity, as people may see it


def monday(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def day_starts(terms: Terms, first: date, count: int) -> list[int]:
    """List the first instants of `count` civil days at the place, and of the one after."""
    days = [first + timedelta(days=number) for number in range(count + 1)]
    return [int(datetime(d.year, d.month, d.day, tzinfo=terms.zone).timestamp()) for d in days]


def reach(terms: Terms, first: date) -> tuple[int, int]:
    """Tell the stretch whose claims a table needs, buffers included."""
    starts = day_starts(terms, first, 7 * WEEKS_BY_DAY if terms.by_day else 7)
    margin = (terms.before + terms.after) * 60
    return starts[0] - margin, starts[-1] + margin


def week_of(terms: Terms, first: date, taken: Sequence[Taken], now: datetime) -> Week:
    """Lay out the week (or five) that begins on Monday `first`."""
    count = 7 * WEEKS_BY_DAY if terms.by_day else 7
    starts = day_starts(terms, first, count)
    earliest = int(earliest_start(terms, now).timestamp())
    latest = int(now.timestamp()) + terms.horizon_days * 86_400
    opened = (
        hours_between(terms, starts[0], starts[-1])
        if terms.opening_mode == "continuous"
        else [(starts[0], starts[-1])]
    )
    usable = terms.status in ("active", "to_check")
    windows = free_windows(terms, taken, opened, starts[0], starts[-1]) if usable else []
    seen = tuple(visible(taken))
    days = tuple(first + timedelta(days=number) for number in range(count))
    painter = _Painter(terms, windows, opened, seen, loads(taken, starts[0], starts[-1]), earliest, latest)
    if terms.by_day:
        cells = tuple((painter.day_cell(starts[n], starts[n + 1]),) for n in range(count))
        return Week(first, days, DAY_MINUTES, (), cells, tuple(windows), seen)
    row = row_minutes(terms, opened)
    minutes = _rows(terms, opened, row)
    columns = tuple(painter.column(day, minutes, row) for day in days)
    return Week(first, days, row, minutes, columns, tuple(windows), seen)


def row_minutes(terms: Terms, opened: Sequence[tuple[int, int]]) -> int:
    """Choose the height of a row: the step, half hours at the finest, hours where the day is long."""
    row = max(terms.step, 30)
    low, high = _extent(terms, opened)
    return 60 if row == 30 and (high - low) // 30 > MOST_ROWS else row


def _extent(terms: Terms, opened: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Tell the earliest opening and the latest closing minute of the week's days."""
    lows, highs = [], []
    for start, end in opened:
        first, last = datetime.fromtimestamp(start, terms.zone), datetime.fromtimestamp(end - 1, terms.zone)
        same_day = first.date() == last.date()
        lows.append(first.hour * 60 + first.minute if same_day else 0)
        highs.append(last.hour * 60 + last.minute + 1 if same_day else DAY_MINUTES)
    return (min(lows), max(highs)) if lows else (8 * 60, 18 * 60)


def _rows(terms: Terms, opened: Sequence[tuple[int, int]], row: int) -> tuple[int, ...]:
    low, high = _extent(terms, opened)
    return tuple(range(low // row * row, -(-high // row) * row, row))


@dataclass(frozen=True)
class _Painter:
    """Decides what each cell is, from what was read once for the whole table."""

    terms: Terms
    windows: Sequence[tuple[int, int]]
    opened: Sequence[tuple[int, int]]
    seen: Sequence[Taken]
    loads: Sequence[Load]
    earliest: int
    latest: int

    def column(self, day: date, minutes: Sequence[int], row: int) -> tuple[Cell, ...]:
        """Paint one day from the top; equal neighbours that are not free become one tall cell."""
        starts = day_starts(self.terms, day, 1)
        is_plain = starts[1] - starts[0] == DAY_MINUTES * 60
        edges = [starts[0] + at * 60 for at in (*minutes, minutes[-1] + row)]
        if not is_plain:
            edges = self._edges(day, (*minutes, minutes[-1] + row))
        cells: list[Cell] = []
        for start, end in itertools.pairwise(edges):
            cell = self._cell(start, max(end, start + 1), row, is_plain=is_plain)
            last = cells[-1] if cells else None
            if last and cell.kind != FREE and (last.kind, last.hold_id) == (cell.kind, cell.hold_id):
                cells[-1] = Cell(cell.kind, last.start, cell.end, last.rows + 1, 0, cell.hold_id)
            else:
                cells.append(cell)
        return tuple(cells)

    def _edges(self, day: date, minutes: Sequence[int]) -> list[int]:
        """Find the instants of wall minutes on a day when the clocks change."""
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # a wall time
        walls = (midnight + timedelta(minutes=at) for at in minutes)
        return [int(wall.replace(tzinfo=self.terms.zone).timestamp()) for wall in walls]

    def day_cell(self, start: int, end: int) -> Cell:
        """Paint one day of a resource lent by days; a click asks for the shortest stay from it."""
        if end - 1 < self.earliest:
            return Cell(PAST, start, end)
        window = self._window(start, end)
        if window and start < self.latest:
            days = max(1, self.terms.min_length // DAY_MINUTES)
            last = (datetime.fromtimestamp(start, self.terms.zone) + timedelta(days=days)).timestamp()
            return Cell(FREE, start, end, left=self._left(start, end), ask=(start, int(last)))
        return self._not_free(start, end)

    def _cell(self, start: int, end: int, row: int, *, is_plain: bool) -> Cell:
        if start < self.earliest:
            return Cell(PAST, start, end)
        window = self._window(start, end)
        if window and start < self.latest:
            ask = self._ask(start, window, row)
            return Cell(FREE, start, end, left=self._left(start, end), ask=ask, is_plain=is_plain)
        return self._not_free(start, end)

    def _ask(self, start: int, window: tuple[int, int], row: int) -> tuple[int, int]:
        """Tell what a click asks for: the shortest booking from here, moved earlier where the window ends too soon."""
        step, least = self.terms.step * 60, self.terms.min_length * 60
        length = -(-max(least, row * 60) // step) * step
        last = start + min(length, (window[1] - start) // step * step)
        first = min(start, last - least)
        return (first, last) if first >= window[0] else (start, start + length)

    def _not_free(self, start: int, end: int) -> Cell:
        if not any(first < end and last > start for first, last in self.opened):
            return Cell(CLOSED, start, end)
        over = [claim for claim in self.seen if claim.start < end and claim.end > start]
        closure = next((claim for claim in over if claim.kind == "closure"), None)
        if closure:
            return Cell(CLOSED, start, end, hold_id=closure.hold_id)
        if over:
            alone = over[0].hold_id if self.terms.capacity == 1 else None
            return Cell(BUSY, start, end, hold_id=alone)
        if start >= self.latest or self.terms.status not in ("active", "to_check"):
            return Cell(CLOSED, start, end)
        near = (self.terms.before + self.terms.after) * 60
        cleaned = near and any(c.start - near < end and c.end + near > start for c in self.seen)
        return Cell(BUFFER if cleaned else CLOSED, start, end)

    def _window(self, start: int, end: int) -> tuple[int, int] | None:
        at = bisect_right(self.windows, (start, 1 << 62)) - 1
        if at >= 0 and self.windows[at][0] <= start and end <= self.windows[at][1]:
            return self.windows[at]
        return None

    def _left(self, start: int, end: int) -> int:
        if self.terms.capacity == 1:
            return 1
        most = max((load.qty for load in self.loads if load.start < end and load.end > start), default=0)
        return self.terms.capacity - most


def windows_by_day(week: Week, terms: Terms, now: datetime) -> Mapping[date, list[tuple[int, int]]]:
    """Cut the free windows of the week at midnights, without what is too soon, for the agenda of small screens."""
    earliest = int(earliest_start(terms, now).timestamp())
    latest = int(now.timestamp()) + terms.horizon_days * 86_400
    starts = day_starts(terms, week.first, len(week.days))
    found: dict[date, list[tuple[int, int]]] = {day: [] for day in week.days}
    for number, day in enumerate(week.days):
        for first, last in week.windows:
            start, end = max(first, starts[number], earliest), min(last, starts[number + 1])
            if end - start >= min(terms.min_length, DAY_MINUTES) * 60 and start < latest:
                found[day].append((start, end))
    return found
