"""What a plan is made of: what is wanted, what there is and when it is free. Pure, and without names or words.

Times inside are whole seconds since 1970 (as the engine counts them), lengths seconds, distances metres, weights grams.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from app.supply.cargo import Cargo, Hold, Regime
from app.supply.chains.planning.plan import Plan

Window = tuple[int, int]

HOUR, DAY = 3_600, 86_400
LATER = 1 << 62  # than anything
PARIS = ZoneInfo("Europe/Paris")
DAYTIME = 7 * HOUR, 20 * HOUR  # when somebody is there to load, where nobody says so
EARTH = 6_371_000
SPEED = 45_000  # metres an hour, of a van on country roads and through villages, as route planners reckon
DETOUR = 1.3  # roads are no beelines: 1.2 to 1.4 times as long in French departments
WITHIN = timedelta(days=7)  # where nobody says by when: a surplus that waits longer is no longer fresh
RADIUS = 60_000  # from where it is, as the crow flies: beyond an hour's drive nobody fetches a surplus


def within(windows: Sequence[Window] | None, start: int, end: int) -> bool:
    """Tell whether a stretch lies in one of some windows (in their order); None are no bounds."""
    if windows is None:
        return True
    place = bisect_right(windows, (start, LATER)) - 1
    return place >= 0 and end <= windows[place][1]


class Place(NamedTuple):
    """Where something is, in degrees."""

    lat: float
    lon: float

    def beeline(self, other: "Place") -> float:
        """Tell how far away another place is, as the crow flies."""
        half = radians(other.lat - self.lat) / 2, radians(other.lon - self.lon) / 2
        across = cos(radians(self.lat)) * cos(radians(other.lat)) * sin(half[1]) ** 2
        return 2 * EARTH * asin(sqrt(sin(half[0]) ** 2 + across))

    def road(self, other: "Place") -> int:
        """Tell how far it is by road, near enough for a proposal."""
        return round(self.beeline(other) * DETOUR)


class Price(Protocol):
    """What a leg costs, in cents; and what it cannot cost less than, whenever it is."""

    def cents(self, start: int, end: int, quantity: int, metres: int) -> int:
        """Tell what it costs to have so many from `start` to `end`, and to drive so far."""

    def floor(self, seconds: int, quantity: int, metres: int) -> int:
        """Tell what it costs at least."""


@dataclass(frozen=True, slots=True)
class Rates:
    """A price that is the same at all times: cents for each use, hour and day of a unit, and kilometre."""

    use: int = 0
    hour: int = 0
    day: int = 0
    km: int = 0

    def cents(self, start: int, end: int, quantity: int, metres: int) -> int:
        """Tell what it costs; a part of an hour, a day or a kilometre counts as such."""
        seconds = (end - start) * quantity
        parts = self.hour * seconds * 24_000 + self.day * seconds * 1_000 + self.km * metres * DAY
        return self.use + (2 * parts + DAY * 1_000) // (2 * DAY * 1_000)

    def floor(self, seconds: int, quantity: int, metres: int) -> int:
        """Tell the same: it does not matter when."""
        return self.cents(0, seconds, quantity, metres)


FREE = Rates()
UNKNOWN_HOLD = Hold()


class Task(StrEnum):
    """What a candidate can do."""

    DRIVE = "drive"
    STORE = "store"
    PROCESS = "process"


class Atp(StrEnum):
    """The classes of the agreement on the carriage of perishable food, as the catalogue has them."""

    IN = "IN"
    IR = "IR"
    FNA = "FNA"
    FRB = "FRB"
    FRC = "FRC"


@dataclass(frozen=True, slots=True)
class Means:
    """What a resource can do and under which terms, whenever it is free. What is not known of it is None.

    `step`, `shortest` and `longest` bind the length of a stay, `around` is what has to lie between two stays of one
    holder. `throughput` is what all its units together work off in an hour.
    """

    resource_id: int
    site_id: int
    place: Place
    task: Task
    capacity: int = 1
    unit: str = "whole"
    packs: Mapping[str, int] = field(default_factory=dict)
    step: int = HOUR // 2
    shortest: int = HOUR
    longest: int = 30 * DAY
    around: int = 0
    zone: ZoneInfo = PARIS
    hold: Hold = UNKNOWN_HOLD
    atp: Atp | None = None
    atp_until: int | None = None  # what it has holds until then; None: nobody wrote until when
    coldest: float | None = None
    speed: int = SPEED
    reach: int | None = None  # a tour is no longer
    regime: Regime | None = None
    most_per_unit: int | None = None
    throughput: int | None = None
    price: Price = FREE

    @property
    def by_day(self) -> bool:
        """Tell whether it is lent by whole days: it may begin and end at any time of its first and last day."""
        return self.step >= DAY


@dataclass(frozen=True, slots=True)
class Need:
    """What a cargo takes of a resource: units of it, trips, and how long it is worked at (0: as long as one likes)."""

    quantity: int = 1
    trips: int = 1
    work: int = 0
    most_driving: int | None = None  # it may not be on the road longer


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource, what is needed of it, and when so much of it is free.

    A stay lies within one of `windows`: hours, claims, buffers, notice are in them already. It begins at `last_start`
    at the latest, however long it is: a horizon binds no more. Where there are `doors`, people come and go within
    these only. What `is_always_open` may be had at any hour; that says nothing of who is there at night.
    """

    means: Means
    need: Need
    windows: tuple[Window, ...]
    doors: tuple[Window, ...] | None = None
    last_start: int = LATER
    is_always_open: bool = False

    def served(self, otherwise: tuple[Window, ...] | None) -> tuple[Window, ...] | None:
        """Tell when goods are brought there and fetched: `otherwise`, where it has no hours of its own; None: whenever.

        A kitchen that is had by the hour may be brought to before it opens: whoever works there is there.
        """
        if self.is_always_open:
            return otherwise
        is_awaited = self.means.task is Task.PROCESS and not self.means.by_day
        return None if is_awaited else self.doors

    def is_free(self, start: int, end: int) -> bool:
        """Tell whether a stay lies in free time, and begins while it may still be asked for."""
        return start <= self.last_start and within(self.windows, start, end)

    def may_begin(self, moment: int) -> bool:
        """Tell whether somebody can come at a moment: the opening minute counts, the closing one does not."""
        return self.doors is None or within(self.doors, moment, moment + 1)

    def may_end(self, moment: int) -> bool:
        """Tell whether somebody can leave at a moment: the closing minute counts, the opening one does not."""
        return self.doors is None or within(self.doors, moment - 1, moment)

    def is_open(self, day: Window) -> bool:
        """Tell whether somebody can come and go at some time of a day."""
        return self.doors is None or any(start < day[1] and end > day[0] for start, end in self.doors)


class Reason(StrEnum):
    """Why a resource is in no plan."""

    LOAD_UNKNOWN = "load_unknown"  # nobody wrote down what the vehicle carries
    WORK_UNKNOWN = "work_unknown"  # nor what the kitchen works off in an hour
    TOO_SMALL = "too_small"
    TOO_MANY_TRIPS = "too_many_trips"
    NOT_COLD_ENOUGH = "not_cold_enough"
    OTHER_REGIME = "other_regime"
    OTHER_UNIT = "other_unit"  # it is counted in what this packaging cannot be told in
    TOO_SLOW = "too_slow"
    TOO_FAR = "too_far"
    NOT_FREE = "not_free"
    BEFORE_ARRIVAL = "before_arrival"
    TOO_LATE = "too_late"
    NO_LINK = "no_link"  # nothing brings it there in time
    REFUSED = "refused"  # its terms say no, all told
    OTHER_KIND = "other_kind"  # what replaces a leg has to do what that did
    UNFIT = "unfit"  # nothing should be put there just now


@dataclass(frozen=True, slots=True)
class Rejected:
    """A resource that was looked at and can be in no plan, and why."""

    resource_id: int
    task: Task
    reason: Reason


def loadings_of(from_at: datetime, until_at: datetime, hours: Window, zone: ZoneInfo) -> tuple[Window, ...]:
    """Tell when something can be loaded between two instants: hours of each day; all of it, where these are none."""
    return tuple(_by_day(from_at, until_at, hours, zone)) or (
        (int(from_at.timestamp()), int(until_at.timestamp())),
    )


def _by_day(from_at: datetime, until_at: datetime, hours: Window, zone: ZoneInfo) -> Iterator[Window]:
    if hours == (0, DAY):
        return
    midnight = from_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    while midnight < until_at:
        opens, closes = (midnight + timedelta(seconds=each) for each in hours)
        start, end = max(opens, from_at), min(closes, until_at)
        if start < end:
            yield int(start.timestamp()), int(end.timestamp())
        midnight += timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """A cargo, where it is and between when it can be loaded there, and what is to become of it.

    `processed`: a kitchen works at it, and it is handed over there. Else it is handed over at `to`, or, without one,
    where it is stored. `stored`: it waits in store on the way; None where either will do. `by`: the hand-over. `hours`:
    on each day, when somebody is there to load, or unload (seconds after midnight, by the clock of `zone`).
    """

    cargo: Cargo
    place: Place
    from_at: datetime
    until_at: datetime
    processed: bool = True
    stored: bool | None = None
    to: Place | None = None
    by: datetime | None = None
    hours: Window = DAYTIME
    zone: ZoneInfo = PARIS

    def __post_init__(self) -> None:
        if not self.from_at < self.until_at:
            raise ValueError("it can be loaded for some time")
        if not self.processed and self.to is None and self.stored is False:
            raise ValueError("it has to end somewhere: in a kitchen, in store, or at a place")

    @cached_property
    def loadings(self) -> tuple[Window, ...]:
        """When it can be loaded where it is: hours of each day; all that was said, where they are all day or none."""
        return loadings_of(self.from_at, self.until_at, self.hours, self.zone)

    @cached_property
    def loading(self) -> Window:
        """From when to when it can be loaded, first and last."""
        return self.loadings[0][0], self.loadings[-1][1]

    @cached_property
    def handling(self) -> tuple[Window, ...] | None:
        """When it is loaded and unloaded on the way, at places without hours of their own; None: whenever."""
        return self._each_day(self.hours)

    @cached_property
    def handovers(self) -> tuple[Window, ...] | None:
        """When it can be handed over `to` a place: as late, too, as that was said to be."""
        if self.by is None:
            return self.handling
        wall = self.by.astimezone(self.zone)
        said = wall.hour * HOUR + wall.minute * 60 or DAY
        return self._each_day((self.hours[0], max(self.hours[1], said)))

    def _each_day(self, hours: Window) -> tuple[Window, ...] | None:
        """Give hours of each day, up to the end; None where they are all day, or where it is loaded only at night."""
        is_by_day = any(_by_day(self.from_at, self.until_at, self.hours, self.zone))
        return (is_by_day and tuple(_by_day(self.from_at, at(self.ends), hours, self.zone))) or None

    @cached_property
    def ends(self) -> int:
        """When all has to be over."""
        return int((self.by or self.until_at + WITHIN).timestamp())


@dataclass(frozen=True)
class World:
    """Everything that could be of use."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Proposals:
    """What a search found: plans, the best first, what was rejected, and whether all was looked at."""

    plans: tuple[Plan, ...]
    rejected: tuple[Rejected, ...] = ()
    is_whole: bool = True


def at(seconds: int) -> datetime:
    """Make an aware instant."""
    return datetime.fromtimestamp(seconds, UTC)
