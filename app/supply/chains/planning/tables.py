"""The tours between two places, kept by their time: for each, the two best vehicles. Pure.

Two, because the best one may be the very vehicle that is still out on the tour before.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from app.supply.chains.planning.goals import Goal
from app.supply.chains.planning.times import Drives, Slot
from app.supply.chains.planning.world import Candidate, Place, Window

MOST_VEHICLES = 40  # looked at between two places: those that would cost least, or go least far


class Gate(NamedTuple):
    """A place where something is loaded or unloaded, and when its doors are open (None: always)."""

    place: Place
    doors: tuple[Window, ...] | None = None


def rank(goal: Goal, slot: Slot) -> tuple[int, int]:
    """Order tours of the same time."""
    return (slot.metres, slot.cents) if goal is Goal.NEAREST else (slot.cents, slot.metres)


class Roads:
    """What drives between places: read off the vehicles once, whoever asks."""

    def __init__(self, vehicles: Sequence[Candidate], bounds: Window, loading: Window, origin: Place) -> None:
        self._vehicles, self._bounds, self._loading, self._origin = vehicles, bounds, loading, origin
        self._drives: dict[tuple[Place, Place], list[Drives]] = {}
        self._slots: dict[tuple[Gate | None, Gate, bool], list[Slot]] = {}
        self.is_whole = True

    def floors(self, start: Place, end: Place) -> tuple[int, int] | None:
        """Tell what a tour between two places costs at least, and how far it goes at least; None where none is."""
        drives = self._between(start, end)
        if not drives:
            return None
        return min(each.floor() for each in drives), min(each.tour.metres for each in drives)

    def collects(self, end: Gate, goal: Goal) -> list[Slot]:
        """List the best tours from where it is, in the order of when they are over.

        When they set out matters to nobody: nothing is before them.
        """
        key = None, end, goal is Goal.NEAREST
        if key not in self._slots:
            tours = self._tours(Gate(self._origin), end, goal, self._loading)
            self._slots[key] = _best_at(tours, goal, lambda slot: slot.end)
        return self._slots[key]

    def carries(self, start: Gate, end: Gate, goal: Goal) -> list[Slot]:
        """List the best tours between two places of a chain, in the order of when they are over."""
        key = start, end, goal is Goal.NEAREST
        if key not in self._slots:
            self._slots[key] = _best_at(
                self._tours(start, end, goal), goal, lambda slot: (slot.start, slot.end)
            )
        return self._slots[key]

    def _tours(self, start: Gate, end: Gate, goal: Goal, loading: Window | None = None) -> Iterator[Slot]:
        drives = self._between(start.place, end.place)
        if goal is Goal.NEAREST:
            drives = sorted(drives, key=lambda each: (each.tour.metres, each.floor()))
        self.is_whole = self.is_whole and len(drives) <= MOST_VEHICLES
        for each in drives[:MOST_VEHICLES]:
            yield from each.slots(loading, (start.doors, end.doors))

    def _between(self, start: Place, end: Place) -> list[Drives]:
        if (start, end) not in self._drives:
            drives = (Drives(each, start, end, self._bounds) for each in self._vehicles)
            possible = [each for each in drives if each.is_possible]
            self._drives[start, end] = sorted(possible, key=lambda each: (each.floor(), each.tour.metres))
        return self._drives[start, end]


def _best_at(slots: Iterable[Slot], goal: Goal, moment: Callable[[Slot], object]) -> list[Slot]:
    """Keep of the tours of one moment the best two, in the order of when they are over."""
    found: dict[object, list[Slot]] = {}
    for slot in slots:
        found[moment(slot)] = best_two([*found.get(moment(slot), ()), slot], goal)
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
    """Tell how long after one tour a vehicle may set out on another: lent by whole days, not on the same."""
    return vehicle.means.around + (2 * vehicle.means.step if vehicle.means.by_day else 0)


def groups(
    candidates: Iterable[Candidate], gate: Callable[[Candidate], Gate]
) -> Mapping[Gate, list[Candidate]]:
    """Put together what is behind the same gate."""
    found: dict[Gate, list[Candidate]] = {}
    for each in candidates:
        found.setdefault(gate(each), []).append(each)
    return found
