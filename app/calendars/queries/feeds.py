"""What feeds are joined from. A subscriber who has the feed already costs `calendar` and no more.

Building a statement costs more than running it (measured), so these are built once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)

from app.accounts.models import Organisation
from app.availability.queries import instant
from app.bookings.models import Booking, Bundle
from app.bookings.rules import LIVE, PENDING
from app.calendars.audiences import Audience, Place, Scope, Stay
from app.calendars.models import FeedFragment
from app.calendars.queries.subjects import SUBJECT_WIDTH, TABLES, Subject, subject_of
from app.calendars.rules import FeedWindow
from app.catalogue.communes import find_commune
from app.catalogue.models import Resource, Site
from app.core.errors import NotFound
from app.infra.db import Instant, db
from app.supply.chains.models import Chain

_MOST_IDS = 5_000  # ids given to one statement; databases take 32,000
_STAYS = (
    select(
        Booking.id,
        Booking.uid,
        Booking.ref,
        Booking.resource_id,
        Booking.revision,
        Booking.changed_at,
        Booking.start_at,
        Booking.end_at,
        Booking.quantity,
        Booking.people,
        Booking.purpose,
        Organisation.name,
        Booking.decision,
        Booking.hold_id,
        Booking.given_back,
        case((Chain.id.is_not(None), Bundle.ref), else_="").label("chain"),
    )
    .join(Organisation, Organisation.id == Booking.organisation_id)
    .outerjoin(Bundle, Bundle.id == Booking.bundle_id)
    .outerjoin(Chain, Chain.bundle_id == Bundle.id)
    .where(Booking.id.in_(bindparam("ids", expanding=True)))
)


class Shelf(NamedTuple):
    """One resource of a calendar, with the sums that tell whether its bookings are still the same."""

    resource_id: int
    slug: str
    name: str
    capacity: int
    visibility: str
    shows_holder: bool
    revision: int
    changed_at: datetime
    site_revision: int
    site_changed_at: datetime
    site_name: str
    address: str
    postcode: str
    commune_code: str
    phone: str
    zone: str
    bookings: int
    revisions: int
    ids: int
    bookings_changed_at: datetime

    @property
    def base(self) -> int:
        """What every event of this resource adds to its own revision."""
        return self.revision + self.site_revision

    @property
    def latest(self) -> datetime:
        """The last change of anything this resource's events tell."""
        return max(self.bookings_changed_at, self.changed_at, self.site_changed_at)

    @property
    def stamp(self) -> tuple[int | bool | str, ...]:
        """All that changes when an event of this resource does."""
        sums = (self.resource_id, self.bookings, self.revisions, self.ids, self.base, self.shows_holder)
        return (*sums, self.latest.isoformat())

    @property
    def place(self) -> Place:
        """The resource as events tell it."""
        return Place(
            resource_id=self.resource_id,
            slug=self.slug,
            name=self.name,
            capacity=self.capacity,
            location=_location(self.name, self.site_name, self.address, self.postcode, self.commune_code),
            phone=self.phone,
            zone=self.zone,
            revision=self.base,
            changed_at=max(self.changed_at, self.site_changed_at),
        )


@dataclass(frozen=True)
class Reading:
    """What decides how the bookings of a calendar are written for a reader.

    A member reads those of `organisations`, and of the resources `telling` who holds them; "busy" for the rest.
    """

    scope: Scope
    scope_id: int
    public_id: str
    audience: Audience
    organisations: frozenset[int]
    telling: frozenset[int]
    locale: str
    renderer: str


class Slip(NamedTuple):
    """One booking of a feed and its event as kept: `body` is None where nobody wrote it yet, or with old words."""

    booking_id: int
    uid: str
    resource_id: int
    revision: int
    audience: str
    written: int | None
    body: bytes | None


def calendar(scope: Scope, scope_id: int, window: FeedWindow) -> tuple[Subject, list[Shelf]]:
    """Read what a calendar is of, and the sums of its bookings by resource, in one statement.

    Raises NotFound when there is no such thing.
    """
    connection = db.session.connection()
    rows = connection.execute(_state(scope, connection.dialect.name), _within(scope_id, window)).all()
    if not rows:
        raise NotFound(scope=scope, id=scope_id)
    shelves = [Shelf._make(row[SUBJECT_WIDTH:]) for row in rows if row.shelf_count]
    return Subject(scope, *rows[0][:SUBJECT_WIDTH]), sorted(shelves, key=attrgetter("resource_id"))


def slips(reading: Reading, window: FeedWindow, changed_since: datetime | None = None) -> dict[int, Slip]:
    """Read the bookings of a feed with their written events, by id: all, or those changed since then."""
    given = {**_within(reading.scope_id, window), "locale": reading.locale, "renderer": reading.renderer}
    mixed = reading.audience is Audience.MEMBER
    if mixed:
        given |= {"organisations": list(reading.organisations), "telling": list(reading.telling)}
    else:
        given["audience"] = reading.audience.value
    if changed_since is not None:
        given["changed_since"] = changed_since
    rows = db.session.connection().execute(_slips(reading.scope, mixed, changed_since is not None), given)
    return {row[0]: Slip._make(row) for row in rows}


def stays(booking_ids: Sequence[int]) -> dict[int, Stay]:
    """Read what events tell of bookings, by id."""
    found: dict[int, Stay] = {}
    for start in range(0, len(booking_ids), _MOST_IDS):
        ids = booking_ids[start : start + _MOST_IDS]
        for row in db.session.connection().execute(_STAYS, {"ids": list(ids)}):
            found[row.id] = _stay(row)
    return found


def _in_scope(scope: Scope) -> ColumnElement[bool]:
    """Say which bookings belong to the calendar `:scope_id` and are shown in its window."""
    there = select(Resource.id).where(Resource.site_id == bindparam("scope_id"))
    owner = {
        Scope.RESOURCE: Booking.resource_id == bindparam("scope_id"),
        Scope.SITE: Booking.resource_id.in_(there),
        Scope.PENDING: and_(Booking.resource_id.in_(there), Booking.decision == PENDING),
        Scope.ORGANISATION: Booking.organisation_id == bindparam("scope_id"),
        Scope.CHAIN: Booking.bundle_id == bindparam("scope_id"),
        Scope.PERSON: Booking.requester_id == bindparam("scope_id"),
    }[scope]
    live = or_(*(Booking.decision == decision for decision in LIVE))
    return and_(
        owner,
        Booking.start_at < bindparam("until", type_=Instant),
        Booking.end_at > bindparam("since", type_=Instant),
        or_(live, Booking.changed_at >= bindparam("cancelled_since", type_=Instant)),
    )


@lru_cache(maxsize=2 * len(Scope))
def _state(scope: Scope, dialect: str) -> Select[Any]:
    """Select the subject beside each of its resources that has bookings; beside nothing when there are none."""
    sums = (
        select(
            Booking.resource_id.label("resource_id"),
            func.count().label("count"),
            cast(func.sum(Booking.revision), BigInteger).label("revisions"),
            cast(func.sum(Booking.id), BigInteger).label("ids"),
            func.max(Booking.changed_at).label("changed_at"),
        )
        .where(_in_scope(scope))
        .group_by(Booking.resource_id)
        .subquery("sums")
    )
    shelved = _shelved(sums, dialect).subquery("shelf")
    subject = subject_of(scope).where(TABLES[scope].id == bindparam("scope_id"))
    names = subject.subquery("subject")
    return select(*names.c, *(c.label(f"shelf_{c.name}") for c in shelved.c)).select_from(
        names.outerjoin(shelved, true())
    )


def _shelved(sums: FromClause, dialect: str) -> Select[Any]:
    """Put beside sums of bookings the facts of their resources.

    PostgreSQL expects as many of these as there are bookings, and read every resource for the five that a calendar has
    (half of its time); one by one they are found by their key.
    """
    facts = select(
        Resource.id, Resource.slug, Resource.name, Resource.capacity, Resource.visibility, Resource.shows_holder,
        Resource.revision, Resource.changed_at, Site.revision.label("site_revision"),
        Site.changed_at.label("site_changed_at"), Site.name.label("site_name"), Site.address, Site.postcode,
        Site.commune_code, Site.phone, Site.timezone,
    ).join(Site, Site.id == Resource.site_id)  # fmt: skip
    if dialect == "postgresql":
        places: FromClause = facts.where(Resource.id == sums.c.resource_id).limit(1).lateral("places")
        joined = sums.join(places, true())
    else:
        places = facts.subquery("places")
        joined = sums.join(places, places.c.id == sums.c.resource_id)
    own = sums.c.count, sums.c.revisions, sums.c.ids, sums.c.changed_at.label("bookings_changed_at")
    return select(*places.c, *own).select_from(joined)


@lru_cache(maxsize=4 * len(Scope))
def _slips(scope: Scope, mixed: bool, changed: bool) -> Select[Any]:  # noqa: FBT001  # keys of the cache
    if mixed:
        known = or_(
            Booking.organisation_id.in_(bindparam("organisations", expanding=True)),
            Booking.resource_id.in_(bindparam("telling", expanding=True)),
        )
        audience: ColumnElement[str] = case((known, literal(Audience.MEMBER)), else_=literal(Audience.PUBLIC))
    else:
        audience = bindparam("audience", type_=String)
    kept = and_(
        FeedFragment.booking_id == Booking.id,
        FeedFragment.audience == audience,
        FeedFragment.locale == bindparam("locale"),
        FeedFragment.renderer == bindparam("renderer"),
    )
    columns: tuple[Any, ...] = (
        Booking.id, Booking.uid, Booking.resource_id, Booking.revision, audience.label("audience"),
        FeedFragment.revision.label("written"), FeedFragment.body,
    )  # fmt: skip
    found = select(*columns).select_from(Booking).outerjoin(FeedFragment, kept).where(_in_scope(scope))
    return found.where(Booking.changed_at >= bindparam("changed_since", type_=Instant)) if changed else found


def _within(scope_id: int, window: FeedWindow) -> dict[str, Any]:
    return {
        "scope_id": scope_id,
        "since": window.start,
        "until": window.end,
        "cancelled_since": window.cancelled_since,
    }


def _stay(row: Any) -> Stay:
    return Stay(
        id=row.id,
        uid=row.uid,
        ref=row.ref,
        resource_id=row.resource_id,
        revision=row.revision,
        changed_at=row.changed_at,
        start=row.start_at,
        end=row.end_at,
        quantity=row.quantity,
        people=row.people,
        purpose=row.purpose,
        organisation=row.name,
        decision=row.decision,
        holds=row.hold_id is not None,
        given_back=tuple((instant(start), instant(end), units) for start, end, units in row.given_back),
        chain=row.chain,
    )


def place_of(resource: Resource) -> Place:
    """Tell a resource (with its site) as events do."""
    site = resource.site
    return Place(
        resource_id=resource.id,
        slug=resource.slug,
        name=resource.name,
        capacity=resource.capacity,
        location=_location(resource.name, site.name, site.address, site.postcode, site.commune_code),
        phone=site.phone,
        zone=site.timezone,
        revision=resource.revision + site.revision,
        changed_at=max(resource.changed_at, site.changed_at),
    )


def _location(resource: str, site: str, address: str, postcode: str, commune_code: str) -> str:
    commune = find_commune(commune_code)
    town = f"{postcode} {commune.name if commune else ''}".strip()
    return ", ".join(filter(None, (resource, site, address, town)))
