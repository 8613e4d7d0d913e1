"""The letter that carries a message from one side of a booking to the other."""

from flask_babel import gettext as _

from app.bookings.models import Booking, BookingMessage
from app.bookings.words import author_words
from app.notifications.letters.facts import for_asker, for_manager, see, short, subject
from app.notifications.letters.letter import Letter

MOST_LETTERS = 2000


def written(booking: Booking, message: BookingMessage, *, to_manager: bool) -> Letter:
    """Hand over a message; the answer is written on the page, where both sides keep it."""
    author = author_words(message)
    pattern = _("Message from %(author)s: %(what)s, %(when)s")
    return Letter(
        subject=subject(pattern, booking, author=short(author)),
        paragraphs=(_("%(author)s has written about the booking below:", author=author),),
        quote=_cut(message.text),
        facts=for_manager(booking) if to_manager else for_asker(booking),
        action=see(booking, _("Read and answer")),
        after=(_("Please answer on that page: an answer to this e-mail would reach nobody."),),
    )


def _cut(text: str) -> str:
    """Keep a mail readable; the page has the whole message."""
    return text if len(text) <= MOST_LETTERS else text[:MOST_LETTERS].rstrip() + " […]"
