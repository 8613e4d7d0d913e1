"""From the fields of the planning to the days of many resources, in a number of statements that does not grow.

Fields: `type`, `lieu` and `km` as in a search (`finding`), `territoire` and `site` (slugs), `qui` (gere: what one
answers for; structure: what one's organisations own), `date`, `vue` (semaine: the week of that day), `page`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import Select, bindparam, func, select

from app.accounts.models import Territory
from app.availability.askers import Asker
from app.availability.asking import read_day
from app.availability.errors import Refusal
from app.availability.finding import ZONE, Search, read_search
from app.availability.holders import Holder, holders
from app.availability.hours import hours_between
from app.availability.models import Closure
from app.availability.policy import TimePermission
from app.availability.queries import taken_by_resource, terms_of
from app.availability.rules import Taken, Terms
from app.availability.timeline import CLOSED, Day, Edges, lay_out, margin
from app.availability.week import day_starts, monday
from app.catalogue.models import Resource, Site, Status
from app.catalogue.search import matching, visible_to
from app.core import clock
from app.core.policy import Actor, can
from app.core.span import to_wall
from app.infra.db import db

PER_PAGE = 25
WHOSE = ("gere", "structure")
_FIELDS = ("type", "lieu", "km")
_DAY, _SUNDAY = 86_400, 6
_FIRST, _LAST = date(2000, 1, 8), date(2100, 12, 24)


class Choice(NamedTuple):
    """A place one may choose, with its territory."""

    territory_id: int
    territory_slug: str
    territory: str
    slug: str
    name: str


class Row(NamedTuple):
    """A resource as the planning names it, and what permissions ask of it; `km` where a place was asked."""

    id: int
    km: float | None
    slug: str
    name: str
    unit: str
    status: str
    shows_holder: bool
    territory_id: int
    site_id: int
    site_name: str
    commune_code: str
    owner_id: int


@dataclass(frozen=True)
class Planned:
    """One resource, its days, and the opening hours around them (none where it is open at any time)."""

    row: Row
    terms: Terms
    days: list[Day]
    hours: Sequence[Edges] = ()


@dataclass(frozen=True)
class Plan:
    """One page of resources, who has taken them as far as the reader may know, and why they are closed."""

    rows: Sequence[Planned] = ()
    total: int = 0
    page: int = 1
    holders: Mapping[int, Holder] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // PER_PAGE)


@dataclass
class Wanted:
    """What of the planning is asked for: which resources (as a search has them), and which days."""

    search: Search
    day: date
    by_week: bool
    raw: dict[str, str]
    errors: dict[str, Refusal]
    choices: Sequence[Choice]

    @property
    def days(self) -> list[date]:
        """The days shown."""
        first, count = (monday(self.day), 7) if self.by_week else (self.day, 1)
        return [first + timedelta(days=number) for number in range(count)]

    def step(self, number: int) -> date | None:
        """Give the day so many days or weeks away, None where the calendar ends."""
        there = self.day + timedelta(days=number * (7 if self.by_week else 1))
        return there if _FIRST <= there <= _LAST else None

    @property
    def is_narrowed(self) -> bool:
        """Tell whether any filter counts."""
        return any(self.raw[name] for name in ("type", "lieu", "territoire", "site", "qui"))

    def url(self, **change: str) -> str:
        """Write the address of this planning, some fields changed (or left out, when empty)."""
        kept = {name: value for name, value in (self.raw | change).items() if value}
        if "lieu" not in kept:
            kept.pop("km", None)
        return "/planning" + (f"?{urlencode(kept)}" if kept else "")


# -- reading ------------------------------------------------------------------------------------------------


def read_wanted(args: Mapping[str, str], actor: Actor) -> Wanted:
    """Read the fields of the planning; what makes no sense is told beside its field and left out."""
    choices = _choices(actor)
    search = read_search({name: args.get(name, "") for name in _FIELDS}, actor)
    typed = {name: args.get(name, "").strip() for name in ("territoire", "site", "qui", "date", "vue")}
    territory = next((each for each in choices if each.territory_slug == typed["territoire"]), None)
    known = {
        "territoire": territory.territory_slug if territory else "",
        "site": typed["site"] if any(each.slug == typed["site"] for each in choices) else "",
        "qui": typed["qui"] if typed["qui"] in whose(actor) else "",
        "vue": typed["vue"] if typed["vue"] == "semaine" else "",
    }
    search.filter = replace(
        search.filter,
        territory_id=territory.territory_id if territory else None,
        site_slug=known["site"] or None,
        managed=known["qui"] == "gere",
        owners=tuple(sorted(actor.memberships)) if known["qui"] == "structure" else (),
    )
    by_week = known["vue"] == "semaine"
    day, wrong = _read_day(typed["date"], by_week=by_week)
    raw = {name: search.raw[name] for name in _FIELDS} | known | {"date": typed["date"][:40]}
    errors = search.errors | ({"date": wrong} if wrong else {})
    return Wanted(search, day, by_week, raw, errors, choices)


def whose(actor: Actor) -> tuple[str, ...]:
    """List the choices of `qui` that mean something for this reader."""
    manages = actor.managed_sites or actor.coordinated or actor.is_platform_admin
    answers = manages or "org_admin" in actor.memberships.values()
    return tuple(name for name, holds in zip(WHOSE, (answers, actor.memberships), strict=True) if holds)


def usual_day(today: date, *, by_week: bool) -> date:
    """Choose the day to show where none is asked for: today; by the week, on a Sunday, the day after.

    The week that ends on that day has nothing left to plan. Whoever wants to see it asks for its date.
    """
    return today + timedelta(days=1) if by_week and today.weekday() == _SUNDAY else today


def _read_day(typed: str, *, by_week: bool) -> tuple[date, Refusal | None]:
    usual = usual_day(to_wall(clock.now(), ZONE).date(), by_week=by_week)
    if not typed:
        return usual, None
    found = read_day(typed)
    if found is None or not _FIRST <= found <= _LAST:
        return usual, Refusal("bad_date", {"typed": typed[:40]})
    return found, None


def _choices(actor: Actor) -> list[Choice]:
    """List the places with something this reader may see, by territory and name."""
    statement = (
        select(Territory.id, Territory.slug, Territory.name, Site.slug, Site.name)
        .join(Site, Site.territory_id == Territory.id)
        .join(Resource, Resource.site_id == Site.id)
        .where(Resource.status != Status.ARCHIVED, Site.archived_at.is_(None), visible_to(actor))
        .distinct()
        .order_by(Territory.name, Site.name, Site.slug)
    )
    rows: Iterable[Any] = db.session.connection().execute(statement)
    return [Choice(*row) for row in rows]


# -- planning -----------------------------------------------------------------------------------------------


def plan(wanted: Wanted, actor: Actor, page: int = 1) -> Plan:
    """Lay out one page of the resources asked for; a page past the end is the last one."""
    rows, total, page = _page(matching(wanted.search.filter), page)
    if not rows:
        return Plan()
    terms = terms_of([row.id for row in rows], Asker.of(actor))
    rows, read = [row for row in rows if row.id in terms], _Reading(wanted.days)
    taken = _taken(read, [terms[row.id] for row in rows])
    known = _holders(rows, taken, actor)
    own = {hold for hold, holder in known.items() if holder.kind == "mine"}
    planned = [read.planned(row, terms[row.id], taken.get(row.id, ()), own) for row in rows]
    return Plan(planned, total, page, known, _reasons(planned))


def _page(found: Select[Any], page: int) -> tuple[list[Row], int, int]:
    connection, page = db.session.connection(), max(1, page)
    window = {"size": PER_PAGE, "skip": (page - 1) * PER_PAGE}
    rows = connection.execute(_rows_of(found), window).all()
    if rows:
        return [_row(each) for each in rows], rows[0].total, page
    if page == 1:
        return [], 0, 1
    total = connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()
    return _page(found, -(-total // PER_PAGE))


@lru_cache(maxsize=256)
def _rows_of(found: Select[Any]) -> Select[Any]:
    """Add to a search what names its rows, and how many there are in all; nearest first, then by place."""
    named = (
        Resource.slug,
        Resource.name,
        Resource.unit,
        Resource.shows_holder,
        Resource.territory_id,
        Resource.site_id,
        Site.name.label("site_name"),
        Site.commune_code,
        Site.owner_id,
        func.count().over().label("total"),
    )
    ordered = found.add_columns(*named).order_by("km", Site.name, Resource.name, Resource.id)
    return ordered.limit(bindparam("size")).offset(bindparam("skip"))


def _row(found: Any) -> Row:
    return Row(*(getattr(found, name) for name in Row._fields))


class _Reading:
    """The days looked at, with the hours of each schedule worked out once for all that follow it."""

    def __init__(self, days: Sequence[date]) -> None:
        self.first, self.count, self.now = days[0], len(days), clock.now()
        self._starts: dict[str, list[int]] = {}
        self._hours: dict[tuple[str, str, str], list[Edges]] = {}

    def starts(self, terms: Terms) -> list[int]:
        if terms.timezone not in self._starts:
            self._starts[terms.timezone] = day_starts(terms, self.first, self.count)
        return self._starts[terms.timezone]

    def taken(self, terms: Sequence[Terms]) -> dict[int, list[Taken]]:
        if not terms:
            return {}
        since = min(self.starts(each)[0] - margin(each) for each in terms)
        until = max(self.starts(each)[-1] + margin(each) for each in terms)
        known = {each.resource_id: each for each in terms}
        return dict(taken_by_resource(known, since, until, terms=known))

    def planned(self, row: Row, terms: Terms, taken: Sequence[Taken], own: Collection[int]) -> Planned:
        starts, beside = self.starts(terms), margin(terms)
        hours = [] if terms.opening_mode == "always" else self._open_hours(terms)
        opened = hours if terms.opening_mode == "continuous" else [(starts[0] - beside, starts[-1] + beside)]
        return Planned(row, terms, lay_out(terms, taken, opened, starts, self.now, own), hours)

    def _open_hours(self, terms: Terms) -> list[Edges]:
        key = terms.expression, terms.school_zone or "", terms.timezone
        if key not in self._hours:
            starts = self.starts(terms)
            self._hours[key] = hours_between(terms, starts[0] - _DAY, starts[-1] + _DAY)
        return self._hours[key]


def _taken(read: _Reading, terms: Sequence[Terms]) -> dict[int, list[Taken]]:
    """Read what is taken: once of all that is lent by hours, once of all that is lent by days."""
    by_hours = read.taken([each for each in terms if not each.by_day])
    return by_hours | read.taken([each for each in terms if each.by_day])


def _holders(rows: Iterable[Row], taken: Mapping[int, Sequence[Taken]], actor: Actor) -> dict[int, Holder]:
    """Name who has taken what, in two statements at most: where members may read names, and where not."""
    groups: dict[bool, set[int]] = {True: set(), False: set()}
    if not actor.is_signed_in:
        return {}
    for row in rows:
        shows = row.shows_holder or can(actor, TimePermission.MANAGE_TIME, row)
        groups[shows].update(each.hold_id for each in taken.get(row.id, ()) if each.kind != "closure")
    return holders(groups[True], actor, shows_names=True) | holders(groups[False], actor, shows_names=False)


def _reasons(planned: Iterable[Planned]) -> dict[int, str]:
    closed = {hold for each in planned for hold in _closed(each)}
    if not closed:
        return {}
    rows = select(Closure.hold_id, Closure.reason).where(Closure.hold_id.in_(closed))
    return {hold: reason for hold, reason in db.session.execute(rows)}  # noqa: C416  # rows are no pairs to mypy


def _closed(planned: Planned) -> set[int]:
    return {hold for day in planned.days for each in day if each.kind == CLOSED for hold in each.holds}
