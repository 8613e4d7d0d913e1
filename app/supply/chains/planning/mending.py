"""What may take the place of one leg of a chain while the others stay: how far it goes, and when it could be. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from app.supply.cargo import Cargo
from app.supply.chains.planning.fitness import need_of
from app.supply.chains.planning.plan import Role
from app.supply.chains.planning.roads import Tour, tour
from app.supply.chains.planning.times import PATIENCE, Doors, Drives, Keeping, Work, length_of, steps
from app.supply.chains.planning.world import (
    HOUR,
    RADIUS,
    Candidate,
    Means,
    Need,
    Place,
    Reason,
    Task,
    Window,
)

ROADS = frozenset({Role.COLLECT, Role.CARRY})


@dataclass(frozen=True)
class Stop:
    """A leg as the others see it: what it is there for, where it is, what it drives with and how long it has that.

    `served` is when goods are brought there and fetched, None: whenever.
    """

    number: int
    role: Role
    place: Place
    means: Means | None = None  # of what drives
    trips: int = 1
    seconds: int = 0
    served: Sequence[Window] | None = None

    @property
    def drives(self) -> bool:
        """Tell whether it brings the goods from one place to another."""
        return self.role in ROADS


@dataclass(frozen=True)
class Spot:
    """The place that a leg has in its chain: the legs before and after it, and how much time these leave.

    `start` and `end` are those of the whole chain, None where nobody said. `loadings` is when it can be loaded at its
    start, `handovers` when it is received at its end; `since` and `until` bound whatever takes the place, in seconds.
    """

    own: Stop
    cargo: Cargo
    before: Sequence[Stop]
    after: Sequence[Stop]
    start: Place | None
    end: Place | None
    since: int
    until: int
    loadings: Sequence[Window] | None = None
    handovers: Sequence[Window] | None = None

    @property
    def origin(self) -> Place | None:
        """Where the goods are before this leg."""
        return next((stop.place for stop in reversed(self.before) if not stop.drives), self.start)

    @property
    def goal(self) -> Place | None:
        """Where they go on to after it."""
        return next((stop.place for stop in self.after if not stop.drives), self.end)

    @property
    def doors(self) -> Doors:
        """Tell when goods are fetched where they are before this leg, and brought to where they go on to."""
        fetched = next((stop.served for stop in reversed(self.before) if not stop.drives), None)
        return fetched, next((stop.served for stop in self.after if not stop.drives), self.handovers)

    def fit(self, means: Means, need: Need) -> "Fit | Reason":
        """Tell how a resource would fit here, whenever it is; or why it does not."""
        near = self.origin or self.own.place
        if near.beeline(means.place) > RADIUS:
            return Reason.TOO_FAR
        return self._driven(means, need) if self.own.drives else self._stayed(means)

    def _driven(self, means: Means, need: Need) -> "Fit | Reason":
        if self.origin is None or self.goal is None:
            return Fit(trips=need.trips)
        course = tour(means.place, self.origin, self.goal, need.trips, means.speed)
        reason = _against(means, need, course)
        return reason or Fit(course.metres, need.trips, course)

    def _stayed(self, means: Means) -> "Fit | Reason":
        """Tell which tours beside it change, and between which places nothing drives."""
        fit = Fit()
        if means.place == self.own.place:
            return Fit(undriven=self._undriven(means.place))
        for ride, start, end in self._rides(means.place):
            if start is None or end is None or ride.means is None:
                continue
            need = need_of(ride.means, self.cargo)
            course = tour(ride.means.place, start, end, ride.trips, ride.means.speed)
            if not isinstance(need, Need) or _against(ride.means, need, course):
                return Reason.NO_LINK
            if course.seconds > ride.seconds:
                return Reason.NO_LINK
            fit.rides[ride.number] = course.metres
        return Fit(rides=fit.rides, undriven=self._undriven(means.place))

    def _rides(self, place: Place) -> Iterator[tuple[Stop, Place | None, Place | None]]:
        """List what drives right before and after a stay at another place, each with its new ends."""
        if self.before and self.before[-1].drives:
            yield self.before[-1], self.origin, place
        if self.after and self.after[0].drives:
            yield self.after[0], place, self.goal

    def _undriven(self, place: Place) -> tuple[tuple[Place, Place], ...]:
        """Find between which places beside it nothing drives, were this leg at a place."""
        own = Stop(self.own.number, self.own.role, place)
        gaps = undriven([*self.before, own, *self.after], self.start, self.end)
        return tuple(each for each in gaps if place in each)

    def ways(self, means: Means) -> dict[int, tuple[int, int]]:
        """Tell how far is driven, in how many trips, were this leg at a resource, fit or not: by the number of the leg.

        That is by it, or by what drives right before and after it; nothing where nobody knows from where to where.
        """
        if not self.own.drives:
            rides = [(*each, each[0].means, each[0].trips) for each in self._rides(means.place)]
        else:
            need = need_of(means, self.cargo)
            trips = need.trips if isinstance(need, Need) else self.own.trips
            rides = [(self.own, self.origin, self.goal, means, trips)]
        return {
            stop.number: (tour(by.place, start, end, times, by.speed).metres, times)
            for stop, start, end, by, times in rides
            if start and end and by
        }

    def needs(self, means: Means, fit: "Fit", quantity: int) -> int:
        """Tell for how many seconds so much of a resource is needed at least."""
        if self.own.drives:
            return fit.course.seconds if fit.course else 0
        if means.task is Task.PROCESS and means.throughput:
            return -(-self.cargo.grams * HOUR * means.capacity // (means.throughput * quantity))
        return 0

    def refuse(self, means: Means, quantity: int, window: Window) -> "Fit | Reason":
        """Tell how a resource would fit here at a time, or why not; the order of the legs is not its matter."""
        need = need_of(means, self.cargo)
        if not isinstance(need, Need):
            return need
        fit = self.fit(means, need)
        if not isinstance(fit, Fit):
            return fit
        if means.task is Task.STORE and quantity < need.quantity:
            return Reason.TOO_SMALL
        spare = window[1] - window[0] - self.needs(means, fit, quantity)
        if spare < 0:
            return Reason.TOO_SLOW
        return self._untimely(window, fit, spare) or fit

    def _untimely(self, window: Window, fit: "Fit", spare: int) -> Reason | None:
        if self.loadings is None or self.own.role is not Role.COLLECT:
            return Reason.BEFORE_ARRIVAL if not self.before and window[0] < self.since else None
        first, last = fit.course.loading if fit.course else (0, 0)
        if any(
            max(window[0], opens - first) <= min(window[0] + spare, closes - last)
            for opens, closes in self.loadings
        ):
            return None
        is_early = window[0] + first + spare < self.loadings[0][0]
        return Reason.BEFORE_ARRIVAL if is_early else Reason.TOO_LATE

    # -- when ---------------------------------------------------------------------------------------------------

    def times(self, candidate: Candidate, fit: "Fit", asked: Window) -> list[Window]:
        """List when a resource could take the place, those closest to what was asked first."""
        bounds = self.since, self.until
        found: list[Window]
        match candidate.means.task:
            case Task.DRIVE if fit.course:
                drives = Drives(candidate, fit.course, bounds)
                found = (
                    [span for *_tour, span in drives.times(self.loadings, self.doors)]
                    if drives.is_possible
                    else []
                )
            case Task.DRIVE:
                found = list(_stretches(candidate, asked[1] - asked[0], bounds))
            case Task.PROCESS:
                work = Work(candidate, bounds, PATIENCE[self.cargo.regime])
                found = [(start, start + work.length) for start in work.starts]
            case Task.STORE:
                found = self._stays(candidate, asked)
        return sorted(found, key=lambda each: abs(each[0] - asked[0]) + abs(each[1] - asked[1]))

    def _stays(self, candidate: Candidate, asked: Window) -> list[Window]:
        """Give the stay from when it is there until it goes on; what nothing follows, as long as was asked."""
        keeping = Keeping(candidate, (self.since, self.until), PATIENCE[self.cargo.regime])
        by_day = candidate.means.by_day
        arrival = self.since if self.before else asked[0] + by_day  # at midnight: the day that begins then
        stay = keeping.stay(arrival, self.until if self.after else asked[1] - by_day)
        return [stay] if stay else []

    def why_never(self, candidate: Candidate, fit: "Fit") -> Reason:
        """Tell why a resource that would fit can never take the place."""
        length = length_of(candidate.means, fit.course.seconds if fit.course else candidate.need.work)
        if length is None:
            return Reason.TOO_SLOW
        long_enough = [each for each in candidate.windows if each[1] - each[0] >= length]
        if not long_enough:
            return Reason.NOT_FREE
        if all(end <= self.since for _start, end in long_enough):
            return Reason.BEFORE_ARRIVAL
        return Reason.TOO_LATE if all(start >= self.until for start, _end in long_enough) else Reason.NOT_FREE


@dataclass(frozen=True)
class Fit:
    """How a resource would fit: how far it drives, and the legs beside it (by number); where nothing drives."""

    metres: int | None = None
    trips: int = 1
    course: Tour | None = None
    rides: dict[int, int] = field(default_factory=dict)
    undriven: tuple[tuple[Place, Place], ...] = ()

    @property
    def way(self) -> int:
        """Tell how far is driven for it, as far as it matters to it."""
        return (self.metres or 0) + sum(self.rides.values())


def undriven(
    stops: Sequence[Stop], start: Place | None = None, end: Place | None = None
) -> list[tuple[Place, Place]]:
    """List the places of a chain between which it has to get, and nothing drives."""
    found = []
    ends = [Stop(0, Role.STORE, place) if place else None for place in (start, end)]
    all_stops = [each for each in (ends[0], *stops, ends[1]) if each is not None]
    stays = [number for number, stop in enumerate(all_stops) if not stop.drives]
    for first, then in pairwise(stays):
        one, other = all_stops[first].place, all_stops[then].place
        if then == first + 1 and one != other:
            found.append((one, other))
    return found


def _against(means: Means, need: Need, course: Tour) -> Reason | None:
    if need.most_driving is not None and course.on_road > need.most_driving:
        return Reason.NOT_COLD_ENOUGH
    return Reason.TOO_FAR if means.reach is not None and course.metres > means.reach else None


def _stretches(candidate: Candidate, length: int, bounds: Window) -> Iterator[Window]:
    """List the legal stretches of a length: of what drives where nobody knows how far."""
    means = candidate.means
    taken = length_of(means, length)
    for first, last in candidate.windows if taken else ():
        cut = max(first, bounds[0]), min(last, bounds[1])
        yield from ((at, at + (taken or 0)) for at in steps(cut, taken or 0, means.step, means.zone))
