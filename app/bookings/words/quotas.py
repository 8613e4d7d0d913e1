"""What of a booking is borrowed from the quotas of others, and what was called back, in words."""

from flask_babel import gettext as _

from app.availability.askers import Asker
from app.availability.borrowing import loan_of
from app.availability.queries import get_terms
from app.availability.words.quotas import loan_words
from app.bookings.models import Booking
from app.bookings.recalls import Giver, Kept, Recall, outlook_of, was_called_back
from app.bookings.rules import LIVE
from app.bookings.words.pieces import moment, zone_of
from app.catalogue.kinds.words import amount
from app.catalogue.models import Resource
from app.infra.db import db
from app.web.format import duration, span_words


def borrowed_words(booking: Booking) -> str:
    """Say how much of a booking is borrowed, and that it may be called back; empty where it is all its own."""
    if booking.hold_id is None or booking.decision not in LIVE or not booking.takes_shared:
        return ""
    terms = get_terms(booking.resource_id, Asker.on_behalf_of(booking.organisation))
    loan = loan_of(terms, booking.span, booking.hold_id)
    return loan_words(loan, booking.resource.unit) if loan else ""


def recalled_words(recall: Recall, booking: Booking) -> str:
    """Say what was called back from a booking, and when; where nothing is left of it, that."""
    units, when = amount(booking.resource.unit, recall.units), span_words(recall.span, zone_of(booking))
    if was_called_back(booking):
        return _("Called back: %(units)s, %(when)s. Nothing is left of the booking.", units=units, when=when)
    return _("Called back: %(units)s, %(when)s.", units=units, when=when)


def recall_notes(booking: Booking) -> list[str]:
    """Say what a yes to a request takes from whom, before it is said, or that it is too late for that."""
    tz, outlook = zone_of(booking), outlook_of(booking)
    if outlook is None:
        return []
    if not outlook.is_in_time:
        return [too_late_words(outlook.hours, moment(outlook.recall_from, tz))]
    taken = [
        _(
            "Saying yes calls back %(units)s from “%(organisation)s”, from %(moment)s on.",
            units=_units(each, booking),
            organisation=each.organisation,
            moment=moment(each.since, tz),
        )
        for each in outlook.givers
    ]
    return [*taken, *(_ends(each) for each in outlook.kept)]


def _ends(kept: Kept) -> str:
    """Say that what is kept for somebody's answer ends, too."""
    facts = {
        "organisation": kept.organisation,
        "units": amount(kept.resource.unit, kept.quantity),
        "when": span_words(kept.span, kept.resource.site.timezone),
    }
    if kept.is_offer:
        return _(
            "Saying yes takes back what the waiting list offers to “%(organisation)s”: %(units)s, %(when)s. "
            "Its place in line is kept.",
            **facts,
        )
    return _(
        "Saying yes withdraws what is proposed to “%(organisation)s”: %(units)s, %(when)s. It is told why.",
        **facts,
    )


def _units(giver: Giver, booking: Booking) -> str:
    own = booking.resource
    resource = own if own.id == giver.resource_id else db.session.get_one(Resource, giver.resource_id)
    return amount(resource.unit, giver.units)


def too_late_words(hours: int, at: str) -> str:
    """Say that there is no time left to call a quota back, and from when on (in words) it can be had."""
    return _(
        "It is too late to call this quota back: it takes %(notice)s of notice. It can be had for times from "
        "%(moment)s on: propose another time, or refuse with this reason.",
        notice=duration(hours * 60),
        moment=at,
    )
