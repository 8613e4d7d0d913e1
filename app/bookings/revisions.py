"""Changes elsewhere that bookings show: their revision grows, or calendars would keep the old words for ever."""

from sqlalchemy import update

from app.bookings.models import Booking
from app.bookings.rules import LIVE
from app.core import clock
from app.infra.uow import atomic


def note_renamed(organisation_id: int) -> None:
    """Let the bookings of an organisation that are not over be told under its new name."""
    now = clock.now()
    live = update(Booking).where(
        Booking.organisation_id == organisation_id, Booking.decision.in_(LIVE), Booking.end_at > now
    )
    with atomic() as session:
        session.execute(live.values(revision=Booking.revision + 1, changed_at=now))
