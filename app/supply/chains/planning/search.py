"""The search for chains: which vehicle, store and kitchen, and when, for the least cost, way or wait. Pure.

Best first: pairs of places (where it is stored, where it ends) are looked at in the order of what a chain through
them has to cost at least. Once the best chain found is no worse than that bound, no other pair can be better.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from heapq import heapify, heappop, heappush
from itertools import islice
from operator import itemgetter

from app.core.span import Span
from app.supply.chains.planning.chains import Bound, Chains, Pair, Solution
from app.supply.chains.planning.endings import Ending
from app.supply.chains.planning.goals import Goal, Key
from app.supply.chains.planning.plan import Plan, PlannedLeg, Role
from app.supply.chains.planning.screening import screened
from app.supply.chains.planning.times import Slot
from app.supply.chains.planning.world import Proposals, Reason, Rejected, Task, Wanted, World, at

PLANS = 3
MOST_WAYS = 400  # that are looked at for one goal; rarely more than five are
MOST_OTHERS = 20  # that are looked at only to have others to choose from


def search(world: World, wanted: Wanted, most: int = PLANS) -> Proposals:
    """Find the cheapest chain, the one that goes least far and the one that is ready first; then others.

    Where these are one and the same, the next cheapest through other resources fill up to `most`.
    """
    kept, rejected = screened(world.candidates, wanted)
    chains = Chains(kept, wanted)
    looking = _Looking(chains)
    for goal in Goal:
        looking.by(goal)
    looking.for_others(most)
    plans = _chosen(looking.known, most)
    if not plans:
        rejected += [Rejected(each.means.resource_id, each.means.task, Reason.NO_LINK) for each in kept]
    is_whole = looking.is_whole and chains.roads.is_whole
    return Proposals(tuple(plan_of(each) for each in plans), tuple(rejected), is_whole)


class _Looking:
    """A look at ways, pairs of places with one of their endings, and the chains found by it."""

    def __init__(self, chains: Chains) -> None:
        self._chains = chains
        self._bounds = list(chains.bounds())
        self._seen: set[tuple[Goal, Pair, Ending]] = set()
        self.known: list[Solution] = []
        self.is_whole = True

    def by(self, goal: Goal) -> None:
        """Look for the best chain by a goal."""
        best = min((each.key(goal) for each in self.known), default=None)
        for looked, (least, pair, ending) in enumerate(self._in_order(goal, best)):
            if best is not None and least >= best:
                return
            if looked == MOST_WAYS:
                self.is_whole = False
                return
            for solution in self._through(pair, ending, goal):
                best = min(best, solution.key(goal)) if best else solution.key(goal)

    def for_others(self, most: int) -> None:
        """Go on looking for cheap ones, a little, until there are enough that use other resources."""
        for _least, pair, ending in islice(self._in_order(Goal.CHEAPEST), MOST_OTHERS):
            if len(_chosen(self.known, most)) >= most:
                return
            self._through(pair, ending, Goal.CHEAPEST)

    def _through(self, pair: Pair, ending: Ending, goal: Goal) -> list[Solution]:
        if (goal, pair, ending) in self._seen:
            return []
        self._seen.add((goal, pair, ending))
        found = list(self._chains.through(pair, ending, goal))
        self.known += found
        return found

    def _in_order(self, goal: Goal, most: Key | None = None) -> Iterator[tuple[Key, Pair, Ending]]:
        """List ways in the order of what a chain comes to at least; what is first is looked at more closely, twice.

        Those that come to `most` or more are left out. There are tens of thousands at first: they wait as numbers.
        """
        keys = enumerate(map(goal.order, map(itemgetter(1), self._bounds)))
        heap: list[tuple[Key, int]] = [(key, number) for number, key in keys if most is None or key < most]
        heapify(heap)
        closer: list[
            tuple[Pair, Bound, Ending | None]
        ] = []  # seen with what drives there; by an ending, with times
        while heap:
            least, number = heappop(heap)
            seen = number - len(self._bounds)
            pair, bound, ending = closer[seen] if seen >= 0 else (*self._bounds[number], None)
            if ending is not None:
                yield least, pair, ending
                continue
            found = self._chains.endings(pair, bound, goal) if seen >= 0 else self._tightened(pair, bound)
            for next_ending, tight in found:
                heappush(heap, (goal.order(tight), len(self._bounds) + len(closer)))
                closer.append((pair, tight, next_ending))

    def _tightened(self, pair: Pair, bound: Bound) -> Iterator[tuple[None, Bound]]:
        if tight := self._chains.tightened(pair, bound):
            yield None, tight


def _chosen(known: list[Solution], most: int) -> list[Solution]:
    """Choose the best by each goal, then the cheapest that use other resources, not only more; the cheapest first."""
    chosen: list[Solution] = []
    for goal in Goal:
        best = min(known, key=lambda each: (each.key(goal), each.resources), default=None)
        if best is not None and best not in chosen:
            chosen.append(best)
    used = [set(each.resources) for each in chosen]
    for each in sorted(known, key=lambda each: (each.key(Goal.CHEAPEST), each.resources)):
        if len(chosen) < most and not any(own <= set(each.resources) for own in used):
            chosen.append(each)
            used.append(set(each.resources))
    return sorted(chosen[:most], key=lambda each: each.key(Goal.CHEAPEST))


def plan_of(solution: Solution) -> Plan:
    """Make a plan of a solution, leg by leg."""
    return Plan(tuple(_legs(solution)), at(solution.ready), solution.cents, solution.metres)


def _legs(found: Solution) -> Iterator[PlannedLeg]:
    yield _driven(Role.COLLECT, found.collect)
    last: Slot | None = found.collect
    if found.stay:
        store, stay = found.stay[0].store, Span.of_epochs(*found.stay[1])
        gap = _gap_after(last)
        yield PlannedLeg(Role.STORE, store.means.resource_id, stay, store.need.quantity, gap=gap)
        last = found.carry
    if found.carry:
        yield _driven(Role.CARRY, found.carry)
    if found.work:
        kitchen = found.work.kitchen
        span = Span.of_epochs(found.start, found.start + found.work.length)
        gap = _gap_after(last)
        yield PlannedLeg(Role.PROCESS, kitchen.means.resource_id, span, kitchen.need.quantity, gap=gap)


def _driven(role: Role, slot: Slot) -> PlannedLeg:
    means, need = slot.vehicle.means, slot.vehicle.need
    return PlannedLeg(role, means.resource_id, Span.of_epochs(*slot.span), 1, slot.metres, need.trips)


def _gap_after(slot: Slot | None) -> timedelta:
    """Tell what lies at least between what a vehicle is booked for and what comes next.

    By the hour its whole tour lies in its own span. By the day it is over, as orders see it, when its last day begins:
    what comes next has to wait for the tour, whatever drives or cooks in the end.
    """
    if slot is None or not slot.vehicle.means.by_day:
        return timedelta(0)
    return timedelta(seconds=slot.end - slot.start)


def counted(rejected: Iterable[Rejected]) -> dict[tuple[Task, Reason], int]:
    """Count what was rejected, by what it could do and why."""
    found: dict[tuple[Task, Reason], int] = {}
    for each in rejected:
        found[each.task, each.reason] = found.get((each.task, each.reason), 0) + 1
    return found
