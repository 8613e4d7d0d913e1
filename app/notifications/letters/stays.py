"""Letters about a long stay on land that comes to its end."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from flask_babel import gettext as _

from app.bookings.models import Booking
from app.notifications.letters.facts import for_asker, for_manager, see, short, subject
from app.notifications.letters.letter import Letter, link
from app.web.format import day


def stay_ends(booking: Booking) -> Letter:
    """Tell whoever uses the land when they leave it, and how to ask for the next season."""
    opening = _(
        "Your use of “%(resource)s” ends on %(day)s.", resource=booking.resource.name, day=_last_day(booking)
    )
    return Letter(
        subject=subject(_("Your use of the land ends soon: %(what)s"), booking),
        paragraphs=(
            opening,
            _("If you would like to go on after that, ask for the next season now: others may want it too."),
            _("Otherwise, agree with the owner on how the land is to be left."),
        ),
        facts=for_asker(booking),
        action=see(booking, _("See my booking")),
        second=link(
            _("Ask for the next season"), "bookings.ask", slug=booking.resource.slug, refaire=booking.ref
        ),
    )


def stay_ends_here(booking: Booking) -> Letter:
    """Tell whoever answers for the land that it will be free, and from when."""
    opening = _(
        "The use of “%(resource)s” by “%(organisation)s” ends on %(day)s. They have received the same news.",
        resource=booking.resource.name,
        organisation=booking.organisation.name,
        day=_last_day(booking),
    )
    heading = subject(
        _("Use of the land ends soon: %(organisation)s, %(what)s"),
        booking,
        organisation=short(booking.organisation.name),
    )
    return Letter(
        subject=heading,
        paragraphs=(
            opening,
            _("It is a good moment to agree on how the land is left, and on what comes after."),
        ),
        facts=for_manager(booking),
        action=see(booking, _("See the booking")),
    )


def _last_day(booking: Booking) -> str:
    return day(booking.end_at - timedelta(minutes=1), tz=booking.resource.site.timezone)


STAYS: Mapping[str, Callable[[Booking], Letter]] = {
    writer.__name__: writer for writer in (stay_ends, stay_ends_here)
}
