"""The dates of a series that are at another place: bookings alone (docs/series.md)."""

from collections.abc import Sequence

from app.bookings.models import Booking
from app.bookings.queries import whole
from app.infra.db import db


def elsewhere_dates(series_id: int) -> Sequence[Booking]:
    """List the dates of a series that are at another place, in order of time."""
    return db.session.scalars(
        whole().where(Booking.elsewhere_of_id == series_id).order_by(Booking.start_at, Booking.id)
    ).all()
