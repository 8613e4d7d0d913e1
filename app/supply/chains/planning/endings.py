"""Where a chain ends: work in a kitchen, or handing it over at a place. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from app.supply.chains.planning.goals import Goal
from app.supply.chains.planning.times import Work


class End(NamedTuple):
    """How it ends after some arrival: what that costs, when it is ready, when its work begins."""

    cents: int
    ready: int
    start: int


class Kitchen:
    """It is worked at, and handed over there."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.floor = work.floor()
        self._best: dict[tuple[int, Goal], End | None] = {}

    def soonest(self, arrival: int) -> int | None:
        """Tell when it is ready at the soonest, if it comes at some moment or later; None for never."""
        start = next(iter(self.work.from_(arrival)), None)
        return None if start is None else start + self.work.length

    @property
    def chances(self) -> Iterator[tuple[int, int]]:
        """List up to when it may come, and when it is ready then: at the soonest by the first that is not over."""
        slack = self.work.slack - 1
        return ((start + slack, start + self.work.length) for start in self.work.starts)

    def least(self, arrival: int) -> int:
        """Tell what it costs at least, if it comes at some moment or later, in time for some work."""
        return self._least[-len(self.work.from_(arrival))]

    @cached_property
    def _least(self) -> list[int]:
        """What work costs at least from each of its starts on."""
        costs = map(self.work.cents, reversed(self.work.starts))
        return [*accumulate(costs, min)][::-1]

    def after(self, arrival: int, goal: Goal) -> End | None:
        """Give the best end of what arrives at a moment; None where there is none."""
        if (arrival, goal) not in self._best:
            ends = (self.at(start) for start in self.work.after(arrival))
            self._best[arrival, goal] = min(
                ends, key=lambda end: goal.key(end.cents, 0, end.ready), default=None
            )
        return self._best[arrival, goal]

    def at(self, start: int) -> End:
        """Give the end that begins at a moment."""
        return End(self.work.cents(start), start + self.work.length, start)


@dataclass(frozen=True)
class HandedOver:
    """It is handed over where it is brought to, by some moment."""

    by: int
    floor: int = 0
    work: None = None

    def soonest(self, arrival: int) -> int | None:
        """Tell when it is ready at the soonest."""
        return arrival if arrival <= self.by else None

    @property
    def chances(self) -> Iterator[tuple[int, int]]:
        """List up to when it may come: whenever that is, it is ready then."""
        return iter([(self.by, 0)])

    def least(self, _arrival: int) -> int:
        """Tell what it costs at least: nothing."""
        return 0

    def after(self, arrival: int, _goal: Goal) -> End | None:
        """Give the end of what arrives at a moment."""
        return End(0, arrival, arrival) if arrival <= self.by else None


Ending = Kitchen | HandedOver


class Soonest:
    """When it is ready at the soonest at a place, by any of its endings: looked up, for tens of thousands of ways."""

    def __init__(self, endings: Iterable[Ending]) -> None:
        chances = sorted(chance for each in endings for chance in each.chances)
        self._until = [until for until, _ready in chances]
        self._ready = [*accumulate((ready for _until, ready in reversed(chances)), min)][::-1]

    def after(self, arrival: int) -> int | None:
        """Tell it of what comes at some moment or later; None for never."""
        place = bisect_left(self._until, arrival)
        return max(arrival, self._ready[place]) if place < len(self._ready) else None
