"""The letter to whoever was passed over: another was accepted out of turn, and why."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _

from app.bookings.models import Booking
from app.bookings.passed_over import find_passed_over
from app.notifications.letters.facts import answer_by, for_asker, other_places, see, subject
from app.notifications.letters.letter import Letter


def passed_over(booking: Booking) -> Letter | None:
    """Say that a request that comes later by priority has the time, and why; nothing where it no longer has."""
    found = find_passed_over(booking)
    if found is None:
        return None
    owner = booking.resource.site.owner.name
    what = _(
        "“%(owner)s” has accepted another request for this time, although yours comes first by the priority of the "
        "place.",
        owner=owner,
    )
    if found.is_proposed:
        what = _(
            "“%(owner)s” has proposed this time to another request, although yours comes first by the priority of the "
            "place.",
            owner=owner,
        )
    return Letter(
        subject=subject(_("Another request was preferred: %(what)s, %(when)s"), booking),
        paragraphs=(what, _("Here is the reason for this order:")),
        quote=found.reason,
        facts=for_asker(booking),
        action=see(booking, _("See my request")),
        after=(
            _(
                "Your request still waits. You can write to the place on that page, or choose another time there."
            ),
            answer_by(booking),
        ),
        second=other_places(booking),
    )


PASSED: Mapping[str, Callable[[Booking], Letter | None]] = {"passed_over": passed_over}
