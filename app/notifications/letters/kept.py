"""Letters about a booking that stays as promised although its place opens for less time than before."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _

from app.availability.closures import find_closure
from app.availability.hours import refuse_hours
from app.availability.queries import get_terms
from app.bookings.models import Booking
from app.bookings.queries import last_reason
from app.bookings.rules import KEPT_OUTSIDE_HOURS, PENDING
from app.bookings.words import when_words
from app.notifications.letters.facts import answer_by, for_asker, see, subject
from app.notifications.letters.letter import Letter


def kept_though_closed(booking: Booking) -> Letter | None:
    """Say that the place closes at that time, why, and that the booking is kept; nothing once it is open again."""
    closure, site = find_closure(booking.resource, booking.span), booking.resource.site
    if closure is None:
        return None
    place = booking.resource.name if closure.resource_id else site.name
    heading = subject(_("Kept despite the closure: %(what)s, %(when)s"), booking)
    closes = _("“%(place)s” closes at the time of your slot.", place=place)
    closed = (_("Closed"), when_words(closure.span, site.timezone))
    return _kept(booking, heading, closes, closure.reason, closed)


def kept_outside_hours(booking: Booking) -> Letter | None:
    """Say that the hours leave the booking out, and that it is kept; nothing once they take it in again."""
    if refuse_hours(get_terms(booking.resource_id), booking.span) is None:
        return None
    heading = subject(_("Kept despite the new hours: %(what)s, %(when)s"), booking)
    change = _(
        "The opening hours of “%(resource)s” change: your slot lies outside the new ones.",
        resource=booking.resource.name,
    )
    return _kept(booking, heading, change, last_reason(booking.id, KEPT_OUTSIDE_HOURS))


def _kept(booking: Booking, heading: str, change: str, reason: str, *more: tuple[str, str]) -> Letter:
    waits = booking.decision == PENDING
    news = (
        _("Your request is kept: it still waits for an answer.")
        if waits
        else _("Your booking is kept: you can come as agreed.")
    )
    return Letter(
        subject=heading,
        paragraphs=(news, change, _("Here is the reason given:")) if reason else (news, change),
        quote=reason,
        facts=for_asker(booking, *more),
        action=see(booking, _("See my request") if waits else _("See my booking")),
        after=(answer_by(booking),) if waits else before_coming(),
    )


def before_coming() -> tuple[str, ...]:
    """Say what to think of before coming to a place that is closed then."""
    return (
        _(
            "Nobody else may be there at that time. If you are not sure how to come in, call before you leave."
        ),
        _("If another time suits you better, you can change or cancel your booking on that page."),
    )


KEPT: Mapping[str, Callable[[Booking], Letter | None]] = {
    writer.__name__: writer for writer in (kept_though_closed, kept_outside_hours)
}
