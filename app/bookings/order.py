"""The order of legs that follow one another: each begins once the one before it is over (pure, no I/O).

What is lent by whole days is flexible: it may begin and end at any time of its first and of its last day.
A leg may need some time between what comes before it and its own start: a drive, something that cools down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor
from zoneinfo import ZoneInfo

from app.core.span import Span, from_wall

_DAY = timedelta(days=1)
IDLE = timedelta(hours=2)  # that long what is unloaded stands in the shade before it needs a place


@dataclass(frozen=True)
class Step:
    """A leg as its order sees it: its number, the name of its place, when it is, what lies before it at least."""

    number: int
    name: str
    span: Span
    by_day: bool
    zone: ZoneInfo
    gap: timedelta = timedelta(0)

    @property
    def latest_start(self) -> datetime:
        """Tell when it begins at the latest: what is lent by days, at the end of its first day."""
        return _midnight(self.span.start, self.zone, days=1) if self.by_day else self.span.start

    @property
    def earliest_end(self) -> datetime:
        """Tell when it can be over: what is lent by days, when its last day begins."""
        last_moment = self.span.end - timedelta(seconds=1)
        return _midnight(last_moment, self.zone, days=0) if self.by_day else self.span.end

    def moved_by(self, by: timedelta) -> Span | None:
        """Give its time so much later or earlier, by whole days where it is lent so; None where clocks jump over it."""
        if not self.by_day:
            return Span(self.span.start + by, self.span.end + by)
        days = by / _DAY
        return self.span.days_later(ceil(days) if days > 0 else floor(days), self.zone)


def _midnight(at: datetime, zone: ZoneInfo, *, days: int) -> datetime:
    wall = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return from_wall(wall + days * _DAY, zone)


@dataclass(frozen=True)
class Clash:
    """A leg, or with None the hand-over, that comes before `earlier` is over.

    What comes later can be at `since` at the soonest; for it to stay as it is, the earlier would have to be over by
    `until`. Both leave the gap between them.
    """

    later: Step | None
    earlier: Step
    since: datetime
    until: datetime

    @property
    def gap(self) -> timedelta:
        """Tell how much time has to lie between them."""
        return self.later.gap if self.later else timedelta(0)


@dataclass(frozen=True)
class Order:
    """What a leg has to keep its place in: the legs, and when they are handed over."""

    steps: Sequence[Step]
    handover: datetime | None = None

    def clashes_of(self, own: Step) -> list[Clash]:
        """Find what a leg would clash with, put in its place instead of the one that has its number."""
        others = [step for step in self.steps if step.number != own.number]
        steps = sorted([*others, own], key=lambda step: step.number)
        return [clash for clash in clashes(steps, self.handover) if own in (clash.later, clash.earlier)]

    def idle_beside(self, own: Step) -> list[Span]:
        """Find when nothing would be booked, for longer than a moment, right before and after a leg in its place."""
        before = max((s for s in self.steps if s.number < own.number), key=lambda s: s.number, default=None)
        after = min((s for s in self.steps if s.number > own.number), key=lambda s: s.number, default=None)
        beside = [(before, own), (own, after)]
        pairs = [(a.span.end, b.span.start) for a, b in beside if a is not None and b is not None]
        return [Span(end, start) for end, start in pairs if start - end > IDLE]


def up_to(steps: Sequence[Step], own: Step) -> int | None:
    """Find before which other leg (its number) one that begins too soon would keep the order; None where that is none.

    It would not help to move it where it comes too soon still, or where another would then do so.
    """
    others = [step for step in sorted(steps, key=lambda step: step.number) if step.number != own.number]
    before = [step for step in others if step.number < own.number]
    wrong = _too_soon([*before, own, *others[len(before) :]])
    for place in reversed(range(len(before))):
        moved = _too_soon([*others[:place], own, *others[place:]])
        if own.number not in moved and moved < wrong:
            return others[place].number
    return None


def _too_soon(steps: Sequence[Step]) -> set[int]:
    return {clash.later.number for clash in clashes(steps) if clash.later}


def clashes(steps: Sequence[Step], handover: datetime | None = None) -> list[Clash]:
    """Find what comes too soon among legs in their order, then the hand-over.

    A leg cannot be over before it can begin: what follows one by days waits for what comes before that, too. The first
    that is left has nothing before it, and its gap binds nothing.
    """
    found: list[Clash] = []
    last: Step | None = None
    ready: datetime | None = None
    for step in steps:
        since = None if ready is None else ready + step.gap
        if since is not None and last is not None and step.latest_start < since:
            found.append(Clash(step, last, since, step.latest_start - step.gap))
        if since is None or step.earliest_end >= since:
            last, ready = step, step.earliest_end
        else:
            ready = since
    if handover is not None and ready is not None and last is not None and handover < ready:
        found.append(Clash(None, last, ready, handover))
    return found
