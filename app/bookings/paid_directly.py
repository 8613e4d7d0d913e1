"""What a booking comes to that is paid without us: by the price that its place only shows."""

from collections.abc import Collection, Iterable

from app.bookings.costs import Costs, told_of
from app.bookings.models import Booking
from app.bookings.rules import LOST
from app.payments.service.outlook import Total
from app.payments.service.reckoning import expecting
from app.payments.shown import shown_estimate
from app.payments.tariffs.estimating import Estimate, total


def unreckoned_among(bookings: Iterable[Booking], reckoned: Collection[Costs]) -> list[Booking]:
    """List the bookings that can still take place and of which nothing is reckoned."""
    known = {each.booking.id for each in reckoned}
    return [each for each in bookings if each.id not in known and each.decision not in LOST]


def paid_directly(booking: Booking) -> Estimate | None:
    """Work out what a booking of which nothing is reckoned comes to as shown; None where it is free, or one's own."""
    if booking.resource.site.owner_id == booking.organisation_id:
        return None
    told = told_of(booking)
    return shown_estimate(booking.resource, expecting(told.use, told.forecast))


def all_paid_directly(bookings: Iterable[Booking]) -> Estimate | None:
    """Add up what several come to as shown; None where that is nothing."""
    known = [found for booking in bookings if (found := paid_directly(booking)) is not None]
    return total(known) if known else None


def total_of(found: Estimate | None) -> list[Total]:
    """Write what is paid directly so that it is added up with the rest; what is counted afterwards comes on top."""
    return [Total(found.cents, 0, found.currency, bool(found.later))] if found else []
