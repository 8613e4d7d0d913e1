"""When a leg can be: the times at which a tour, a stay in store or work in a kitchen may begin and end. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.supply.cargo import Regime
from app.supply.chains.planning.roads import Tour
from app.supply.chains.planning.world import DAY, HOUR, Candidate, Means, Task, Window, within

# How long it may stand unloaded before the door of the next place: harvest in the shade two hours, a cold chain hardly.
PATIENCE: Mapping[Regime, int] = MappingProxyType(
    {
        Regime.FROZEN: HOUR // 2,
        Regime.CHILLED: HOUR // 2,
        Regime.PRODUCE: 2 * HOUR,
        Regime.CELLAR: 2 * HOUR,
        Regime.AMBIENT: 2 * HOUR,
    }
)
_QUARTER = HOUR // 4  # clocks are a multiple of it apart, and steps are one of it
TOURS_EVERY = HOUR // 2  # of what is lent by whole days, and may set out at any time of them


Doors = tuple[Sequence[Window] | None, Sequence[Window] | None]  # of where it is loaded, and unloaded


class Slot(NamedTuple):
    """One tour of a vehicle: under way from `start` to `end`, its own span around, and what it costs."""

    end: int
    start: int
    vehicle: Candidate
    span: Window
    cents: int
    metres: int

    @property
    def follows_by(self) -> int | None:
        """Tell by when what comes before has to be over, as an order sees it: the first of its days; None: its tour."""
        if not lead_of(self.vehicle.means):
            return None
        days = days_of(*self.span, self.vehicle.means.zone)
        return days.midnights[days.of(self.span[0]) + 1]


class Days:
    """The civil days of a zone around some time: their midnights, in order."""

    def __init__(self, since: int, until: int, zone: ZoneInfo) -> None:
        first = datetime.fromtimestamp(since, zone).replace(
            hour=0, minute=0, second=0, microsecond=0, tzinfo=None
        )
        count = (until - since) // DAY + 4
        walls = (first + timedelta(days=number - 1) for number in range(count))
        self.midnights = [int(wall.replace(tzinfo=zone).timestamp()) for wall in walls]

    def of(self, moment: int) -> int:
        """Number the day of a moment."""
        return bisect_right(self.midnights, moment) - 1

    def stay(self, first: int, last: int) -> Window:
        """Give a stay from a first to a last day, both whole."""
        return self.midnights[first], self.midnights[last + 1]


@lru_cache(maxsize=64)
def days_of(since: int, until: int, zone: ZoneInfo) -> Days:
    """Give the days around some time, one margin day before and two after it."""
    return Days(since, until, zone)


def up(moment: int, step: int, zone: ZoneInfo) -> int:
    """Give the first time of a step on the wall clock, from a moment on; near a change of clocks, one soon after."""
    offset = _offset(moment // HOUR, zone)
    found = -(-(moment + offset) // step) * step - offset
    while not _is_on(found, step, zone):
        found += _QUARTER
    return found


def down(moment: int, step: int, zone: ZoneInfo) -> int:
    """Give the last time of a step on the wall clock, up to a moment; near a change of clocks, one soon before."""
    offset = _offset(moment // HOUR, zone)
    found = (moment + offset) // step * step - offset
    while not _is_on(found, step, zone):
        found -= _QUARTER
    return found


def _is_on(moment: int, step: int, zone: ZoneInfo) -> bool:
    return (moment + _offset(moment // HOUR, zone)) % step == 0


@lru_cache(maxsize=4096)
def _offset(hour: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(hour * HOUR, zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def steps(window: Window, length: int, step: int, zone: ZoneInfo) -> Iterator[int]:
    """List the starts of so long a stay within a window that begins and ends on a step of the wall clock.

    Where clocks change meanwhile, steps of several hours count on from the new time: both ends are looked at.
    """
    first, last = window[0], window[1] - length
    if step <= HOUR or _offset(first // HOUR, zone) == _offset(window[1] // HOUR, zone):
        yield from range(up(first, step, zone), last + 1, step)
        return
    for start in range(up(first, HOUR, zone), last + 1, HOUR):
        if _is_on(start, step, zone) and _is_on(start + length, step, zone):
            yield start


def length_of(means: Means, seconds: int) -> int | None:
    """Tell how long a resource is taken for so much work: whole steps; None where that is too long for it."""
    taken = -(-max(seconds, means.shortest) // means.step) * means.step
    return taken if taken <= means.longest else None


def lead_of(means: Means) -> int:
    """Tell how many days before that of its tour a vehicle is taken, that is never lent for one day alone.

    Its tour is on the last of its days. An order takes it to be over when that begins: on an earlier one, what comes
    next would have to wait for the last.
    """
    if means.task is not Task.DRIVE or not means.by_day:
        return 0
    return -(-(length_of(means, 0) or 0) // DAY) - 1


class Drives:
    """The tours of one vehicle between two places within some time."""

    def __init__(self, vehicle: Candidate, course: Tour, bounds: Window) -> None:
        self.vehicle, self.tour, self.bounds = vehicle, course, bounds
        self.length = length_of(vehicle.means, course.seconds)
        most = vehicle.need.most_driving
        is_short = most is None or course.on_road <= most
        is_in_reach = vehicle.means.reach is None or course.metres <= vehicle.means.reach
        self.is_possible = self.length is not None and is_short and is_in_reach
        self.floor = vehicle.means.price.floor(self.length or 0, 1, course.metres)  # cents, at least

    def times(self, loadings: Sequence[Window] | None, doors: Doors) -> Iterator[tuple[int, int, Window]]:
        """List when it may be under way, and the span it is then taken for.

        It is loaded within one of some windows, and at both places while their doors are open.
        """
        course, by_day = self.tour, self.vehicle.means.by_day
        for start, span in self._days() if by_day else self._hours(loadings):
            loads = start + course.loading[0], start + course.loading[1]
            unloads = start + course.unloading[0], start + course.unloading[1]
            if within(loadings, *loads) and within(doors[0], *loads) and within(doors[1], *unloads):
                yield start, start + course.seconds if by_day else span[1], span

    def slot(self, start: int, end: int, span: Window) -> Slot:
        """Give one of its tours, with what it costs."""
        cents = self.vehicle.means.price.cents(*span, 1, self.tour.metres)
        return Slot(end, start, self.vehicle, span, cents, self.tour.metres)

    def _hours(self, loadings: Sequence[Window] | None) -> Iterator[tuple[int, Window]]:
        """List its legal spans by the hour; those only that are not too soon or too late to load."""
        vehicle, length = self.vehicle, self.length or 0
        for since, until in self._outings(loadings, length):
            for first, last in vehicle.windows:
                cut = max(first, since), min(last, until, vehicle.last_start + length)
                if cut[1] - cut[0] < length:
                    continue
                for start in steps(cut, length, vehicle.means.step, vehicle.means.zone):
                    if vehicle.may_begin(start) and vehicle.may_end(start + length):
                        yield start, (start, start + length)

    def _outings(self, loadings: Sequence[Window] | None, length: int) -> Iterator[Window]:
        """List between when a tour has to be, to be loaded in time."""
        since, until = self.bounds
        if loadings is None:
            yield since, until
            return
        for first, last in loadings:
            yield max(since, first - self.tour.loading[0]), min(until, last - self.tour.loading[1] + length)

    def _days(self) -> Iterator[tuple[int, Window]]:
        """List tours that begin and end on one day, the last of those it is lent for."""
        means, (since, until) = self.vehicle.means, self.bounds
        lead = lead_of(means)
        days = days_of(since - lead * DAY, until, means.zone)
        for start in range(up(since, TOURS_EVERY, means.zone), until - self.tour.seconds + 1, TOURS_EVERY):
            day = days.of(start)
            if days.of(start + self.tour.seconds - 1) != day:
                continue
            span = days.stay(day - lead, day)
            is_open = self.vehicle.may_begin(start) and self.vehicle.may_end(start + self.tour.seconds)
            is_handed_out = lead == 0 or self.vehicle.is_open(days.stay(day - lead, day - lead))
            if is_open and is_handed_out and self.vehicle.is_free(*span):
                yield start, span


class Work:
    """When a kitchen can work at it: the legal starts, and the best one after each arrival."""

    def __init__(self, kitchen: Candidate, bounds: Window, patience: int) -> None:
        self.kitchen, self.patience = kitchen, patience
        means, need = kitchen.means, kitchen.need
        self.slack = DAY if means.by_day else 1  # it may come less than that after a start
        self.length = length_of(means, need.work) or 0
        latest = min(bounds[1], kitchen.last_start + self.length)
        cut = [(max(first, bounds[0]), min(last, latest)) for first, last in kitchen.windows]
        starts = (start for each in cut for start in steps(each, self.length, means.step, means.zone))
        self.starts = sorted(start for start in starts if self._is_open(start, start + self.length))
        self._cents: dict[int, int] = {}

    def _is_open(self, start: int, end: int) -> bool:
        return self.kitchen.means.by_day or (self.kitchen.may_begin(start) and self.kitchen.may_end(end))

    def floor(self) -> int:
        """Tell what it costs at least, in cents."""
        return self.kitchen.means.price.floor(self.length, self.kitchen.need.quantity, 0)

    def cents(self, start: int) -> int:
        """Tell what it costs from a start on."""
        if start not in self._cents:
            self._cents[start] = self.kitchen.means.price.cents(
                start, start + self.length, self.kitchen.need.quantity, 0
            )
        return self._cents[start]

    def from_(self, arrival: int) -> Sequence[int]:
        """List the starts at which it can be there, that comes at some moment."""
        return self.starts[bisect_right(self.starts, arrival - self.slack) :]

    def after(self, arrival: int) -> Sequence[int]:
        """List the starts that do not let it wait too long once it is there; by days, that day, if time is left."""
        if not self.kitchen.means.by_day:
            return self.starts[
                bisect_left(self.starts, arrival) : bisect_right(self.starts, arrival + self.patience)
            ]
        today = self.starts[bisect_right(self.starts, arrival - DAY) : bisect_right(self.starts, arrival)]
        return [start for start in today if arrival + self.kitchen.need.work <= start + self.length]


class Keeping:
    """When it can stay in a store, from an arrival to a departure."""

    def __init__(self, store: Candidate, bounds: Window, patience: int) -> None:
        self.store, self.patience = store, patience
        self.days = days_of(*bounds, store.means.zone)
        self._cents: dict[Window, int] = {}

    def floor(self) -> int:
        """Tell what it costs at least, in cents."""
        means = self.store.means
        return means.price.floor(max(means.shortest, means.step), self.store.need.quantity, 0)

    def cents(self, stay: Window) -> int:
        """Tell what a stay costs."""
        if stay not in self._cents:
            self._cents[stay] = self.store.means.price.cents(*stay, self.store.need.quantity, 0)
        return self._cents[stay]

    def stay(self, arrival: int, departure: int) -> Window | None:
        """Give the stay between the two: by days, all of the first and the last; by the hour, whole steps within."""
        means = self.store.means
        if means.by_day:
            return self.whole_days(self.days.of(arrival - 1), self.days.of(departure))
        start, end = up(arrival, means.step, means.zone), down(departure, means.step, means.zone)
        is_soon = start - arrival <= self.patience and departure - end <= self.patience
        is_legal = is_soon and means.shortest <= end - start <= means.longest
        is_open = self.store.may_begin(start) and self.store.may_end(end)
        return (start, end) if is_legal and is_open and self.store.is_free(start, end) else None

    def day_of(self, arrival: int) -> int:
        """Number what arrivals have in common here: the day; by the hour, each moment is its own."""
        return self.days.of(arrival - 1) if self.store.means.by_day else arrival

    def ready(self, arrival: int, stay: Window) -> int:
        """Tell when it can be over that a stay follows an arrival: by days, when its last day begins."""
        last_day = self.days.midnights[self.days.of(stay[1] - 1)]
        return max(arrival, last_day) if self.store.means.by_day else stay[1]

    def whole_days(self, first: int, last: int) -> Window | None:
        """Give the stay from a first to a last day, where it is legal and free."""
        means, count = self.store.means, last - first + 1
        is_known = count >= 1 and last + 1 < len(self.days.midnights)
        if not is_known or not means.shortest <= count * DAY <= means.longest:
            return None
        stay = self.days.stay(first, last)
        is_open = all(self.store.is_open(self.days.stay(day, day)) for day in (first, last))
        return stay if is_open and self.store.is_free(*stay) else None

    def at_least(self, arrival: int, until: int | None) -> Window | None:
        """Give the stay of what is handed over here: up to an instant, or the shortest there is."""
        means = self.store.means
        if means.by_day:
            first = self.days.of(arrival - 1)
            last = first + -(-means.shortest // DAY) - 1 if until is None else self.days.of(until - 1)
            return self.whole_days(first, last)
        if until is None:
            until = up(arrival, means.step, means.zone) + -(-means.shortest // means.step) * means.step
        return self.stay(arrival, until)
