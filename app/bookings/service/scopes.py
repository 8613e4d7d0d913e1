"""Which dates of a series an act is about, seen from one of them."""

from enum import StrEnum

from app.bookings.errors import DateElsewhere, NotRepeated
from app.bookings.models import Booking, Series
from app.infra.db import db


class Scope(StrEnum):
    """Which occurrences an act is about, seen from one of them."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


def series_of(booking: Booking) -> Series:
    """Read the series that a booking is an occurrence of; raise what says why there is none to act on."""
    if booking.elsewhere_of_id is not None:
        raise DateElsewhere(ref=booking.ref)
    if booking.series_id is None:
        raise NotRepeated(ref=booking.ref)
    return db.session.get_one(Series, booking.series_id, populate_existing=True)
