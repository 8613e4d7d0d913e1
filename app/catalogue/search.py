"""What a search asks of the catalogue, as one statement: the room of availability adds when things are free."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute

from app.catalogue.communes import bounding_box
from app.catalogue.kinds import FactFilter, FactType, FilterBy
from app.catalogue.models import Resource, Site, Status, Visibility
from app.core.ids import plain
from app.core.policy import VISITOR, Actor
from app.infra.db import constant, db

MOST_WORDS, LONGEST_TEXT = 8, 100
_KM_PER_DEGREE = 111.195


class Price(StrEnum):
    """Whether a place costs something."""

    FREE = "free"
    PRICED = "priced"


@dataclass(frozen=True)
class Filter:
    """What is looked for, and by whom: `actor` decides what may be seen at all.

    `place` is (lat, lon); without `radius_km` it only measures distances. `quantity` leaves out what is too small,
    `unit` what is counted otherwise. `pack` keeps what accepts a smaller unit of which so many fill one.
    """

    kind: str | None = None
    subtype: str | None = None
    text: str = ""
    place: tuple[float, float] | None = None
    radius_km: float | None = None
    commune_code: str | None = None
    facts: tuple[FactFilter, ...] = ()
    price: Price | None = None
    quantity: int = 1
    unit: str | None = None
    pack: tuple[str, int] | None = None
    territory_id: int | None = None
    but_resource: int | None = None
    site_slug: str | None = None
    owners: tuple[int, ...] = ()  # of the sites
    managed: bool = False  # only what the actor answers for
    actor: Actor = field(default=VISITOR, compare=False)


class Sight(NamedTuple):
    """What of an actor decides what may be seen; equal for all visitors."""

    everything: bool
    takes_part: bool
    sites: tuple[int, ...]
    territories: tuple[int, ...]
    owners: tuple[int, ...]
    priority: str  # the class of the organisation acted for: each may have a window of its own

    @classmethod
    def of(cls, actor: Actor) -> "Sight":
        """Read it off an actor."""
        own = (o for o, role in actor.memberships.items() if role == "org_admin")
        takes_part = bool(actor.memberships or actor.managed_sites or actor.coordinated)
        sites, territories, owners = (
            tuple(sorted(ids)) for ids in (actor.managed_sites, actor.coordinated, own)
        )
        return cls(actor.is_platform_admin, takes_part, sites, territories, owners, actor.priority)


def matching(wanted: Filter) -> Select[Any]:
    """Select the resources that fit: their id, distance (`km`, NULL without a place) and the columns of the terms.

    Archived ones are left out. Unordered: who uses it sorts. Equal filters of equal sight give the same statement:
    building one takes longer than running it.
    """
    return _matching(wanted, Sight.of(wanted.actor))


@lru_cache(maxsize=256)
def _matching(wanted: Filter, sight: Sight) -> Select[Any]:
    statement = (
        select(
            Resource.id,
            Resource.capacity,
            _km(wanted.place).label("km"),
            Resource.opening_mode,
            Resource.step_minutes,
            Resource.min_minutes,
            Resource.max_minutes,
            Resource.buffer_before,
            Resource.buffer_after,
            _of_class(sight.priority, "notice_minutes", Resource.min_notice_minutes),
            _of_class(sight.priority, "horizon_days", Resource.horizon_days),
            Resource.status,
        )
        .join(Site, Site.id == Resource.site_id)
        .where(Resource.status != constant(Status.ARCHIVED), Site.archived_at.is_(None), _seen_with(sight))
    )
    whose, words = _whose(wanted, sight), _words(wanted.text)
    return statement.where(
        *_plain_conditions(wanted), *whose, *_near(wanted), *words, *map(_fact, wanted.facts)
    )


def pack_sizes(unit: str) -> list[int]:
    """List how many of a smaller unit fill one of a resource, all answers that there are."""
    per = Resource.packs[unit].as_integer()
    found = select(per).where(per.is_not(None), Resource.status != constant(Status.ARCHIVED)).distinct()
    return sorted(db.session.scalars(found))


def _of_class(priority: str, part: str, everybody: InstrumentedAttribute[int]) -> ColumnElement[int]:
    """Give a bound of the terms as it is for a priority class, under the name it has for everybody."""
    if not priority:
        return everybody.label(everybody.key)
    own = Resource.windows[priority][part].as_integer()
    return func.coalesce(own, everybody).label(everybody.key)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Say which resources (joined with their sites) this actor may know of; `policy.SEE_RESOURCE` says it of one."""
    return _seen_with(Sight.of(actor))


def _seen_with(sight: Sight) -> ColumnElement[bool]:
    if sight.everything:
        return true()
    seen = [Resource.visibility == constant(Visibility.PUBLIC)]
    if sight.takes_part:
        seen.append(Resource.visibility == constant(Visibility.MEMBERS))
    return or_(*seen, *_managed_with(sight))


def _managed_with(sight: Sight) -> list[ColumnElement[bool]]:
    """Say which resources somebody answers for, in any of these ways."""
    ways = (
        (Resource.site_id, sight.sites),
        (Resource.territory_id, sight.territories),
        (Site.owner_id, sight.owners),
    )
    return [column.in_(values) for column, values in ways if values]


def _whose(wanted: Filter, sight: Sight) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.owners:
        conditions.append(Site.owner_id.in_(wanted.owners))
    if wanted.managed and not sight.everything:
        conditions.append(or_(false(), *_managed_with(sight)))
    return conditions


def _plain_conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for column, value in (
        (Resource.kind, wanted.kind),
        (Resource.subtype, wanted.subtype),
        (Resource.unit, wanted.unit),
        (Resource.territory_id, wanted.territory_id),
        (Site.commune_code, wanted.commune_code),
        (Site.slug, wanted.site_slug),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.price:
        per_km = func.coalesce(Resource.facts["price_per_km"].as_integer(), 0)
        is_free = and_(Resource.price_cents == 0, per_km == 0)
        conditions.append(is_free if wanted.price is Price.FREE else not_(is_free))
    if wanted.quantity > 1:
        conditions.append(Resource.capacity >= wanted.quantity)
    if wanted.pack:
        conditions.append(Resource.packs[wanted.pack[0]].as_integer() == wanted.pack[1])
    if wanted.but_resource is not None:
        conditions.append(Resource.id != wanted.but_resource)
    return conditions


def _km(place: tuple[float, float] | None) -> ColumnElement[Any]:
    """Measure on a flat map around the place: less than 0.1 % off over 100 km, and the same on every database."""
    if place is None:
        return cast(null(), Float)
    lat, lon = place
    east = (Site.lon - literal(lon, Float)) * literal(_KM_PER_DEGREE * math.cos(math.radians(lat)), Float)
    north = (Site.lat - literal(lat, Float)) * literal(_KM_PER_DEGREE, Float)
    return func.sqrt(east * east + north * north, type_=Float)


def _near(wanted: Filter) -> list[ColumnElement[bool]]:
    if wanted.place is None or wanted.radius_km is None:
        return []
    box = bounding_box(*wanted.place, wanted.radius_km)
    inside = and_(Site.lat.between(box.south, box.north), Site.lon.between(box.west, box.east))
    return [inside, _km(wanted.place) <= literal(wanted.radius_km, Float)]


def _words(text: str) -> list[ColumnElement[bool]]:
    words = plain(text[:LONGEST_TEXT]).split()[:MOST_WORDS]
    return [Resource.search_text.contains(word, autoescape=True) for word in words]


def _fact(wish: FactFilter) -> ColumnElement[bool]:
    """Ask for one fact inside the JSON column; a resource that says nothing about it does not fit."""
    fact, value = wish.fact, wish.value
    kept = Resource.facts[fact.key]
    if fact.type is FactType.BOOLEAN:
        return kept.as_boolean() == true()
    if fact.type is FactType.CHOICES:
        return kept.as_string().contains(f'"{value}"', autoescape=True)
    comparisons: Mapping[FilterBy | None, Any] = {
        FilterBy.MIN: lambda: kept.as_float() >= literal(value, Float),
        FilterBy.MAX: lambda: kept.as_float() <= literal(value, Float),
    }
    if fact.filter in comparisons:
        condition: ColumnElement[bool] = comparisons[fact.filter]()
        return condition
    return kept.as_string() == str(value)
