"""What a booking's page says where it is a date of a series that takes place elsewhere."""

from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.views.common import page_of_series
from app.bookings.words import of_series_words
from app.core.policy import can
from app.web.identity import current_actor


def elsewhere_context(booking: Booking) -> dict[str, str] | None:
    """Say of which series this date is that takes place elsewhere, and where to see it for who may; None for others."""
    series = booking.elsewhere_of
    if series is None:
        return None
    page = page_of_series(series) if can(current_actor(), P.SEE, series) else ""
    return {"words": of_series_words(booking), "page": page}
