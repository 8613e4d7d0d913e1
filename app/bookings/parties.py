"""Who a booking is between: both must still be there when something new is promised in their name."""

from app.accounts.models import Organisation, Person
from app.accounts.service.locks import find_kept_organisation, keep_organisation, keep_person
from app.bookings.errors import AskerGone
from app.bookings.models import Booking, Bundle, Series
from app.core.errors import NotFound
from app.core.policy import Actor


def find_kept(organisation_id: int, actor: Actor) -> Organisation | None:
    """Find the organisation a person wants to book for; neither can leave before the use case ends.

    Raise NotFound when the person has left already.
    """
    found = find_kept_organisation(organisation_id)
    keep_person(actor.person_id)
    return found


def keep_parties(booking: Booking | Series | Bundle) -> Person:
    """Keep who asked, and for whom, until the use case ends; raise OrganisationInactive, AskerGone."""
    keep_organisation(booking.organisation_id)
    try:
        return keep_person(booking.requester_id)
    except NotFound as gone:
        raise AskerGone(ref=booking.ref) from gone
