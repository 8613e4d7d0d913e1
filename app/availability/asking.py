"""From what people type (a day, two times, how many) to a slot; shared by every page that asks for one.

The fields of a slot are `date`, `de`, `a`, `fin`, `quantite` and `unite` (a smaller unit that the resource accepts).
Resources booked by the hour take `date`, `de` and `a`, and `fin` where it ends on another day; those booked by days
take `date` and `fin`, both included, which may be months (2027-03): from its first day, to its last.
Errors are codes and facts by field; `app.availability.words` has the sentences.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from app.availability.errors import Refusal
from app.availability.opening.vocabulary import suggested_time
from app.availability.rules import DAY_MINUTES, Terms
from app.catalogue.packs import Pack
from app.core.span import NonexistentTime, Span, from_wall, whole_months

FIELDS = ("date", "de", "a", "fin", "quantite", "unite")
MOST_UNITS = 100_000
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_FRENCH_DATE = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")


@dataclass(frozen=True)
class Slot:
    """A time and how many: what can be asked for; `pack` tells what is brought, where that was said."""

    span: Span
    qty: int = 1
    pack: Pack | None = None


@dataclass
class Asked:
    """What was typed (`raw`), what is wrong with it by field, and the slot when nothing is."""

    raw: dict[str, str]
    errors: dict[str, Refusal] = field(default_factory=dict)
    slot: Slot | None = None

    @property
    def is_blank(self) -> bool:
        """Tell whether no time was typed at all."""
        return not any(self.raw[name] for name in ("date", "de", "a", "fin"))


def read_slot(args: Mapping[str, str], terms: Terms, *, required: bool = False) -> Asked:
    """Read the slot fields of a query or a form for one resource, in its own zone.

    What is still empty is no error unless `required` (a form that was sent).
    """
    asked = Asked({name: (args.get(name) or "").replace("\x00", "").strip()[:40] for name in FIELDS})
    qty, pack = read_quantity(asked), read_pack(asked, terms)
    if required:
        _require(asked, terms)
    span = read_span(asked, terms.zone, by_day=terms.by_day)
    if span and qty and not asked.errors:
        asked.slot = Slot(span, pack.units if pack else qty, pack)
    return asked


def _require(asked: Asked, terms: Terms) -> None:
    for name in ("date", "fin") if terms.by_day else ("date", "de", "a"):
        if not asked.raw[name]:
            asked.errors[name] = Refusal("date_missing" if name in ("date", "fin") else "time_missing")


def read_span(asked: Asked, zone: ZoneInfo, *, by_day: bool) -> Span | None:
    """Read the time; None when something is missing or wrong (noted in `asked.errors`)."""
    first, last = _day(asked, "date"), _day(asked, "fin")
    if by_day:
        return _days(asked, zone, first, last)
    start, end = _time(asked, "de"), _time(asked, "a")
    if first is None or start is None or end is None or "fin" in asked.errors:
        return None
    if end == 0 and (last is None or last == first):
        end = DAY_MINUTES  # "until 00:00" means the midnight to come
    walls = _wall(first, start), _wall(last or first, end)
    if walls[1] <= walls[0]:
        asked.errors["a"] = Refusal("end_before_start", {"same_day": last is None or last == first})
        return None
    return _span(asked, walls, zone, ("de", "a"))


def _days(asked: Asked, zone: ZoneInfo, first: date | None, last: date | None) -> Span | None:
    if first is None or last is None:
        return None
    if last < first:
        asked.errors["fin"] = Refusal("last_before_first")
        return None
    return _span(asked, (_wall(first, 0), _wall(last, DAY_MINUTES)), zone, ("date", "fin"))


def _span(
    asked: Asked, walls: tuple[datetime, datetime], zone: ZoneInfo, names: tuple[str, str]
) -> Span | None:
    ends = []
    for wall, name in zip(walls, names, strict=True):
        try:
            ends.append(from_wall(wall, zone))
        except NonexistentTime as error:
            asked.errors[name] = Refusal(error.code, dict(error.facts))
            return None
    return Span(*ends)


def read_quantity(asked: Asked) -> int | None:
    """Read how many (1 when nothing is typed); None when it is no sensible number."""
    typed = asked.raw["quantite"].replace(" ", "").replace("\u202f", "").replace("\u00a0", "")
    if not typed:
        return 1
    if not re.fullmatch(r"-?\d{1,18}", typed, re.ASCII) or not 1 <= int(typed) <= MOST_UNITS:
        asked.errors["quantite"] = Refusal("bad_quantity", {"typed": typed, "max": MOST_UNITS})
        return None
    return int(typed)


def read_pack(asked: Asked, terms: Terms) -> Pack | None:
    """Read what is brought in a smaller unit; None where the number counts the resource itself, or is wrong."""
    unit = asked.raw["unite"]
    if not unit:
        return None
    if unit not in terms.packs:
        asked.errors["unite"] = Refusal("unit_not_accepted")
        return None
    number = read_quantity(asked)
    return Pack(unit, number, terms.packs[unit]) if number else None


def units_asked(asked: Asked, terms: Terms) -> int:
    """Tell how many units are asked for, 1 where that is not yet said."""
    pack = read_pack(asked, terms)
    return pack.units if pack else read_quantity(asked) or 1


def _day(asked: Asked, name: str) -> date | None:
    typed = asked.raw[name]
    if not typed:
        return None
    found = read_month(typed, last=name == "fin") or read_day(typed)
    if found is None:
        asked.errors[name] = Refusal("bad_date", {"typed": typed})
    return found


def read_month(typed: str, *, last: bool) -> date | None:
    """Read a month (2027-03) as its first or its last day; None for what is none."""
    found = _MONTH.fullmatch(typed)
    if not found or not 1 <= int(found[2]) <= 12 or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        return None
    first = date(int(found[1]), int(found[2]), 1)
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1) if last else first


def says_months(raw: Mapping[str, str], terms: Terms) -> bool:
    """Tell whether a season is asked for by months, as it is until days are typed."""
    typed = (raw["date"], raw["fin"])
    return terms.by_month and all(not each or _MONTH.fullmatch(each) for each in typed)


def read_day(typed: str) -> date | None:
    """Read a day as browsers send it (2026-10-06) or as people write it (06/10/2026)."""
    french = _FRENCH_DATE.fullmatch(typed)
    try:
        day = date(int(french[3]), int(french[2]), int(french[1])) if french else date.fromisoformat(typed)
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def _time(asked: Asked, name: str) -> int | None:
    typed = asked.raw[name]
    if not typed:
        return None
    found = suggested_time(typed)
    if found is None:
        asked.errors[name] = Refusal("bad_time", {"typed": typed})
        return None
    minutes = int(found[:2]) * 60 + int(found[3:])
    if minutes > DAY_MINUTES:
        asked.errors[name] = Refusal("bad_time", {"typed": typed})
        return None
    return minutes


def _wall(day: date, minutes: int) -> datetime:
    return datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001  # a wall time


def as_lent(span: Span, terms: Terms) -> Span:
    """Widen a time to all the days it touches where the resource is lent by days; elsewhere leave it."""
    if not terms.by_day:
        return span
    start, end = span.walls(terms.zone)
    last = (end - timedelta(seconds=1)).date()
    return Span.of_walls(_wall(start.date(), 0), _wall(last, DAY_MINUTES), terms.zone)


def slot_params(slot: Slot, terms: Terms) -> dict[str, str]:
    """Write a slot as the fields that `read_slot` reads, in days where the resource is lent by them."""
    start, end = as_lent(slot.span, terms).walls(terms.zone)
    params = {"date": start.date().isoformat()}
    if terms.by_month and (months := whole_months(start, end)):
        params = {"date": f"{months[0]:%Y-%m}", "fin": f"{months[1]:%Y-%m}"}
    elif terms.by_day:
        params["fin"] = (end.date() - timedelta(days=1)).isoformat()
    else:
        params |= {"de": f"{start:%H:%M}", "a": f"{end:%H:%M}"}
        midnight = end.date() == start.date() + timedelta(days=1) and (end.hour, end.minute) == (0, 0)
        if midnight:
            params["a"] = "24:00"
        elif end.date() != start.date():
            params["fin"] = end.date().isoformat()
    if slot.pack:
        params |= {"quantite": str(slot.pack.number), "unite": slot.pack.unit}
    elif terms.capacity > 1 or slot.qty > 1:
        params["quantite"] = str(slot.qty)
    return params


def slot_path(slug: str, slot: Slot, terms: Terms, *, ask: bool = False) -> str:
    """Write the address of a resource's page (or, with `ask`, of its request page) with a slot filled in."""
    page = f"/ressources/{slug}/demander" if ask else f"/ressources/{slug}"
    return f"{page}?{urlencode(slot_params(slot, terms), safe=':')}"


def wait_path(slug: str, slot: Slot, terms: Terms) -> str:
    """Write the address at which one waits for a slot that others have."""
    return f"/ressources/{slug}/attendre?{urlencode(slot_params(slot, terms), safe=':')}"
