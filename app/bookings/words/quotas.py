"""What of a booking is borrowed from the quotas of others, and what was called back, in words."""

from flask_babel import gettext as _

from app.availability.askers import Asker
from app.availability.borrowing import loan_of
from app.availability.queries import get_terms
from app.availability.words.quotas import loan_words
from app.bookings.models import Booking
from app.bookings.recalls import Recall
from app.bookings.rules import LIVE
from app.catalogue.kinds.words import amount
from app.catalogue.models import Resource


def borrowed_words(booking: Booking) -> str:
    """Say how much of a booking is borrowed, and that it may be called back; empty where it is all its own."""
    if booking.hold_id is None or booking.decision not in LIVE or not booking.takes_shared:
        return ""
    terms = get_terms(booking.resource_id, Asker.on_behalf_of(booking.organisation))
    loan = loan_of(terms, booking.span, booking.hold_id)
    return loan_words(loan, booking.resource.unit) if loan else ""


def recalled_words(recall: Recall, resource: Resource, at: str) -> str:
    """Say what was called back from a booking, from a moment on (in words), and what is left of it."""
    units = amount(resource.unit, recall.units)
    if recall.rest:
        return _(
            "Called back: %(units)s, from %(moment)s on. The booking ends there; what is left of it "
            "(%(left)s) goes on as number %(rest)s.",
            units=units,
            moment=at,
            left=amount(resource.unit, recall.left),
            rest=recall.rest,
        )
    if recall.ends_there:
        return _(
            "Called back: %(units)s, from %(moment)s on. The booking ends there.", units=units, moment=at
        )
    if recall.left:
        left = amount(resource.unit, recall.left)
        return _("Called back: %(units)s. What is left: %(left)s, at the same time.", units=units, left=left)
    return _("Called back: %(units)s. Nothing is left of the booking.", units=units)
