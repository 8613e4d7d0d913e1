"""How an organisation has kept its bookings: what counts of it, and for how long."""

from sqlalchemy import func, select

from app.bookings.models import Booking
from app.bookings.rules import ABSENCES_COUNT_FOR, MOST_ABSENCES, NO_SHOW
from app.core import clock
from app.infra.db import db


def absences_of(organisation_id: int) -> int:
    """Count the bookings of the last 180 days for which nobody of an organisation came and nobody forgave it."""
    counted = Booking.start_at >= clock.now() - ABSENCES_COUNT_FOR
    found = select(func.count()).select_from(Booking).filter_by(organisation_id=organisation_id, use=NO_SHOW)
    return db.session.scalar(found.where(counted)) or 0


def is_trusted(organisation_id: int) -> bool:
    """Tell whether what an organisation asks for may be approved without anybody's answer."""
    return absences_of(organisation_id) < MOST_ABSENCES
