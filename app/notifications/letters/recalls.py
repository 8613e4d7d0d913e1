"""Letters about a quota that was called back: to whoever had borrowed it, and to whoever manages the place."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _

from app.bookings.models import Booking
from app.bookings.recalls import last_recall
from app.bookings.rules import CANCELLED
from app.bookings.words import recalled_words
from app.notifications.letters.facts import (
    for_asker,
    for_manager,
    other_places,
    other_times,
    see,
    short,
    subject,
)
from app.notifications.letters.letter import Letter


def recalled(booking: Booking) -> Letter | None:
    """Tell whoever had borrowed it what is left, and how to find something else."""
    recall = last_recall(booking.id)
    if recall is None:
        return None
    is_over = booking.decision == CANCELLED
    return Letter(
        subject=subject(_("Called back by a quota: %(what)s, %(when)s"), booking),
        paragraphs=(
            _(
                "Some of your booking was on the quota of another organisation. That organisation needs it now, "
                "and has called it back with the notice this place asks for."
            ),
            recalled_words(recall, booking),
            *((_("Please do not come at that time."),) if is_over else ()),
            _("Nothing is due for what was called back."),
        ),
        facts=for_asker(booking),
        action=other_times(booking) if is_over else see(booking, _("See my booking")),
        after=(_("You can ask again for the rest, at another time or another place."),),
        second=other_places(booking),
    )


def recalled_here(booking: Booking) -> Letter | None:
    """Tell whoever manages the place who called back what from whom."""
    recall = last_recall(booking.id)
    if recall is None:
        return None
    organisation = short(booking.organisation.name)
    return Letter(
        subject=subject(
            _("Quota called back: %(organisation)s, %(what)s"), booking, organisation=organisation
        ),
        paragraphs=(
            _(
                "“%(owner)s” has called its quota back, and “%(organisation)s” had borrowed some of it.",
                owner=recall.whose,
                organisation=booking.organisation.name,
            ),
            recalled_words(recall, booking),
            _("They have received the same news. There is nothing for you to do."),
        ),
        facts=for_manager(booking),
        action=see(booking, _("See the booking")),
    )


RECALLS: Mapping[str, Callable[[Booking], Letter | None]] = {
    writer.__name__: writer for writer in (recalled, recalled_here)
}
