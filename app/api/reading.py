"""From what a request says to what the catalogue and the engine understand."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from app.api.errors import FieldsRefused, Problem, refuse
from app.api.queries import get_shown
from app.api.requests import ResourceQuery
from app.availability.askers import Asker
from app.availability.finding import ZONE
from app.availability.policy import TimePermission
from app.availability.rules import Terms
from app.availability.search import Window
from app.availability.shown import Shown
from app.catalogue.communes import Commune, find_commune, search_communes
from app.catalogue.kinds import Fact, FactFilter, FactType, get_kind
from app.catalogue.naming import name_commune
from app.catalogue.packs import Pack
from app.catalogue.search import Filter, Price, pack_sizes
from app.core.errors import NotFound
from app.core.policy import Actor, can
from app.core.span import Span

MOST_DAYS = 400


def read_span(start: datetime, end: datetime, place: str, most_days: int = MOST_DAYS) -> Span:
    """Make a span of two instants; raise FieldsRefused when it is empty or too long."""
    if end <= start:
        raise refuse(place, "end", "empty_span")
    if end - start > timedelta(days=most_days):
        raise refuse(place, "end", "window_too_long", days=most_days)
    return Span(start, end)


def read_pack(
    unit: str | None, number: int, shown: Shown, terms: Terms, place: str, name: str = "unit"
) -> Pack | None:
    """Read what is brought in a smaller unit, None for the resource's own; raise FieldsRefused for one it has not."""
    if unit is None or unit == shown.unit:
        return None
    if unit not in terms.packs:
        raise refuse(place, name, "unit_not_accepted", units=[shown.unit, *terms.packs])
    return Pack(unit, number, terms.packs[unit])


def read_resource(name: str, actor: Actor) -> Shown:
    """Find the resource of this name; raise NotFound, also for what the caller may not know of."""
    shown = get_shown(name)
    if not can(actor, TimePermission.SEE_RESOURCE, shown):
        raise NotFound(resource=name)
    return shown


def read_window(query: ResourceQuery, actor: Actor) -> Window | None:
    """Read the time that must be free, if any was asked."""
    if query.start is None and query.end is None:
        return None
    if query.start is None or query.end is None:
        raise refuse("query", "end" if query.end is None else "start", "start_or_end_missing")
    span = read_span(query.start, query.end, "query")
    return Window(span, query.quantity, ZONE, Asker.of(actor))


def read_ways(query: ResourceQuery, actor: Actor) -> list[tuple[Filter, Window | None]]:
    """Read what is looked for, and when it must be free: a smaller unit is counted in each way there is."""
    wanted, window = read_filter(query, actor), read_window(query, actor)
    if query.unit is None:
        return [(wanted, window)]
    packs = [Pack(query.unit, query.quantity, per) for per in pack_sizes(query.unit)]
    return [
        (
            replace(wanted, pack=(pack.unit, pack.per), quantity=pack.units),
            replace(window, qty=pack.units) if window else None,
        )
        for pack in packs
    ]


def read_filter(query: ResourceQuery, actor: Actor) -> Filter:
    """Read what is looked for; raise FieldsRefused."""
    place = _place(query)
    price = {True: Price.FREE, False: Price.PRICED}
    return Filter(
        kind=query.kind,
        subtype=query.subtype,
        text=query.q,
        place=place,
        radius_km=query.radius_km,
        facts=_facts(query),
        price=None if query.free is None else price[query.free],
        quantity=query.quantity,
        actor=actor,
    )


def _place(query: ResourceQuery) -> tuple[float, float] | None:
    if (query.lat is None) != (query.lon is None):
        raise refuse("query", "lon" if query.lon is None else "lat", "lat_or_lon_missing")
    point = None if query.lat is None or query.lon is None else (query.lat, query.lon)
    if query.commune is None:
        if point is None and query.radius_km is not None:
            raise refuse("query", "radius_km", "place_missing")
        return point
    if point:
        raise refuse("query", "commune", "two_places")
    commune = read_commune(query.commune)
    if commune is None:
        raise refuse("query", "commune", "place_unknown", typed=query.commune)
    return commune.point


def read_commune(typed: str) -> Commune | None:
    """Find the commune of a code, a name or a postcode, the most populous of namesakes."""
    return find_commune(typed.upper()) or next(iter(search_communes(typed, 1)), None)


def commune_near(typed: str, here: str | None, field: str = "commune") -> Commune:
    """Find the one commune of a code, a name or a postcode, for what is written down: of namesakes the one near `here`.

    Raise CommuneUnknown, CommuneAmbiguous.
    """
    near = find_commune(here or "")
    return find_commune(typed.upper()) or name_commune(typed, near.point if near else None, field)


def _facts(query: ResourceQuery) -> tuple[FactFilter, ...]:
    if not query.fact:
        return ()
    if query.kind is None:
        raise refuse("query", "kind", "kind_needed")
    kind, given = get_kind(query.kind), dict[str, object]()
    for wish in query.fact:
        key, colon, value = wish.partition(":")
        fact = next((each for each in kind.filters if each.key == key), None)
        if not colon or not value:
            raise refuse("query", "fact", "bad_fact")
        if fact is None:
            raise refuse("query", "fact", "fact_unknown", fact=key)
        given[key] = _typed(fact, value)
    wishes, errors = kind.read_filters(given)
    if errors:
        raise FieldsRefused(
            [Problem("query", "fact", e.code, {"fact": key, **e.facts}) for key, e in errors.items()]
        )
    return tuple(wishes)


def _typed(fact: Fact, value: str) -> object:
    """Give a value the type its fact wants; what cannot have it is left as it is, and refused by the kind."""
    if fact.type is FactType.BOOLEAN:
        return {"true": True, "false": False}.get(value.lower(), value)
    if fact.is_number:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return value
        return number if number.is_finite() and abs(number.adjusted()) < 12 else value
    return value
