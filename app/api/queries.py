"""Reads for the API: pages of resources and bookings by their sort key, and what goes by an id or a short name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, literal, or_, select, tuple_

from app.accounts.models import Organisation
from app.api.cursors import read_cursor, write_cursor
from app.availability.search import Hit, Window, free_in
from app.availability.shown import Shown, find_shown
from app.bookings.models import Booking, Bundle, Series
from app.bookings.queries import alone, whole
from app.bookings.roles import OWN
from app.catalogue.models import Resource, Site, Status
from app.catalogue.search import Filter, matching
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.db import db
from app.payments.estimates import PlannedUse, costs
from app.payments.tariffs.estimating import Estimate
from app.payments.tariffs.measures import Stay, Use

ORGANISATION_ID = select(Organisation.id).where(
    or_(Organisation.public_id == bindparam("name"), Organisation.slug == bindparam("name"))
)
BOOKING = alone().where(Booking.ref == bindparam("ref"))
KEY_USED = select(Booking.id).where(
    Booking.requester_id == bindparam("person"), Booking.idempotency_key == bindparam("key")
)


def get_shown(name: str) -> Shown:
    """Get a resource by its public id or slug; raise NotFound, for archived ones too."""
    shown = find_shown(name)
    if shown is None or shown.status == Status.ARCHIVED:
        raise NotFound(resource=name)
    return shown


def get_organisation_id(name: str) -> int:
    """Get an organisation by its public id or slug; raise NotFound."""
    found = db.session.connection().execute(ORGANISATION_ID, {"name": name}).scalar()
    if found is None:
        raise NotFound(organisation=name)
    return found


def reread(ref: str) -> Booking:
    """Read a booking that has just been written, with all that an answer tells of it."""
    return db.session.scalars(BOOKING, {"ref": ref}).one()


def is_key_used(person_id: int | None, key: str) -> bool:
    """Tell whether a person has sent this idempotency key before."""
    return db.session.connection().execute(KEY_USED, {"person": person_id, "key": key}).first() is not None


def requester_of(booking_id: int) -> int | None:
    """Tell who asked for a booking: what replaces it is asked for by them, too, whoever mends it."""
    return db.session.scalar(select(Booking.requester_id).filter_by(id=booking_id))


def is_bundle_key_used(person_id: int | None, key: str) -> bool:
    """Tell whether a person has sent this idempotency key with a request for several resources before."""
    sent = select(Bundle.id).filter_by(requester_id=person_id, idempotency_key=key)
    return db.session.scalar(sent) is not None


def is_series_key_used(person_id: int | None, key: str) -> bool:
    """Tell whether a person has sent this idempotency key with a request for a series before."""
    sent = select(Series.id).filter_by(requester_id=person_id, idempotency_key=key)
    return db.session.scalar(sent) is not None


# -- resources ----------------------------------------------------------------------------------------------


def resources(
    ways: Sequence[tuple[Filter, Window | None]], limit: int, cursor: str | None
) -> tuple[list[Hit], str | None]:
    """Give one page of what fits in some way, the nearest first, and the cursor of the next page."""
    after = read_cursor(cursor, _place_of)
    found = [
        hit
        for wanted, window in ways
        for hit in (_free(wanted, window, after) if window else _listed(wanted, limit + 1, after))
    ]
    found.sort(key=lambda hit: (hit.km or 0.0, hit.resource_id))
    page = list(found[:limit])
    more = len(found) > limit
    return page, write_cursor((page[-1].km, page[-1].resource_id)) if more else None


def _place_of(km: object, last: int) -> tuple[float | None, int]:
    if km is not None and (isinstance(km, bool) or not isinstance(km, int | float) or not 0 <= km < 1e6):
        raise ValueError
    return None if km is None else float(km), last


def _free(wanted: Filter, window: Window, after: tuple[float | None, int] | None) -> Sequence[Hit]:
    hits = free_in(matching(wanted), window)
    if after is None:
        return hits
    key = (after[0] or 0.0, after[1])
    return [hit for hit in hits if (hit.km or 0.0, hit.resource_id) > key]


def _listed(wanted: Filter, limit: int, after: tuple[float | None, int] | None) -> Sequence[Hit]:
    found = matching(wanted).subquery()
    page = select(found.c.id, found.c.km).order_by(found.c.km, found.c.id).limit(limit)
    if after and wanted.place and after[0] is not None:
        page = page.where(or_(found.c.km > after[0], and_(found.c.km == after[0], found.c.id > after[1])))
    elif after:
        page = page.where(found.c.id > after[1])
    return [Hit(row.id, row.km) for row in db.session.connection().execute(page)]


# -- bookings -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """Which bookings: whose, in which state, overlapping which time."""

    scope: str
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def bookings(
    wanted: Wanted, actor: Actor, limit: int, cursor: str | None
) -> tuple[Sequence[Booking], str | None]:
    """Give one page of the bookings somebody may see, the earliest first, and the cursor of the next page."""
    after = read_cursor(cursor, _moment_of)
    ids: set[tuple[datetime, int]] = set()
    for branch in _branches(wanted.scope, actor):
        page = _narrowed(branch, wanted, after).order_by(Booking.start_at, Booking.id).limit(limit + 1)
        ids |= {(row.start_at, row.id) for row in db.session.execute(page)}
    keys = sorted(ids)[: limit + 1]
    shown = [number for _start, number in keys[:limit]]
    if not shown:
        return [], None
    found = db.session.scalars(
        whole().where(Booking.id.in_(shown)).order_by(Booking.start_at, Booking.id)
    ).all()
    start, last = keys[:limit][-1]
    return found, write_cursor((start.isoformat(), last)) if len(keys) > limit else None


def _moment_of(start: object, last: int) -> tuple[datetime, int]:
    moment = datetime.fromisoformat(str(start))
    if moment.tzinfo is None:
        raise ValueError
    return moment, last


def _branches(scope: str, actor: Actor) -> list[Select[datetime, int]]:
    """Make one statement for each way a booking can be somebody's: each is served by an index of its own."""
    administered = [number for number, role in actor.memberships.items() if role == "org_admin"]
    base = select(Booking.start_at, Booking.id)
    may_ask = or_(Booking.asked_as != OWN, Booking.organisation_id.in_(list(actor.memberships)))
    mine = base.where(Booking.requester_id == actor.person_id, may_ask)
    organisations = base.where(Booking.organisation_id.in_(list(actor.memberships)))
    decided = {*actor.managed_sites, *actor.delegations}
    managed = select(Resource.id).join(Resource.site)
    managed = managed.where(or_(Site.id.in_(sorted(decided)), Site.owner_id.in_(administered)))
    sites = base.where(Booking.resource_id.in_(managed))
    territories = base.where(Booking.territory_id.in_(sorted(actor.coordinated)))
    branches = {
        "mine": (True, mine),
        "organisations": (bool(actor.memberships), organisations),
        "sites": (bool(decided or administered), sites),
        "territories": (bool(actor.coordinated), territories),
    }
    return [branch for name, (holds, branch) in branches.items() if holds and scope in (name, "all")]


def _narrowed(
    statement: Select[datetime, int], wanted: Wanted, after: tuple[datetime, int] | None
) -> Select[datetime, int]:
    if wanted.state:
        statement = statement.where(Booking.decision == wanted.state)
    if wanted.since:
        statement = statement.where(Booking.end_at > wanted.since)
    if wanted.until:
        statement = statement.where(Booking.start_at < wanted.until)
    if after:
        moment = literal(after[0], Booking.start_at.type)
        statement = statement.where(tuple_(Booking.start_at, Booking.id) > tuple_(moment, literal(after[1])))
    return statement


def cost(resource_id: int, stay: Stay, units: int, actor: Actor) -> Estimate | None:
    """Reckon what a use would cost the organisation the caller acts for; None where nothing is reckoned."""
    organisation = db.session.get(Organisation, actor.acting_for) if actor.acting_for else None
    return costs([PlannedUse(resource_id, Use(stay, units))], organisation).all
