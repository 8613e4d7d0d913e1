"""The tours between two places, kept by their time: for each, the two best vehicles. Pure.

Two, because the best one may be the very vehicle that is still out on the tour before.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from itertools import islice
from operator import attrgetter, itemgetter

from app.supply.chains.planning.goals import Goal
from app.supply.chains.planning.roads import STOP, Tour, driving, tour
from app.supply.chains.planning.times import Doors, Drives, Slot, lead_of
from app.supply.chains.planning.world import DAY, Candidate, Place, Window

MOST_VEHICLES = 20  # looked at between two places: those that would cost least, or go least far


@dataclass(frozen=True, eq=False)
class Gate:
    """A place where something is loaded or unloaded, and when its doors are open (None: always)."""

    place: Place
    doors: tuple[Window, ...] | None = None


def rank(goal: Goal, slot: Slot) -> tuple[int, int]:
    """Order tours of the same time."""
    return (slot.metres, slot.cents) if goal is Goal.NEAREST else (slot.cents, slot.metres)


class Roads:
    """What drives between places: read off the vehicles once, whoever asks."""

    def __init__(
        self, vehicles: Sequence[Candidate], bounds: Window, loadings: Sequence[Window], origin: Place
    ) -> None:
        self._bounds, self._loadings, self._origin = bounds, loadings, origin
        self._vehicles = vehicles
        self._known: dict[Place, _Near] = {}
        self._floors: dict[tuple[Place, Place], int | None] = {}
        self._slots: dict[tuple[Gate | None, Gate, bool], list[Slot]] = {}
        self._fetched: dict[Gate, int] = {}
        self.is_whole = True

    def floor(self, start: Place, end: Place) -> int | None:
        """Tell what a tour between two places costs at least; None where nothing drives there."""
        if (start, end) not in self._floors:
            self._floors[start, end] = self._cheapest(start, end)
        return self._floors[start, end]

    def _cheapest(self, start: Place, end: Place) -> int | None:
        """Lay out only the tours of vehicles that could be the cheapest, by how far both places are from them."""
        best: int | None = None
        ends = self._near(end).floors
        for floor, _way, number in self._near(start).by_cost:
            if best is not None and floor >= best:
                break
            if best is None or ends[number] < best:
                drives = self._drives(number, start, end)
                if drives.is_possible and (best is None or drives.floor < best):
                    best = drives.floor
        return best

    def collects(self, end: Gate, goal: Goal) -> list[Slot]:
        """List the best tours from where it is, in the order of when they are over.

        When they set out matters to nobody: nothing is before them.
        """
        key = None, end, goal is Goal.NEAREST
        if key not in self._slots:
            drives = self._drives_between(Gate(self._origin), end, goal)
            self._slots[key] = _best_at(drives, goal, self._loadings, (None, end.doors), itemgetter(1))
        return self._slots[key]

    def least_of(self, end: Gate, goal: Goal) -> int:
        """Tell what the cheapest of the tours from where it is costs; by way, what any costs at least."""
        if goal is Goal.NEAREST:
            return self.floor(self._origin, end.place) or 0
        if end not in self._fetched:
            self._fetched[end] = min(slot.cents for slot in self.collects(end, goal))
        return self._fetched[end]

    def carries(self, start: Gate, end: Gate, goal: Goal) -> list[Slot]:
        """List the best tours between two places of a chain, in the order of when they are over."""
        key = start, end, goal is Goal.NEAREST
        if key not in self._slots:
            drives = self._drives_between(start, end, goal)
            self._slots[key] = _best_at(drives, goal, None, (start.doors, end.doors), itemgetter(0, 1, 2))
        return self._slots[key]

    def _drives_between(self, start: Gate, end: Gate, goal: Goal) -> list[Drives]:
        ranked = self._ranked(start.place, end.place, by_distance=goal is Goal.NEAREST)
        drives = list(islice(ranked, MOST_VEHICLES))
        self.is_whole = self.is_whole and next(ranked, None) is None
        return drives

    def least(self, start: Place, end: Place) -> int:
        """Tell what a tour between two places costs at least, by how far each of them is from what drives."""
        return max(self._near(start).least, self._near(end).least)

    def _near(self, place: Place) -> "_Near":
        if place not in self._known:
            ways = [max(2 * each.means.place.road(place) - 4, 0) for each in self._vehicles]
            self._known[place] = _Near(
                [
                    (_least(each, way), way, n)
                    for n, (each, way) in enumerate(zip(self._vehicles, ways, strict=True))
                ]
            )
        return self._known[place]

    def _ranked(self, start: Place, end: Place, *, by_distance: bool) -> Iterator[Drives]:
        """Give what drives between two places, in the order of what it costs at least (or of how far it goes).

        Tours are laid out only as far as needed: what is dear (or far) even to come to one of the two comes later.
        """
        near = max((self._near(start), self._near(end)), key=attrgetter("least"))
        waiting: list[tuple[tuple[int, int], int, Drives]] = []
        for floor, way, number in sorted(near.by_cost, key=itemgetter(1, 0)) if by_distance else near.by_cost:
            least = (way, floor) if by_distance else (floor, way)
            while waiting and waiting[0][0] <= least:
                yield heappop(waiting)[-1]
            drives = self._drives(number, start, end)
            if drives.is_possible:
                own = (drives.tour.metres, drives.floor)
                heappush(waiting, (own if by_distance else own[::-1], number, drives))
        while waiting:
            yield heappop(waiting)[-1]

    def _drives(self, number: int, start: Place, end: Place) -> Drives:
        vehicle = self._vehicles[number]
        return Drives(vehicle, course_of(vehicle, start, end), self._bounds)


class _Near:
    """What each vehicle costs and drives at least to come to a place, load, unload and go home; the cheapest first."""

    def __init__(self, found: list[tuple[int, int, int]]) -> None:
        self.floors = [floor for floor, _way, _number in found]
        self.by_cost = sorted(found)
        self.least = min(self.floors, default=0)


def course_of(vehicle: Candidate, start: Place, end: Place) -> Tour:
    """Lay out the tour of a vehicle between two places, as often and as fast as it goes."""
    return tour(vehicle.means.place, start, end, vehicle.need.trips, vehicle.means.speed)


def _least(vehicle: Candidate, metres: int) -> int:
    """Tell what a vehicle costs at least that drives so far, and stops twice."""
    seconds = max(vehicle.means.shortest, driving(metres) + 2 * STOP - 4)
    return vehicle.means.price.floor(seconds, 1, metres)


def _best_at(
    drives: Iterable[Drives],
    goal: Goal,
    loadings: Sequence[Window] | None,
    doors: Doors,
    moment: Callable[[tuple[int, int, Window]], object],
) -> list[Slot]:
    """Keep of the tours of one moment the best two, in the order of when they are over."""
    found: dict[object, list[Slot]] = {}
    for each in drives:
        least = (each.tour.metres, each.floor) if goal is Goal.NEAREST else (each.floor, each.tour.metres)
        for time in each.times(loadings, doors):
            known = found.setdefault(moment(time), [])
            if len(known) < 2 or least < rank(goal, known[1]):
                known.append(each.slot(*time))
                known.sort(key=partial(rank, goal))
                del known[2:]
    return sorted((slot for two in found.values() for slot in two), key=itemgetter(0, 1))


def best_two(slots: Iterable[Slot], goal: Goal) -> list[Slot]:
    """Keep the best tour, and the best one of another vehicle."""
    found: list[Slot] = []
    for slot in sorted(slots, key=lambda each: rank(goal, each)):
        if len(found) < 2 and all(slot.vehicle is not other.vehicle for other in found):
            found.append(slot)
    return found


class Arrivals:
    """Tours in the order of when they are over: the best that is over by some moment."""

    def __init__(self, slots: Iterable[Slot], goal: Goal) -> None:
        self._ends: list[int] = []
        self._best: list[list[Slot]] = []
        self._goal = goal
        for slot in slots:
            before = self._best[-1] if self._best else []
            self._ends.append(slot.end)
            self._best.append(best_two([*before, slot], goal))

    def by(self, moment: int, then: Candidate | None = None) -> Slot | None:
        """Give the best tour that is over by a moment, at which a vehicle has to set out again."""
        found = self._until(moment)
        if then is None or not found or found[0].vehicle is not then:
            return found[0] if found else None
        rested = (slot for slot in self._until(moment - pause(then)) if slot.vehicle is then)
        return min([*found[1:], *rested], key=lambda each: rank(self._goal, each), default=None)

    def _until(self, moment: int) -> list[Slot]:
        place = bisect_right(self._ends, moment) - 1
        return self._best[place] if place >= 0 else []


def pause(vehicle: Candidate) -> int:
    """Tell how long after one tour a vehicle may set out on another: lent by whole days, one lies between."""
    means = vehicle.means
    return means.around + ((2 + lead_of(means)) * DAY if means.by_day else 0)


def gated(
    candidates: Iterable[Candidate], handling: tuple[Window, ...] | None
) -> Mapping[Gate, list[Candidate]]:
    """Put together what is at one place, behind the same doors; `handling` is when others are brought to."""
    found: dict[tuple[Place, object], tuple[Gate, list[Candidate]]] = {}
    for each in candidates:
        place, doors = each.means.place, each.served(handling)
        found.setdefault((place, doors), (Gate(place, doors), []))[1].append(each)
    return dict(found.values())
