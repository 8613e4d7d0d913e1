"""What giving a booking up costs, in words: up to when nothing, and what stays due after that."""

from flask_babel import gettext as _

from app.bookings.models import Booking
from app.bookings.rules import APPROVED
from app.bookings.words.pieces import moment, zone_of
from app.core import clock


def terms_words(booking: Booking) -> str:
    """Say up to when the side that asked may cancel an accepted booking, and at what cost after that."""
    if booking.decision != APPROVED:
        return ""
    if booking.free_until is None:
        start = moment(booking.start_at, zone_of(booking))
        return _("If you cannot come, cancel before %(moment)s so that others can.", moment=start)
    if booking.free_until < clock.now():
        return _("Cancelling now: %(percent)s %% of the price stays due.", percent=booking.late_percent)
    return _(
        "You can cancel free of charge until %(moment)s. After that %(percent)s %% of the price stays due.",
        moment=moment(booking.free_until, zone_of(booking)),
        percent=booking.late_percent,
    )


def due_words(booking: Booking) -> str:
    """Say what stays due of a booking that was cancelled late; empty where nothing does."""
    if not booking.due_percent:
        return ""
    return _("Cancelled late: %(percent)s %% of the price stays due.", percent=booking.due_percent)
