"""How an organisation has kept its bookings: what counts of it, and for how long."""

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation
from app.bookings.models import Booking
from app.bookings.rules import ABSENCES_COUNT_FOR, MOST_ABSENCES, NO_SHOW
from app.catalogue.models import Resource
from app.core import clock
from app.infra.db import db


def absences_of(organisation_id: int) -> int:
    """Count the bookings of the last 180 days for which nobody of an organisation came and nobody forgave it."""
    counted = Booking.start_at >= clock.now() - ABSENCES_COUNT_FOR
    found = select(func.count()).select_from(Booking).filter_by(organisation_id=organisation_id, use=NO_SHOW)
    return db.session.scalar(found.where(counted)) or 0


def missed_too_often(territory_id: int) -> list[tuple[Organisation, list[Booking]]]:
    """List the organisations of a territory of which every request waits for an answer now, with what they missed.

    Those that missed the most come first, and of each the last it missed.
    """
    counts = and_(Booking.use == NO_SHOW, Booking.start_at >= clock.now() - ABSENCES_COUNT_FOR)
    often = (
        select(Booking.organisation_id)
        .join(Booking.organisation)
        .where(counts, Organisation.territory_id == territory_id)
        .group_by(Booking.organisation_id)
        .having(func.count() >= MOST_ABSENCES)
    )
    rows = db.session.scalars(
        select(Booking)
        .where(counts, Booking.organisation_id.in_(often))
        .options(joinedload(Booking.organisation), joinedload(Booking.resource).joinedload(Resource.site))
        .order_by(Booking.start_at.desc(), Booking.id)
    )
    found: dict[int, list[Booking]] = {}
    for each in rows:
        found.setdefault(each.organisation_id, []).append(each)
    most_first = sorted(found.values(), key=lambda missed: (-len(missed), missed[0].organisation.name))
    return [(missed[0].organisation, missed) for missed in most_first]


def is_trusted(organisation_id: int) -> bool:
    """Tell whether what an organisation asks for may be approved without anybody's answer."""
    return absences_of(organisation_id) < MOST_ABSENCES
