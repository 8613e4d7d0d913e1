"""That a request was passed over out of turn, as its asker reads it on the page and in letters."""

from flask_babel import gettext as _

from app.bookings.models import Booking
from app.bookings.passed_over import find_passed_over


def passed_over_words(booking: Booking) -> str:
    """Say that a request that comes later by priority was accepted for this time, and why; empty where none was.

    Who it is of is nobody's business but the place's.
    """
    found = find_passed_over(booking)
    if found is None:
        return ""
    if found.is_proposed:
        return _(
            "Your request comes first by the priority of the place, but this time was proposed to one that comes after "
            "it. The place gives this reason: “%(reason)s”",
            reason=found.reason,
        )
    return _(
        "Your request comes first by the priority of the place, but one that comes after it was accepted for this "
        "time. The place gives this reason: “%(reason)s”",
        reason=found.reason,
    )
