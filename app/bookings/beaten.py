"""Requests that keep nothing while they wait, and whose time others have got meanwhile."""

from app.availability.several import verdicts_of
from app.bookings.models import Booking
from app.bookings.rules import PENDING
from app.bookings.service.holding import wish_of


def is_beaten(booking: Booking) -> bool:
    """Tell whether what a request asks for is taken by others; not where it is kept, settled, or to be called back."""
    if booking.decision != PENDING or booking.hold_id is not None or booking.recalls:
        return False
    (against,) = verdicts_of({booking.id: [wish_of(booking)]}, override=True)[booking.id]
    return any(refusal.code != "closed" for refusal in against)
