"""From the fields of a search to what fits: reading them kindly, trying them, and saying which one to let go.

Fields: `q`, `type` (a kind), `lieu` (commune), `km`, `date`, `de`, `a`, `fin`, `quantite`, `unite` (a smaller unit),
`prix` (gratuit, payant), `page`, `vue`, and one per fact of the kind. A wrong field is told beside itself and left out;
the rest still counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict
from wtforms import Form as PlainForm

from app.accounts.queries import territories
from app.availability.askers import Asker
from app.availability.asking import FIELDS, Asked, read_day, read_quantity, read_span
from app.availability.errors import Refusal
from app.availability.rules import DAY_MINUTES
from app.availability.search import Hit, Window, free_in, next_free
from app.availability.some_time import free_some_time
from app.catalogue.communes import Commune, find_commune, search_communes
from app.catalogue.kinds import Kind, find_kind
from app.catalogue.kinds.fields import filter_form
from app.catalogue.kinds.units import PACKS
from app.catalogue.models import Resource
from app.catalogue.packs import Pack
from app.catalogue.search import Filter, Price, matching, pack_sizes
from app.core.policy import Actor
from app.core.span import EmptySpan, Span
from app.infra.db import db

RADII = (5, 10, 20, 30, 50, 100)
USUAL_RADIUS = 20
PER_PAGE = 12
NEAR_MISSES = 3
MOST_TRIED = 40  # how many places are looked at for another time
ZONE = ZoneInfo("Europe/Paris")  # days of a search are counted in it; the request itself uses the place's own
_PRICES = {"gratuit": Price.FREE, "payant": Price.PRICED}
_PLAIN = ("q", "type", "lieu", "km", "prix", *FIELDS)


@dataclass
class Search:
    """A search as read: `window` when times (or days) are known, `day` when only the day is."""

    raw: dict[str, str]
    filter: Filter
    errors: dict[str, Refusal] = field(default_factory=dict)
    kind: Kind | None = None
    facts: PlainForm | None = None
    commune: Commune | None = None
    window: Window | None = None
    day: Span | None = None
    packed: tuple[str, int] | None = None  # what is brought: a smaller unit, and how many

    @property
    def by_day(self) -> bool:
        """Tell whether the fields of the time are a first and a last day."""
        return is_by_day(self.kind)

    @property
    def active(self) -> list[str]:
        """Name the filters that count: what can be let go."""
        names = [name for name in ("q", "type", "prix") if self.raw.get(name) and name not in self.errors]
        if self.commune and self.filter.radius_km:
            names.append("lieu")
        if self.filter.quantity > 1 or self.packed:
            names.append("quantite")
        names += [wish.fact.key for wish in self.filter.facts]
        return [*names, "date"] if self.window or self.day else names

    def url(self, *without: str, **change: str) -> str:
        """Write the address of this search, some fields left out or changed."""
        gone = {piece for name in without for piece in _PIECES.get(name, (name,))}
        kept = {k: v for k, v in self.raw.items() if v and k not in gone} | change
        if not kept.get("lieu"):
            kept.pop("km", None)
        if "type" in gone and self.kind:
            kept = {k: v for k, v in kept.items() if k in _PLAIN or k == "vue"}
        return "/ressources" + (
            f"?{urlencode({k: v for k, v in kept.items() if v}, safe=':')}" if kept else ""
        )


_PIECES: Mapping[str, tuple[str, ...]] = {
    "lieu": ("lieu", "km"),
    "date": ("date", "de", "a", "fin"),
    "quantite": ("quantite", "unite"),
}


@dataclass(frozen=True)
class Found:
    """One page of what fits; `windows` has the times of the day where only a day was asked."""

    hits: Sequence[Hit]
    total: int
    page: int = 1
    windows: Mapping[int, Span] = field(default_factory=dict)
    all_ids: Sequence[int] | None = None

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // PER_PAGE)


# -- reading ------------------------------------------------------------------------------------------------


def is_by_day(kind: Kind | None) -> bool:
    """Tell whether resources of a kind are usually lent by whole days."""
    return kind is not None and kind.defaults.step_minutes >= DAY_MINUTES


def read_search(args: Mapping[str, str], actor: Actor, territory_id: int | None = None) -> Search:
    """Read the fields of a search as far as they make sense."""
    kind = find_kind(args.get("type", ""))
    names = (*_PLAIN, "vue", *(fact.key for fact in kind.filters)) if kind else (*_PLAIN, "vue")
    raw = {name: args.get(name, "").replace("\x00", "").strip()[:100] for name in names}
    search = Search(raw, Filter(actor=actor, territory_id=territory_id), kind=kind)
    if raw["type"] and kind is None:
        search.errors["type"] = Refusal("kind_unknown")
    _read_when(search)
    search.filter = replace(
        search.filter,
        kind=kind.key if kind else None,
        text=raw["q"],
        price=_PRICES.get(raw["prix"]),
    )
    _read_place(search)
    _read_facts(search, args)
    return search


def _read_when(search: Search) -> None:
    asked = Asked({name: search.raw[name] for name in FIELDS})
    qty = _read_quantity(search, asked)
    try:
        span = read_span(asked, ZONE, by_day=search.by_day or _is_stay(search.raw))
    except EmptySpan:
        span = None
    search.errors |= asked.errors
    search.filter = replace(search.filter, quantity=qty)
    if span:
        search.window = Window(span, qty, ZONE, Asker.of(search.filter.actor))
    elif not asked.errors and (first := read_day(search.raw["date"])):
        start = datetime(first.year, first.month, first.day)  # noqa: DTZ001  # a wall time
        search.day = Span.of_walls(start, start + timedelta(days=1), ZONE)
        if search.by_day:
            search.window, search.day = Window(search.day, qty, ZONE, Asker.of(search.filter.actor)), None


def _read_quantity(search: Search, asked: Asked) -> int:
    """Read how many; what is brought in a smaller unit is counted for each resource in its own way."""
    qty, unit = read_quantity(asked) or 1, search.raw["unite"]
    if unit in PACKS:
        search.packed = unit, qty
        return 1
    if unit:
        search.errors["unite"] = Refusal("unit_not_accepted")
    return qty


def _is_stay(raw: Mapping[str, str]) -> bool:
    """Tell whether two days and no hours were typed."""
    return bool(raw["fin"] and not raw["de"] and not raw["a"])


def _read_place(search: Search) -> None:
    typed, km = search.raw["lieu"], search.raw["km"]
    if not typed:
        return
    by_postcode = typed.replace(" ", "").isdecimal()  # already near: then the most populous is meant
    found = search_communes(typed, 1, None if by_postcode else _around(search.filter.territory_id))
    if not found:
        search.errors["lieu"] = Refusal("place_unknown", {"typed": typed})
        return
    search.commune = found[0]
    radius: float | None = USUAL_RADIUS
    if km == "tout":
        radius = None
    elif km:
        if km.isdecimal() and 0 < int(km[:6]) <= 500:
            radius = float(km[:6])
        else:
            search.errors["km"] = Refusal("bad_radius", {"typed": km})
    search.filter = replace(search.filter, place=found[0].point, radius_km=radius)


def _around(territory_id: int | None) -> tuple[float, float] | None:
    """Give the middle of the territories served: of several communes of one name, the near one is meant."""
    served = territories(None if territory_id is None else [territory_id])
    points = [found.point for t in served for code in t.communes or [] if (found := find_commune(str(code)))]
    if not points:
        return None
    return sum(lat for lat, _lon in points) / len(points), sum(lon for _lat, lon in points) / len(points)


def _read_facts(search: Search, args: Mapping[str, str]) -> None:
    if search.kind is None:
        return
    form = filter_form(search.kind)(formdata=MultiDict({k: v for k, v in args.items() if k in search.raw}))
    form.validate()
    given = {key: value for key, value in form.data.items() if not form[key].errors}
    wishes, errors = search.kind.read_filters(given)
    search.errors |= {key: Refusal(error.code, dict(error.facts)) for key, error in errors.items()}
    search.facts, search.filter = form, replace(search.filter, facts=tuple(wishes))


# -- finding ------------------------------------------------------------------------------------------------


def run(search: Search, page: int = 1) -> Found:
    """Find one page of what fits; a page past the end is the last one."""
    if search.packed:
        return _page(*_in_packs(search, page))
    if search.window:
        return _page(free_in(matching(search.filter), search.window), page)
    if search.day:
        hits, windows = free_some_time(search.filter, search.day)
        return _page(hits, page, windows)
    return _without_time(search.filter, page)


def _in_packs(search: Search, page: int) -> tuple[list[Hit], int, dict[int, Span]]:
    """Find what fits in each way of counting what is brought, all together the nearest first."""
    hits, windows = list[Hit](), dict[int, Span]()
    for each in _ways(search):
        more, when = _all(each)
        hits, windows = [*hits, *more], windows | when
    return sorted(hits, key=lambda hit: (hit.km or 0.0, hit.resource_id)), page, windows


def _ways(search: Search) -> list[Search]:
    """Make of a search in a smaller unit one search for each number of them that fill one."""
    if search.packed is None:
        return [search]
    unit, number = search.packed
    packs = [Pack(unit, number, per) for per in pack_sizes(unit)]
    return [
        replace(
            search,
            filter=replace(search.filter, pack=(pack.unit, pack.per), quantity=pack.units),
            window=replace(search.window, qty=pack.units) if search.window else None,
            packed=None,
        )
        for pack in packs
    ]


def _all(search: Search) -> tuple[Sequence[Hit], dict[int, Span]]:
    if search.window:
        return free_in(matching(search.filter), search.window), {}
    if search.day:
        return free_some_time(search.filter, search.day)
    return [Hit(row.id, row.km) for row in db.session.connection().execute(matching(search.filter))], {}


def _page(hits: Sequence[Hit], page: int, windows: Mapping[int, Span] | None = None) -> Found:
    page = max(1, min(page, -(-len(hits) // PER_PAGE)))
    piece = hits[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Found(piece, len(hits), page, windows or {}, [hit.resource_id for hit in hits])


def _without_time(wanted: Filter, page: int) -> Found:
    connection, statement = db.session.connection(), matching(wanted)
    total = connection.execute(select(func.count()).select_from(statement.subquery())).scalar_one()
    page = max(1, min(page, -(-total // PER_PAGE)))
    ordered = statement.order_by("km", Resource.name, Resource.id)
    rows = connection.execute(ordered.limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    return Found([Hit(row.id, row.km) for row in rows], total, page)


# -- when nothing fits --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Relaxed:
    """One filter let go: its name, how many then fit, and the address of that search."""

    name: str
    total: int
    url: str


def relaxations(search: Search, at_most: int = 4) -> list[Relaxed]:
    """Try the search without each of its filters in turn; those that help most come first."""
    tried = [Relaxed(name, _count(_without(search, name)), search.url(name)) for name in search.active]
    helpful = sorted((each for each in tried if each.total), key=lambda each: -each.total)
    return helpful[:at_most]


def _without(search: Search, name: str) -> Search:
    wanted = search.filter
    match name:
        case "q":
            return replace(search, filter=replace(wanted, text=""))
        case "type":
            return replace(search, filter=replace(wanted, kind=None, facts=()))
        case "prix":
            return replace(search, filter=replace(wanted, price=None))
        case "lieu":
            return replace(search, filter=replace(wanted, radius_km=None))
        case "quantite":
            window = replace(search.window, qty=1) if search.window else None
            return replace(search, filter=replace(wanted, quantity=1), window=window, packed=None)
        case "date":
            return replace(search, window=None, day=None)
    facts = tuple(wish for wish in wanted.facts if wish.fact.key != name)
    return replace(search, filter=replace(wanted, facts=facts))


def _count(search: Search) -> int:
    return run(search).total


@dataclass(frozen=True)
class NearMisses:
    """What almost fits: the same time farther away, and the same places at another time."""

    farther: Sequence[Hit] = ()
    other_time: Sequence[Hit] = ()
    windows: Mapping[int, Span] = field(default_factory=dict)


def near_misses(search: Search) -> NearMisses:
    """Look for the same time farther away, and for another time in the same places."""
    if not (search.window or search.day):
        return NearMisses()
    farther = run(_without(search, "lieu")).hits[:NEAR_MISSES] if search.filter.radius_km else ()
    hits, windows = _other_times(search)
    return NearMisses(farther, hits, windows)


def _other_times(search: Search) -> tuple[list[Hit], dict[int, Span]]:
    hits, windows = list[Hit](), dict[int, Span]()
    for each in _ways(search):
        more, when = _other_times_in_units(each)
        hits, windows = [*hits, *more], windows | when
    return hits[:NEAR_MISSES], windows


def _other_times_in_units(search: Search) -> tuple[list[Hit], dict[int, Span]]:
    wanted = search.filter
    if search.window and not search.by_day:
        first = search.window.span.walls(ZONE)[0].replace(hour=0, minute=0)
        hits, windows = free_some_time(wanted, Span.of_walls(first, first + timedelta(days=1), ZONE))
        if hits:
            return hits[:NEAR_MISSES], windows
    rows = (
        db.session.connection()
        .execute(matching(wanted).order_by("km", Resource.name).limit(MOST_TRIED))
        .all()
    )
    windows = next_free([row.id for row in rows], wanted.quantity, Asker.of(wanted.actor))
    return _soonest(Hit(row.id, row.km) for row in rows if row.id in windows), windows


def _soonest(hits: Iterable[Hit]) -> list[Hit]:
    return list(hits)[:NEAR_MISSES]
