"""The search for chains: which vehicle, store and kitchen, and when, for the least cost, way or wait. Pure.

Best first: pairs of places (where it is stored, where it ends) are looked at in the order of what a chain through
them has to cost at least. Once the best chain found is no worse than that bound, no other pair can be better.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush

from app.core.span import Span
from app.supply.chains.planning.chains import Bound, Chains, Pair, Solution
from app.supply.chains.planning.goals import Goal, Key
from app.supply.chains.planning.plan import Plan, PlannedLeg, Role
from app.supply.chains.planning.screening import screened
from app.supply.chains.planning.world import Proposals, Reason, Rejected, Task, Wanted, World, at

PLANS = 3
MOST_PAIRS = 400  # of places that are looked at for one goal; rarely more than thirty are


def search(world: World, wanted: Wanted, most: int = PLANS) -> Proposals:
    """Find the cheapest chain, the one that goes least far and the one that is ready first; then others.

    Where these are one and the same, the next cheapest through other resources fill up to `most`.
    """
    kept, rejected = screened(world.candidates, wanted)
    chains = Chains(kept, wanted)
    bounds, known = list(chains.bounds()), list[Solution]()
    looked = [_look(chains, bounds, goal, known) for goal in Goal]
    plans = _chosen(known, most)
    if not plans:
        rejected += [Rejected(each.means.resource_id, each.means.task, Reason.NO_LINK) for each in kept]
    is_whole = all(looked) and chains.roads.is_whole
    return Proposals(tuple(plan_of(each) for each in plans), tuple(rejected), is_whole)


def _look(chains: Chains, bounds: Sequence[tuple[Pair, Bound]], goal: Goal, known: list[Solution]) -> bool:
    """Look for the best chain by one goal; tell whether all was looked at that could be better."""
    best: Key | None = None
    heap = [(goal.key(*bound), number, False) for number, (_pair, bound) in enumerate(bounds)]
    heapify(heap)
    looked = 0
    while heap and (best is None or heap[0][0] < best):
        _key, number, is_tight = heappop(heap)
        pair, bound = bounds[number]
        if not is_tight:
            if tight := chains.tightened(pair, bound):
                heappush(heap, (goal.key(*tight), number, True))
            continue
        if looked == MOST_PAIRS:
            return False
        looked += 1
        for solution in chains.through(pair, goal):
            known.append(solution)
            best = min(best, solution.key(goal)) if best else solution.key(goal)
    return True


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
    for role, slot in ((Role.COLLECT, found.collect), (Role.CARRY, found.carry)):
        if role is Role.CARRY and found.stay:
            keeping, stay = found.stay
            store = keeping.store
            yield PlannedLeg(Role.STORE, store.means.resource_id, Span.of_epochs(*stay), store.need.quantity)
        if slot:
            means, need = slot.vehicle.means, slot.vehicle.need
            yield PlannedLeg(role, means.resource_id, Span.of_epochs(*slot.span), 1, slot.metres, need.trips)
    if found.work:
        kitchen = found.work.kitchen
        span = Span.of_epochs(found.start, found.start + found.work.length)
        yield PlannedLeg(Role.PROCESS, kitchen.means.resource_id, span, kitchen.need.quantity)


def counted(rejected: Iterable[Rejected]) -> dict[tuple[Task, Reason], int]:
    """Count what was rejected, by what it could do and why."""
    found: dict[tuple[Task, Reason], int] = {}
    for each in rejected:
        found[each.task, each.reason] = found.get((each.task, each.reason), 0) + 1
    return found
