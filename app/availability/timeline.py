"""Days of one resource as stretches in which nothing changes, for the planning of many. Pure: no words, no web."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from itertools import pairwise

from app.availability.rules import (
    DAY_MINUTES,
    Taken,
    Terms,
    earliest_start,
    free_windows,
    peak,
    starts,
    visible,
)

FREE, BUSY, CLOSED, OUTSIDE, BUFFER = "free", "busy", "closed", "outside", "buffer"
GAP, PAST, SOON, FAR = "gap", "past", "soon", "far"
Edges = tuple[int, int]
Own = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some time of one day, all alike. A free one tells how many are free and what a click asks for (`ask`).

    A taken or a closed one tells by which holds. A `gap` is open but shorter than any booking; `soon` is within the
    notice, `far` beyond the horizon. Where several users share, `own` has what the reader has of it: by which holds,
    and how many; of what is closed, `kept` has the holds of others that go on all the same.
    """

    kind: str
    start: int
    end: int
    left: int = 0
    holds: tuple[int, ...] = ()
    ask: Edges | None = None
    own: tuple[Own, ...] = ()
    kept: tuple[int, ...] = ()


Day = tuple[Stretch, ...]


def margin(terms: Terms) -> int:
    """Tell how far beside the days (seconds) windows and claims matter: a stay may begin in them and end after."""
    return (terms.min_length + terms.before + terms.after) * 60


def lay_out(
    terms: Terms,
    taken: Sequence[Taken],
    opened: Sequence[Edges],
    days: Sequence[int],
    now: datetime,
    own: Collection[int] = (),
) -> list[Day]:
    """Cut days into stretches; `days` are their first instants and that of the day after.

    `opened` has the spans in which a booking may lie, `taken` the claims, both within `margin` of the days; `own` the
    holds of whoever reads.
    """
    around = _Around(terms, taken, opened, (days[0], days[-1]), now, own if terms.capacity > 1 else ())
    if not around.is_usable:
        return [(Stretch(CLOSED, *day),) for day in pairwise(days)]
    cut = around.whole_day if terms.by_day else around.hours_of
    return [cut(*day) for day in pairwise(days)]


@dataclass(frozen=True)
class _Around:
    """What was read of a resource, looked at once for all its days."""

    terms: Terms
    taken: Sequence[Taken]
    opened: Sequence[Edges]
    reach: Edges
    now: datetime
    own: Collection[int]

    @property
    def is_usable(self) -> bool:
        return self.terms.status in ("active", "to_check")

    @cached_property
    def seen(self) -> list[Taken]:
        return visible(self.taken)

    @cached_property
    def windows(self) -> list[Edges]:
        start, end = self.reach
        beside = margin(self.terms)
        return free_windows(self.terms, self.taken, self.opened, start - beside, end + beside)

    @cached_property
    def bounds(self) -> tuple[int, int, int]:
        """Give three instants: this one, the first that respects the notice, the last within the horizon."""
        now = int(self.now.timestamp())
        earliest = int(earliest_start(self.terms, self.now).timestamp())
        return now, earliest, now + self.terms.horizon_days * 86_400

    def owned(self, over: Iterable[Taken]) -> tuple[Own, ...]:
        """Tell how many of what is taken are the reader's, by hold."""
        found = Counter[int]()
        for claim in over:
            if claim.hold_id in self.own:
                found[claim.hold_id] += claim.qty
        return tuple(sorted(found.items()))

    def kept(self, over: Iterable[Taken]) -> tuple[int, ...]:
        """Tell which holds of others go on although the place is closed: a manager chose to keep them."""
        return _holds(
            claim for claim in over if claim.kind in ("booking", "import") and claim.hold_id not in self.own
        )

    # -- lent by days -----------------------------------------------------------------------------------------

    def whole_day(self, start: int, end: int) -> Day:
        """Look at one day of a resource lent by days; a click asks for the shortest stay from it."""
        over = _within(self.seen, start, end)
        closures = tuple(claim.hold_id for claim in over if claim.kind == "closure")
        own = self.owned(over)
        if closures:
            return (Stretch(CLOSED, start, end, holds=closures, own=own, kept=self.kept(over)),)
        if peak(over, start, end) >= self.terms.capacity:
            return (Stretch(BUSY, start, end, holds=_holds(over), own=own),)
        kind = self._kind_of_day(start, end)
        if kind != FREE:
            return (Stretch(kind, start, end, own=own),)
        left = self.terms.capacity - peak(self.taken, start, end)
        return (Stretch(FREE, start, end, left, ask=self._stay(start), own=own),)

    def _kind_of_day(self, start: int, end: int) -> str:
        """Tell what a day is that is neither closed nor fully taken."""
        now, earliest, latest = self.bounds
        if end <= now:
            return PAST
        if not any(first <= start and end <= last for first, last in self.opened):
            return OUTSIDE
        if not any(first <= start and end <= last for first, last in self.windows):
            return BUFFER if _within(self.taken, start, end) else GAP
        return SOON if start < earliest else FAR if start >= latest else FREE

    def _stay(self, start: int) -> Edges:
        days = timedelta(days=max(1, self.terms.min_length // DAY_MINUTES))
        return start, int((datetime.fromtimestamp(start, self.terms.zone) + days).timestamp())

    # -- by the hour ------------------------------------------------------------------------------------------

    def hours_of(self, start: int, end: int) -> Day:
        """Cut one day at every instant where something changes, and join what looks alike."""
        moment = _Moment(self, start, end)
        found: list[Stretch] = []
        for first, last in pairwise(moment.edges()):
            piece = moment.look(first, last)
            if found and replace(found[-1], end=last) == replace(piece, start=found[-1].start):
                found[-1] = replace(found[-1], end=last)
            else:
                found.append(piece)
        return tuple(self._asking(piece) if piece.kind == FREE else piece for piece in found)

    def _asking(self, free: Stretch) -> Stretch:
        """Say what a click on a free stretch asks for: its first legal start, else the last one before it."""
        step = self.terms.step * 60
        length = -(-self.terms.min_length * 60 // step) * step
        window = next(w for w in self.windows if w[0] <= free.start < w[1])
        first = next(iter(starts((free.start, window[1]), self.terms, length)), None)
        if first is None or first >= free.end:
            before = starts((max(window[0], free.start - length), window[1]), self.terms, length)
            first = max((at for at in before if at < free.end), default=free.start)
        return replace(free, ask=(first, first + length))


class _Moment:
    """One day's share of what was read, so that each piece of it looks only at what is near."""

    def __init__(self, around: _Around, start: int, end: int) -> None:
        self.around, self.start, self.end = around, start, end
        self.seen = _within(around.seen, start, end)
        self.taken = _within(around.taken, start, end)
        self.opened = [span for span in around.opened if span[0] < end and span[1] > start]
        self.windows = [span for span in around.windows if span[0] < end and span[1] > start]

    def edges(self) -> list[int]:
        """List the instants of the day at which anything begins or ends, its own two included."""
        spans: list[Edges] = [*self.opened, *self.windows]
        spans += [(claim.start, claim.end) for claim in (*self.seen, *self.taken)]
        changes = {edge for span in spans for edge in span} | set(self.around.bounds)
        return sorted({self.start, self.end} | {at for at in changes if self.start < at < self.end})

    def look(self, at: int, end: int) -> Stretch:
        """Tell what is from one instant to the next at which something changes."""
        capacity, (now, earliest, latest) = self.around.terms.capacity, self.around.bounds
        over = [claim for claim in self.seen if claim.start <= at < claim.end]
        closures = tuple(claim.hold_id for claim in over if claim.kind == "closure")
        piece = partial(Stretch, start=at, end=end, own=self.around.owned(over))
        if closures:
            return piece(CLOSED, holds=closures, kept=self.around.kept(over))
        if sum(claim.qty for claim in over) >= capacity:
            return piece(BUSY, holds=_holds(over))
        if at < now:
            return piece(PAST)
        if not _covers(self.opened, at):
            return piece(OUTSIDE)
        near = [claim for claim in self.taken if claim.start <= at < claim.end]
        if not _covers(self.windows, at):
            return piece(BUFFER if near or self._is_cleaned(at) else GAP)
        if at < earliest or at >= latest:
            return piece(SOON if at < earliest else FAR)
        return piece(FREE, left=capacity - sum(claim.qty for claim in near))

    def _is_cleaned(self, at: int) -> bool:
        """Tell whether a use that ended here could not be cleaned up before the next, or one before it."""
        terms = self.around.terms
        reach = (terms.before + terms.after) * 60
        return any(claim.start - reach <= at < claim.end + reach for claim in self.taken) if reach else False


def _within(taken: Iterable[Taken], start: int, end: int) -> list[Taken]:
    return [claim for claim in taken if claim.start < end and claim.end > start]


def _covers(spans: Iterable[Edges], at: int) -> bool:
    return any(start <= at < end for start, end in spans)


def _holds(taken: Iterable[Taken]) -> tuple[int, ...]:
    return tuple(sorted({claim.hold_id for claim in taken}))
