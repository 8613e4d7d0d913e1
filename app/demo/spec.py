"""The demo as its data files tell it: who, where, what is booked, and the stories staged around today."""

import tomllib
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.demo.staged import Bundle, Step, read_bundle

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Person:
    """Somebody invented; `shown` says in the list of accounts who that is ("" keeps it off the list)."""

    key: str
    name: str
    email: str
    phone: str
    shown: str = ""


@dataclass(frozen=True)
class Structure:
    """An organisation and the keys of who belongs to it; `commune` is an INSEE code."""

    key: str
    name: str
    kind: str
    legal_nature: str
    priority: str
    commune: str
    email: str
    phone: str
    admins: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody in it, administrators first."""
        return self.admins + self.members


@dataclass(frozen=True)
class Thing:
    """A resource: `given` are fields of `ResourceFacts`, what is missing is the kind's default.

    `facts` of type date are days from today; `hours` are in OSM syntax (None: the site's); `packs` are smaller units
    in which people may ask, with how many fill one; `quotas` are those of organisations, lent from `lend_days` before.
    """

    key: str
    kind: str
    given: dict[str, Any]
    facts: dict[str, Any]
    hours: str | None = None
    packs: dict[str, int] = field(default_factory=dict)
    quotas: dict[str, int] = field(default_factory=dict)
    lend_days: int | None = None


@dataclass(frozen=True)
class Place:
    """A site: `given` are fields of `SiteFacts`, `functions` are those of managers who have some."""

    key: str
    owner: str
    managers: tuple[str, ...]
    hours: str
    given: dict[str, Any]
    things: tuple[Thing, ...]
    functions: dict[str, list[str]]


@dataclass(frozen=True)
class Series:
    """The same hours every week or every few weeks; Monday is 0."""

    key: str
    resource: str
    organisation: str
    weekday: int
    start: time
    end: time
    purpose: str
    every_weeks: int = 1
    during: str = "always"  # term, school_holiday
    quantity: int = 1
    people: int | None = None


@dataclass(frozen=True)
class Stay:
    """Some room taken for weeks, whole days, in the calendar of the window; `last` is the last day."""

    key: str
    resource: str
    organisation: str
    first: date
    last: date
    purpose: str
    quantity: int = 1


@dataclass(frozen=True)
class Window:
    """The invented calendar: its first day comes to lie `lead_weeks` before today."""

    first: date
    lead_weeks: int
    weeks_back: int
    weeks_ahead: int


@dataclass(frozen=True)
class Scene:
    """A staged booking: the first free of `times` on the first of `resources`, from day `from_day` to `to_day`.

    Times are wall times ("09:00-12:00"), a number of whole days ("10 days") or "now". `beside` names a series:
    only days it has a booking; `same_slot_as` another scene that asked for the same.
    """

    key: str
    resources: tuple[str, ...]
    organisation: str
    by: str
    purpose: str
    hours_ago: float
    times: tuple[str, ...] = ()
    from_day: int = 0
    to_day: int = 0
    beside: str = ""
    same_slot_as: str = ""
    quantity: int = 1
    people: int | None = None
    message: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Repeat:
    """A staged series: every week at the same hours, from the first such weekday after `from_day` days, `times` times.

    Dates that cannot be had are left out, as are school holidays where `but_holidays` says so.
    """

    key: str
    resource: str
    organisation: str
    by: str
    purpose: str
    hours_ago: float
    weekday: int
    start: time
    end: time
    from_day: int
    times: int
    but_holidays: bool = False
    quantity: int = 1
    people: int | None = None
    message: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Shut:
    """A closure of a resource: `days` whole days from `weekday` of next week on (Monday is 0)."""

    resource: str
    by: str
    weekday: int
    days: int
    hours_ago: float
    reason: str


@dataclass(frozen=True)
class Join:
    """Somebody asks to join an organisation."""

    person: str
    organisation: str
    hours_ago: float
    message: str


@dataclass(frozen=True)
class Invite:
    """An organisation invites an address."""

    organisation: str
    by: str
    email: str
    hours_ago: float


@dataclass(frozen=True)
class Proposal:
    """Somebody proposes an organisation that the coordination has not admitted yet."""

    by: str
    hours_ago: float
    name: str
    kind: str
    legal_nature: str
    commune: str
    email: str
    phone: str


@dataclass(frozen=True)
class Sharing:
    """A booking whose cost several organisations share, helped by a programme; whoever keeps their accounts agrees.

    The first organisation books; `keepers` are in the order of `organisations`, the last of which may not
    have answered.
    """

    resource: str
    peak_cents: int
    off_peak_cents: int
    payer: str
    programme: str
    rate_bp: int
    budget_cents: int
    deposit_cents: int
    organisations: tuple[str, ...]
    keepers: tuple[str, ...]
    from_day: int
    to_day: int
    start: time
    end: time
    quantity: int
    people: int
    purpose: str
    hours_ago: float


@dataclass(frozen=True)
class Spec:
    """The whole demo."""

    territory: dict[str, Any]
    people: tuple[Person, ...]
    structures: tuple[Structure, ...]
    places: tuple[Place, ...]
    window: Window
    series: tuple[Series, ...]
    stays: tuple[Stay, ...]
    sharing: Sharing
    closures: tuple[Shut, ...] = ()
    scenes: tuple[Scene, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    joins: tuple[Join, ...] = ()
    invites: tuple[Invite, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    tariffs: dict[str, dict[str, Any]] = field(default_factory=dict)  # by the key of the thing
    terms: dict[str, dict[str, Any]] = field(default_factory=dict)  # by the key of the organisation
    things: dict[str, Thing] = field(init=False)

    def __post_init__(self) -> None:
        things = {thing.key: thing for place in self.places for thing in place.things}
        object.__setattr__(self, "things", things)


@lru_cache(maxsize=1)
def read_spec() -> Spec:
    """Read the data files beside this module."""
    ground, uses, stories = (_read(f"{name}.toml") for name in ("territory", "uses", "stories"))
    return Spec(
        territory=ground["territory"],
        people=tuple(Person(**row) for row in ground["people"]),
        structures=tuple(Structure(**_tuples(row)) for row in ground["organisations"]),
        places=tuple(_place(_read(path.name)) for path in sorted(_DATA.glob("site_*.toml"))),
        window=Window(**uses["window"]),
        series=tuple(_series(row) for row in uses["series"]),
        stays=tuple(Stay(**row) for row in uses["stays"]),
        sharing=_sharing(stories["sharing"]),
        closures=tuple(Shut(**row) for row in stories["closures"]),
        scenes=tuple(_scene(row) for row in stories["scenes"]),
        bundles=tuple(read_bundle(row) for row in stories["bundles"]),
        repeats=tuple(_repeat(row) for row in stories["repeats"]),
        joins=tuple(Join(**row) for row in stories["joins"]),
        invites=tuple(Invite(**row) for row in stories["invites"]),
        proposals=tuple(Proposal(**row) for row in stories["proposals"]),
        tariffs=_read("tariffs.toml"),
        terms=_read("terms.toml"),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_DATA / name).read_text(encoding="utf-8"))


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def _place(row: dict[str, Any]) -> Place:
    own = {key: row.pop(key) for key in ("key", "owner", "managers", "hours", "resources")}
    functions = row.pop("functions", {})
    row["commune_code"] = row.pop("commune")
    things = tuple(_thing(thing) for thing in own["resources"])
    return Place(own["key"], own["owner"], tuple(own["managers"]), own["hours"], row, things, functions)


def _thing(row: dict[str, Any]) -> Thing:
    key, kind, facts, hours = row.pop("key"), row.pop("kind"), row.pop("facts"), row.pop("hours", None)
    packs, quotas, lend_days = row.pop("packs", {}), row.pop("quotas", {}), row.pop("lend_days", None)
    for length in ("min", "max", "min_notice"):
        if (hours_long := row.pop(f"{length}_hours", None)) is not None:
            row[f"{length}_minutes"] = int(hours_long * 60)
    return Thing(key, kind, row, facts, hours, packs, quotas, lend_days)


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _series(row: dict[str, Any]) -> Series:
    return Series(**_weekly(row))


def _repeat(row: dict[str, Any]) -> Repeat:
    steps = tuple(Step(**step) for step in row.pop("steps", []))
    return Repeat(steps=steps, **_weekly(row))


def _weekly(row: dict[str, Any]) -> dict[str, Any]:
    """Read the weekday and the hours of what comes every week."""
    start, end = read_times(row.pop("hours"))
    return {"start": start, "end": end, "weekday": _WEEKDAYS.index(row.pop("weekday")), **row}


def _scene(row: dict[str, Any]) -> Scene:
    steps = tuple(Step(**step) for step in row.pop("steps", []))
    return Scene(steps=steps, **_tuples(row))


def _sharing(row: dict[str, Any]) -> Sharing:
    start, end = read_times(row.pop("hours"))
    return Sharing(start=start, end=end, **_tuples(row))


def read_times(text: str) -> tuple[time, time]:
    """Read "09:00-12:00"."""
    start, end = (time.fromisoformat(part) for part in text.split("-"))
    return start, end
