"""Reads for the coordination: the coming days, what waits, what was asked for in vain. Counts and places, no people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import case, func, literal, or_, select, union_all

from app.accounts.models import Membership, MembershipState, Organisation, OrganisationState, Territory
from app.accounts.queries.account import active_organisation
from app.availability.hours import hours_between
from app.availability.queries import taken_by_resource, terms_of
from app.availability.rules import DAY_MINUTES
from app.bookings.models import Booking
from app.bookings.rules import APPROVED, EXPIRED, REFUSED
from app.bookings.turns import is_first_of_series, waits_for_manager, waits_since
from app.catalogue.models import OpeningMode, Resource, Site, Status
from app.core import clock
from app.core.span import Span
from app.infra.db import db
from app.reports.rules import Openness, age_of, openness, within

COMING, LATELY = timedelta(days=7), timedelta(days=30)
KITCHEN = "kitchen"


@dataclass(frozen=True)
class Week:
    """The coming seven days: bookings and requests, and the hours of what is lent by the hour that they take."""

    granted: int
    asked: int
    seconds: int
    kitchens: Openness
    kitchen_count: int


class Waiting(NamedTuple):
    """A request without an answer, with whom to call about it; `since` is when it last became the place's turn."""

    ref: str
    since: datetime
    start_at: datetime
    end_at: datetime
    resource: str
    site: str
    site_slug: str
    phone: str
    timezone: str
    organisation: str

    @property
    def span(self) -> Span:
        """The time asked for."""
        return Span(self.start_at, self.end_at)


@dataclass(frozen=True)
class Door:
    """Who waits to come in: how many, and since when the first of them."""

    organisations: int
    people: int
    since: datetime | None


class Unmet(NamedTuple):
    """Requests for one kind of resource that came to nothing: refused, or never answered."""

    kind: str
    refused: int
    expired: int


class Place(NamedTuple):
    """A site with how many resources it shares."""

    slug: str
    name: str
    commune_code: str
    lat: float
    lon: float
    shared: int


def coming_week(territory_id: int) -> Week:
    """Count the seven days from now on; a request that was answered by a proposal waits for nobody's answer here."""
    now = clock.now()
    frame = int(now.timestamp()), int((now + COMING).timestamp())
    rows = db.session.execute(
        select(Booking.decision, Booking.start_at, Booking.end_at, Resource.step_minutes)
        .join(Resource, Resource.id == Booking.resource_id)
        .where(
            Booking.territory_id == territory_id,
            or_(Booking.decision == APPROVED, waits_for_manager()),
            Booking.start_at < now + COMING,
            Booking.end_at > now,
        )
    ).all()
    granted = [row for row in rows if row.decision == APPROVED]
    by_hour = [Span(row.start_at, row.end_at).epochs for row in granted if row.step_minutes < DAY_MINUTES]
    seconds = sum(end - start for start, end in within(by_hour, frame))
    kitchens, number = _kitchens(territory_id, frame)
    return Week(len(granted), len(rows) - len(granted), seconds, kitchens, number)


def _kitchens(territory_id: int, frame: tuple[int, int]) -> tuple[Openness, int]:
    """Add up the opening hours of the kitchens that are in service and ever close; give how many there are."""
    ids = db.session.scalars(
        select(Resource.id)
        .join(Site, Site.id == Resource.site_id)
        .where(
            Resource.territory_id == territory_id,
            Resource.kind == KITCHEN,
            Resource.status.in_((Status.ACTIVE, Status.TO_CHECK)),
            Resource.opening_mode != OpeningMode.ALWAYS,
            Site.archived_at.is_(None),
        )
    ).all()
    terms = {id_: own.unshared for id_, own in terms_of(ids).items()} if ids else {}
    taken: Mapping[int, Sequence[Any]] = taken_by_resource(terms, *frame, terms=terms) if terms else {}
    found = [openness(hours_between(own, *frame), taken.get(id_, ()), frame) for id_, own in terms.items()]
    return sum(found, Openness()), len(found)


def waiting_requests(territory_id: int) -> Mapping[str, list[Waiting]]:
    """List the requests that wait for the place by how long they have, the longest first; a series counts once."""
    since = waits_since().label("since")
    rows: Sequence[Any] = db.session.execute(
        select(
            Booking.ref,
            since,
            Booking.start_at,
            Booking.end_at,
            Resource.name,
            Site.name,
            Site.slug,
            Site.phone,
            Site.timezone,
            Organisation.name,
        )
        .join(Booking.resource)
        .join(Resource.site)
        .join(Booking.organisation)
        .where(Booking.territory_id == territory_id, waits_for_manager(), is_first_of_series())
        .order_by(since, Booking.id)
    ).all()
    found: dict[str, list[Waiting]] = defaultdict(list)
    for row in rows:
        found[age_of(row.since, clock.now())].append(Waiting(*row))
    return found


def at_the_door(territory_id: int) -> Door:
    """Count the organisations and people who wait to come in, in one statement."""
    here = Organisation.territory_id == territory_id
    organisations = select(literal("organisation"), func.count(), func.min(Organisation.created_at)).where(
        here, Organisation.state == OrganisationState.PENDING
    )
    people = (
        select(literal("person"), func.count(), func.min(Membership.created_at))
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(here, Membership.state == MembershipState.REQUESTED, active_organisation())
    )
    rows: Sequence[Any] = db.session.execute(union_all(organisations, people)).all()
    numbers = {what: number for what, number, _since in rows}
    since = min((first for _what, _number, first in rows if first), default=None)
    return Door(numbers["organisation"], numbers["person"], since)


def unmet_lately(territory_id: int) -> list[Unmet]:
    """Count what was refused or never answered in the last thirty days, by kind; the dates of a series count once."""
    request = case((Booking.series_id.is_(None), -Booking.id), else_=Booking.series_id)
    rows = db.session.execute(
        select(Resource.kind, Booking.decision, func.count(request.distinct()).label("number"))
        .join(Booking.resource)
        .where(
            Booking.territory_id == territory_id,
            Booking.decision.in_((REFUSED, EXPIRED)),
            Booking.decided_at >= clock.now() - LATELY,
        )
        .group_by(Resource.kind, Booking.decision)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for kind, decision, number in rows:
        found[kind][decision] = number
    each = (Unmet(kind, counts.get(REFUSED, 0), counts.get(EXPIRED, 0)) for kind, counts in found.items())
    return sorted(each, key=lambda unmet: (-unmet.refused - unmet.expired, unmet.kind))


def places_of(territory: Territory) -> list[Place]:
    """List the sites of a territory, with how many resources each shares."""
    rows: Sequence[Any] = db.session.execute(
        select(Site.slug, Site.name, Site.commune_code, Site.lat, Site.lon, func.count(Resource.id))
        .outerjoin(Resource, (Resource.site_id == Site.id) & (Resource.status != Status.ARCHIVED))
        .where(Site.territory_id == territory.id, Site.archived_at.is_(None))
        .group_by(Site.slug, Site.name, Site.commune_code, Site.lat, Site.lon)
        .order_by(Site.name)
    ).all()
    return [Place(*row) for row in rows]
