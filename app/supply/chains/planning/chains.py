"""Chains through a pair of places: what they cost at least, and the best of them with their times. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from app.supply.chains.planning.endings import End, Ending, HandedOver, Kitchen, Soonest
from app.supply.chains.planning.goals import Goal, Key
from app.supply.chains.planning.roads import STOP, driving, road
from app.supply.chains.planning.tables import Arrivals, Gate, Roads, gated
from app.supply.chains.planning.times import PATIENCE, Keeping, Slot, Work
from app.supply.chains.planning.world import HOUR, Candidate, Task, Wanted, Window

BEFOREHAND = 6 * HOUR  # so long before it can be loaded a vehicle may have set out


class Pair(NamedTuple):
    """Where it is stored on the way (None: nowhere), and where it ends (None: where it is stored)."""

    via: Gate | None
    end: Gate | None


@dataclass(frozen=True)
class Solution:
    """A chain with its times, and what it comes to."""

    cents: int
    metres: int
    ready: int
    collect: Slot
    stay: tuple[Keeping, Window] | None = None
    carry: Slot | None = None
    work: Work | None = None
    start: int = 0

    def key(self, goal: Goal) -> Key:
        """Order it by a goal."""
        return goal.key(self.cents, self.metres, self.ready)

    @property
    def resources(self) -> tuple[int, ...]:
        """Name what it uses, in its order."""
        stored = self.stay[0].store if self.stay else None
        used = (
            self.collect.vehicle,
            stored,
            self.carry.vehicle if self.carry else None,
            self.work.kitchen if self.work else None,
        )
        return tuple(each.means.resource_id for each in used if each)


class Bound(NamedTuple):
    """What a chain comes to at least."""

    cents: int
    metres: int
    ready: int


class Leave(NamedTuple):
    """How it leaves its store and ends: the moment, with which tour, what that comes to, and its end."""

    moment: int
    carry: Slot | None
    end: End
    cents: int
    metres: int


class Chains:
    """Everything that could be of use for what is wanted, sorted by place."""

    def __init__(self, candidates: Sequence[Candidate], wanted: Wanted) -> None:
        self._wanted = wanted
        patience = PATIENCE[wanted.cargo.regime]
        bounds = wanted.loading[0] - BEFOREHAND, wanted.ends
        by_task = {task: [each for each in candidates if each.means.task is task] for task in Task}
        self.roads = Roads(by_task[Task.DRIVE], bounds, wanted.loadings, wanted.place)
        self._origin = Gate(wanted.place)
        stores = gated(by_task[Task.STORE], wanted.handling)
        self._stores = {
            gate: [Keeping(each, bounds, patience) for each in own] for gate, own in stores.items()
        }
        self._endings = self._ends(by_task[Task.PROCESS], bounds, patience)
        if wanted.stored is False:
            self._stores = {}
        self._floors: dict[Gate | None, int] = {None: 0}
        self._floors |= {gate: min(each.floor() for each in own) for gate, own in self._stores.items()}
        self._floors |= {gate: min(each.floor for each in own) for gate, own in self._endings.items()}
        self._soonest = {gate: Soonest(own) for gate, own in self._endings.items()}
        self._first: dict[Gate, Bound] = {}

    def _ends(
        self, kitchens: Sequence[Candidate], bounds: Window, patience: int
    ) -> Mapping[Gate | None, list[Ending]]:
        if self._wanted.processed:
            behind = gated(kitchens, self._wanted.handling)
            return {
                gate: [Kitchen(Work(each, bounds, patience)) for each in own] for gate, own in behind.items()
            }
        to = Gate(self._wanted.to, self._wanted.handovers) if self._wanted.to else None
        return {to: [HandedOver(self._wanted.ends)]}

    def pairs(self) -> Iterator[Pair]:
        """List the pairs of places that a chain may go through."""
        for end in self._endings:
            if not self._wanted.stored and end is not None:
                yield Pair(None, end)
            for via in self._stores:
                yield Pair(via, end)

    # -- bounds ---------------------------------------------------------------------------------------------

    def bounds(self) -> Iterator[tuple[Pair, Bound]]:
        """Tell of each pair of places what a chain through it comes to at least, seen from afar."""
        for pair in self.pairs():
            if bound := self._bound(pair):
                yield pair, bound

    def _bound(self, pair: Pair) -> Bound | None:
        begun = self._fetched(pair.via or pair.end)
        cents, metres, moment = begun.cents + self._floor(pair), begun.metres, begun.ready
        if pair.via and pair.end and pair.via.place != pair.end.place:
            on = self._driven(pair.via, pair.end)
            cents, metres, moment = cents + on.cents, metres + on.metres, moment + on.ready
        ready = self._soonest[pair.end].after(moment)
        return None if ready is None else Bound(cents, metres, ready)

    def _fetched(self, gate: Gate | None) -> Bound:
        """Tell what it comes to at least to bring it to a first place, and when it is there."""
        if gate is None:
            return Bound(0, 0, self._wanted.loading[0])
        if gate not in self._first:
            way = self._driven(self._origin, gate)
            self._first[gate] = way._replace(ready=self._wanted.loading[0] + way.ready)
        return self._first[gate]

    def _driven(self, start: Gate, end: Gate) -> Bound:
        """Tell what a tour between two places comes to, and takes (`ready`), at least: wherever it comes from."""
        way = road(start.place, end.place)
        metres = max(2 * way - 4, 0)  # there and back; each way is rounded
        return Bound(self.roads.least(start.place, end.place), metres, 2 * STOP + driving(way))

    def tightened(self, pair: Pair, bound: Bound) -> Bound | None:
        """Tell the same with what the cheapest vehicles cost; None where nothing drives there."""
        cents = self._floor(pair)
        for start, end in self._ways(pair):
            floor = self.roads.floor(start.place, end.place)
            if floor is None:
                return None
            cents += floor
        return bound._replace(cents=cents)

    def endings(self, pair: Pair, bound: Bound, goal: Goal) -> Iterator[tuple[Ending, Bound]]:
        """Tell what a chain comes to at least by each ending of a pair, once it is known who can fetch it when."""
        (start, first), *more = self._ways(pair)
        slots = self.roads.collects(first, goal)
        if not slots:
            return
        moment = slots[0].end + sum(2 * STOP + driving(road(a.place, b.place)) for a, b in more)
        fetched = self.roads.least_of(first, goal) - (self.roads.floor(start.place, first.place) or 0)
        for ending in self._endings[pair.end]:
            ready = ending.soonest(moment)
            if ready is not None:
                cents = bound.cents + fetched + ending.least(moment) - self._floors[pair.end]
                yield ending, Bound(cents, bound.metres, ready)

    def _ways(self, pair: Pair) -> Iterator[tuple[Gate, Gate]]:
        """List what a vehicle has to drive: not from a store to a kitchen of the same place."""
        gates = [self._origin, *(gate for gate in pair if gate)]
        for start, end in pairwise(gates):
            if start is self._origin or start.place != end.place:
                yield start, end

    def _floor(self, pair: Pair) -> int:
        return self._floors[pair.via] + self._floors[pair.end]

    # -- chains with their times ----------------------------------------------------------------------------

    def through(self, pair: Pair, ending: Ending, goal: Goal) -> Iterator[Solution]:
        """Give the best chain through two places to an ending by a goal, for each store there."""
        if pair.via is None:
            found = [self._direct(pair.end, ending, goal)] if pair.end else []
        elif pair.end is None:
            found = [self._left_in(each, pair.via, goal) for each in self._stores[pair.via]]
        else:
            leaves = list(self._leaves(pair.via, pair.end, ending, goal))
            found = [self._stored(each, pair.via, ending, leaves, goal) for each in self._stores[pair.via]]
        yield from (each for each in found if each)

    def _direct(self, gate: Gate, ending: Ending, goal: Goal) -> Solution | None:
        """Bring it straight to where it ends."""
        best: Solution | None = None
        for slot in self.roads.collects(gate, goal):
            if end := ending.after(slot.end, goal):
                cents = slot.cents + end.cents
                best = _better(
                    best,
                    Solution(cents, slot.metres, end.ready, slot, work=ending.work, start=end.start),
                    goal,
                )
        return best

    def _left_in(self, keeping: Keeping, gate: Gate, goal: Goal) -> Solution | None:
        """Bring it into a store, where it is handed over."""
        best: Solution | None = None
        until = self._wanted.ends if self._wanted.by else None
        for slot in self.roads.collects(gate, goal):
            stay = keeping.at_least(slot.end, until)
            if stay and (ready := keeping.ready(slot.end, stay)) <= self._wanted.ends:
                cents = slot.cents + keeping.cents(stay)
                best = _better(best, Solution(cents, slot.metres, ready, slot, (keeping, stay)), goal)
        return best

    def _leaves(self, via: Gate, end: Gate, ending: Ending, goal: Goal) -> Iterator[Leave]:
        """List how it may leave a store for where it ends: on a tour, or, at the same place, when work begins."""
        if via.place != end.place:
            for slot in self.roads.carries(via, end, goal):
                if found := ending.after(slot.end, goal):
                    yield Leave(slot.start, slot, found, slot.cents + found.cents, slot.metres)
        elif isinstance(ending, Kitchen):
            for start in ending.work.starts:
                found = ending.at(start)
                yield Leave(start, None, found, found.cents, 0)

    def _stored(
        self, keeping: Keeping, gate: Gate, ending: Ending, leaves: Sequence[Leave], goal: Goal
    ) -> Solution | None:
        """Bring it into a store, and on from there."""
        best: Solution | None = None
        arrivals = self._arrivals(keeping, gate, goal)
        for leave in leaves:
            if best and goal.key(leave.cents, leave.metres, leave.end.ready) >= best.key(goal):
                continue
            then = leave.carry.vehicle if leave.carry else None
            by = leave.carry.follows_by if leave.carry else None
            for own in arrivals:
                slot = own.by(leave.moment, then)
                stay = keeping.stay(slot.end, leave.moment) if slot else None
                if slot and stay and (by is None or keeping.ready(slot.end, stay) <= by):
                    cents = slot.cents + keeping.cents(stay) + leave.cents
                    metres = slot.metres + leave.metres
                    kept = keeping, stay
                    ready, start = leave.end.ready, leave.end.start
                    found = Solution(cents, metres, ready, slot, kept, leave.carry, ending.work, start)
                    best = _better(best, found, goal)
        return best

    def _arrivals(self, keeping: Keeping, gate: Gate, goal: Goal) -> list[Arrivals]:
        """Put together the tours that arrive on one day, for what is lent by days; by the hour, each stands alone."""
        several: dict[int, list[Slot]] = {}
        for slot in self.roads.collects(gate, goal):
            several.setdefault(keeping.day_of(slot.end), []).append(slot)
        return [Arrivals(own, goal) for own in several.values()]


def _better(best: Solution | None, found: Solution, goal: Goal) -> Solution:
    return found if best is None or found.key(goal) < best.key(goal) else best
