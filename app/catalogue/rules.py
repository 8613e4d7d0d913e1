"""Decisions about places and resources that need no database: terms that make sense, zones, limits of photos.

Lengths are minutes, prices whole cents.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.accounts.rules import PRIORITY_CLASSES
from app.catalogue.errors import BadPack, BadPart, BadPoint, BadTerms, LoanIsFree
from app.catalogue.kinds.units import PACKS, Unit
from app.catalogue.packs import MOST_PER_UNIT

MINUTES_PER_DAY = 1440

STEPS = (15, 30, 60, 120, 240, MINUTES_PER_DAY)  # the last one means whole days
PRICE_PER = ("use", "hour", "half_day", "day", "week", "month", "season", "unit_day", "unit_month")
KM_PRICE = "price_per_km"  # the fact of a vehicle that says it
FROM_PRICE = "price_from"  # among the facts: the price is the lowest of several
SCHOOL_ZONES = ("A", "B", "C")

LONGEST_PROSE = 5_000
MAX_CAPACITY = 100_000
MAX_LENGTH = 2 * 366 * MINUTES_PER_DAY
MAX_BUFFER = 3 * MINUTES_PER_DAY
MAX_NOTICE = 366 * MINUTES_PER_DAY
MAX_HORIZON_DAYS = 540  # opening hours are compiled for 600 days ahead
MAX_ANSWER_HOURS = 24 * 60
MAX_PRICE_CENTS = 10_000_000
MAX_AUTO_HOURS = 31 * 24
TWO_STEP_NOTICE = 2 * MINUTES_PER_DAY  # a request for two approvals ends that long before it begins
MAX_FREE_CANCEL_HOURS = 90 * 24

RESERVED_SLUGS = frozenset(
    {"nouveau", "nouvelle", "carte", "liste", "photos"}
)  # addresses of pages beside them

# A photo as people send it; what is kept is smaller and re-encoded.
MAX_PHOTO_BYTES = 8 * 1024 * 1024
MAX_PHOTO_PIXELS = 64_000_000
MIN_PHOTO_SIDE = 64
MAX_PHOTOS = 12
PHOTO_SIZES: Mapping[str, int] = {"small": 480, "medium": 960, "large": 1920}  # longest side

_FARTHEST_FROM_COMMUNE_KM = 60.0  # the largest communes of France are some 40 km across


Composition = Mapping[int, Collection[int]]  # which resources (ids) each is made of
Windows = Mapping[str, Mapping[str, int]]  # by priority class: horizon_days, notice_minutes


@dataclass(frozen=True)
class ResourceFacts:
    """Everything a manager says of a resource: what the form, an import and the demo hand to the service."""

    kind: str
    name: str
    subtype: str = ""
    description: str = ""
    house_rules: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    capacity: int = 1
    unit: str = "whole"
    mode: str = "exclusive"
    opening_mode: str = "continuous"
    step_minutes: int = 30
    min_minutes: int = 60
    max_minutes: int = 720
    buffer_before: int = 0
    buffer_after: int = 0
    min_notice_minutes: int = 0
    horizon_days: int = 365
    windows: Windows = field(default_factory=dict)
    approval: str = "manager"
    auto_up_to: str = "P2"
    auto_hours: int | None = None
    holds_request: bool = True
    answer_hours: int = 72
    arbitration_hours: int = 0
    price_cents: int = 0
    price_per: str = "use"
    free_cancel_hours: int = 0
    late_cancel_percent: int = 0
    visibility: str = "public"
    status: str = "active"
    shows_holder: bool = False


@dataclass(frozen=True)
class SiteFacts:
    """Everything a manager says of a place; without a point it lies at the commune's town hall."""

    name: str
    commune_code: str
    description: str = ""
    address: str = ""
    postcode: str = ""
    lat: float | None = None
    lon: float | None = None
    access_notes: str = ""
    phone: str = ""
    email: str = ""
    school_zone: str | None = "auto"  # A, B, C, None for no school holidays, auto for the commune's


# -- terms of a resource ------------------------------------------------------------------------------------


def settled_terms(facts: ResourceFacts) -> dict[str, Any]:
    """Give the terms of use as they are kept: what is taken as one has a capacity of 1."""
    terms = {name: getattr(facts, name) for name in _LIMITS}
    terms |= {name: getattr(facts, name) for name in _CHOICES}
    if facts.mode == "exclusive":
        terms["capacity"] = 1
    return terms


_CHOICES = (
    "unit", "mode", "opening_mode", "approval", "auto_up_to", "auto_hours", "holds_request", "price_per", "visibility",
    "status", "shows_holder", "windows",
)  # fmt: skip
_LIMITS: Mapping[str, tuple[int, int]] = {
    "capacity": (1, MAX_CAPACITY),
    "step_minutes": (1, MINUTES_PER_DAY),
    "min_minutes": (1, MAX_LENGTH),
    "max_minutes": (1, MAX_LENGTH),
    "buffer_before": (0, MAX_BUFFER),
    "buffer_after": (0, MAX_BUFFER),
    "min_notice_minutes": (0, MAX_NOTICE),
    "horizon_days": (1, MAX_HORIZON_DAYS),
    "answer_hours": (1, MAX_ANSWER_HOURS),
    "arbitration_hours": (0, MAX_ANSWER_HOURS),
    "price_cents": (0, MAX_PRICE_CENTS),
    "free_cancel_hours": (0, MAX_FREE_CANCEL_HOURS),
    "late_cancel_percent": (0, 100),
}


_WINDOW_LIMITS: Mapping[str, tuple[int, int]] = {
    "horizon_days": (1, MAX_HORIZON_DAYS),
    "notice_minutes": (0, MAX_NOTICE),
}


def check_terms(facts: ResourceFacts, modes: tuple[str, ...], units: tuple[str, ...]) -> None:
    """Refuse terms that contradict themselves or the kind; raise BadTerms (or LoanIsFree) for the first one."""
    for error in _wrong_terms(facts, modes, units):
        raise error
    if facts.kind == "land" and facts.facts.get("tenure") == "loan_for_use":
        _refuse_return(facts)


def _refuse_return(facts: ResourceFacts) -> None:
    """Raise LoanIsFree where anything at all is asked for what is lent: a price, a share of costs or harvest."""
    if facts.price_cents:
        raise LoanIsFree(field="price_cents")
    if facts.facts.get("in_return"):
        raise LoanIsFree(field="fact_in_return")


def _wrong_terms(facts: ResourceFacts, modes: tuple[str, ...], units: tuple[str, ...]) -> Iterator[BadTerms]:
    for name, (least, most) in _LIMITS.items():
        value = getattr(facts, name)
        if not least <= value <= most:
            yield BadTerms(field=name, reason="out_of_bounds", min=least, max=most)
    for name, allowed in (
        ("mode", modes),
        ("unit", units),
        ("step_minutes", STEPS),
        ("price_per", PRICE_PER),
        ("auto_up_to", PRIORITY_CLASSES),
    ):
        if getattr(facts, name) not in allowed:
            yield BadTerms(field=name, reason="not_offered")
    if facts.auto_hours is not None and not 1 <= facts.auto_hours <= MAX_AUTO_HOURS:
        yield BadTerms(field="auto_hours", reason="out_of_bounds", min=1, max=MAX_AUTO_HOURS)
    step = facts.step_minutes
    for name in ("min_minutes", "max_minutes"):
        if getattr(facts, name) % step:
            yield BadTerms(field=name, reason="off_step", step=step)
    if facts.approval == "two_step" and facts.min_notice_minutes < TWO_STEP_NOTICE:
        yield BadTerms(field="min_notice_minutes", reason="below_two_step", min=TWO_STEP_NOTICE)
    if facts.max_minutes < facts.min_minutes:
        yield BadTerms(field="max_minutes", reason="below_min", min=facts.min_minutes)
    if facts.late_cancel_percent and not facts.price_cents:
        yield BadTerms(field="late_cancel_percent", reason="free_anyway")
    yield from _wrong_comparison(facts)
    yield from _wrong_windows(facts)
    yield from _wrong_mode(facts)


def _wrong_comparison(facts: ResourceFacts) -> Iterator[BadTerms]:
    """Requests are compared by somebody, who then still has time to answer."""
    if facts.arbitration_hours and facts.approval.startswith("auto"):
        yield BadTerms(field="arbitration_hours", reason="nobody_answers")
    if facts.arbitration_hours > facts.answer_hours:
        yield BadTerms(field="arbitration_hours", reason="too_late_to_answer", hours=facts.answer_hours)


def _wrong_windows(facts: ResourceFacts) -> Iterator[BadTerms]:
    """A class may ask from its horizon on, and no later than its notice: the one must lie before the other."""
    for priority, said in facts.windows.items():
        if priority not in PRIORITY_CLASSES or not set(said) <= set(_WINDOW_LIMITS):
            yield BadTerms(field="windows", reason="not_offered")
            continue
        for part, value in said.items():
            least, most = _WINDOW_LIMITS[part]
            if not least <= value <= most:
                yield BadTerms(
                    field=f"{part}_{priority.lower()}", reason="out_of_bounds", min=least, max=most
                )
        ahead = said.get("horizon_days", facts.horizon_days)
        if said.get("notice_minutes", facts.min_notice_minutes) > ahead * MINUTES_PER_DAY:
            yield BadTerms(field=f"notice_minutes_{priority.lower()}", reason="never_open", days=ahead)


def _wrong_mode(facts: ResourceFacts) -> Iterator[BadTerms]:
    if facts.mode == "season" and facts.step_minutes != MINUTES_PER_DAY:
        yield BadTerms(field="step_minutes", reason="season_by_days")
    if facts.mode == "seats":
        if facts.unit != Unit.PLACE:
            yield BadTerms(field="unit", reason="seats_in_places")
        most = passengers(facts.kind, facts.facts)
        if most is not None and facts.capacity > most:
            yield BadTerms(field="capacity", reason="seats_with_driver", max=most, seats=most + 1)


def passengers(kind: str, facts: Mapping[str, Any]) -> int | None:
    """Tell how many people a vehicle takes besides its driver; None where nobody said how many seats it has."""
    seats = facts.get("seats") if kind == "vehicle" else None
    return int(seats) - 1 if seats else None


def licence_years(kind: str, facts: Mapping[str, Any]) -> int:
    """Tell for how many years the driver of a vehicle must have held the licence; 0 where nobody requires any."""
    return int(facts.get("licence_years") or 0) if kind == "vehicle" else 0


# -- what a resource is made of -----------------------------------------------------------------------------


@dataclass(frozen=True)
class PartFacts:
    """A resource as a part of another: where it is, how many there are."""

    name: str
    site_id: int
    capacity: int
    field: str = ""


def check_parts(
    whole_id: int,
    site_id: int,
    wanted: Mapping[int, int],
    known: Mapping[int, PartFacts],
    made_of: Composition,
) -> None:
    """Refuse parts (how many of each, by id) that a resource cannot have; raise BadPart for the first one.

    `made_of` says which resources of the site are made of which, the whole's former parts left out.
    """
    for part_id, qty in wanted.items():
        part = known[part_id]
        reason = _wrong_part(whole_id, site_id, part_id, part, made_of) or _wrong_number(qty, part)
        if reason:
            raise BadPart(field=part.field, part=part.name, reason=reason, most=part.capacity)


def _wrong_part(whole_id: int, site_id: int, part_id: int, part: PartFacts, made_of: Composition) -> str:
    if part_id == whole_id:
        return "itself"
    if part.site_id != site_id:
        return "elsewhere"
    return "circle" if whole_id in _reached(part_id, made_of) else ""


def _wrong_number(qty: int, part: PartFacts) -> str:
    if qty < 1:
        return "none"
    return "too_many" if qty > part.capacity else ""


def _reached(first: int, made_of: Composition) -> set[int]:
    """Follow a resource to all it is made of."""
    found, waiting = set[int](), [first]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting += made_of.get(at, ())
    return found


def check_packs(unit: str, packs: Mapping[str, int]) -> None:
    """Refuse smaller units (how many fill one, by unit) that a resource counted in `unit` cannot have."""
    for pack, per in packs.items():
        if reason := _wrong_pack(unit, pack, per):
            raise BadPack(field=pack, unit=pack, reason=reason, most=MOST_PER_UNIT)


def _wrong_pack(unit: str, pack: str, per: int) -> str:
    if unit == Unit.WHOLE:
        return "not_counted"
    if pack not in PACKS:
        return "unknown"
    if pack == unit:
        return "same"
    return "" if 1 <= per <= MOST_PER_UNIT else "out_of_bounds"


# -- places -------------------------------------------------------------------------------------------------


def check_point(lat: float, lon: float, km_from_commune: float) -> None:
    """Refuse a point outside the world or far from its commune; raise BadPoint."""
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise BadPoint(field="lat", reason="out_of_world")
    if km_from_commune > _FARTHEST_FROM_COMMUNE_KM:
        swapped = abs(lat) < 15 and 40 < abs(lon) < 52  # metropolitan France with the two exchanged
        raise BadPoint(field="lat", reason="swapped" if swapped else "far", km=round(km_from_commune))


_ZONE_A = "01 03 07 15 16 17 19 21 23 24 25 26 33 38 39 40 42 43 47 58 63 64 69 70 71 73 74 79 86 87 89 90"
_ZONE_C = "09 11 12 30 31 32 34 46 48 65 66 75 77 78 81 82 91 92 93 94 95"
_OWN_HOLIDAYS = ("2A", "2B", "20")  # Corsica, as the overseas départements, sets its own school holidays
_ZONE_OF = dict.fromkeys(_ZONE_A.split(), "A") | dict.fromkeys(_ZONE_C.split(), "C")


def school_zone_of(departement: str) -> str | None:
    """Tell the zone of school holidays of a département, None where it sets its own."""
    if departement in _OWN_HOLIDAYS or len(departement) > 2:
        return None
    return _ZONE_OF.get(departement, "B")


_TIMEZONES = {
    "971": "America/Guadeloupe", "972": "America/Martinique", "973": "America/Cayenne", "974": "Indian/Reunion",
    "975": "America/Miquelon", "976": "Indian/Mayotte", "977": "America/St_Barthelemy", "978": "America/Marigot",
    "986": "Pacific/Wallis", "987": "Pacific/Tahiti", "988": "Pacific/Noumea",
}  # fmt: skip


def timezone_of(departement: str) -> str:
    """Tell the time zone of a département."""
    return _TIMEZONES.get(departement, "Europe/Paris")
