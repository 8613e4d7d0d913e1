"""Another end for what has begun. All else of it is past, or promised as it is: the start, the place, the quantity.

Who stops earlier gives back, which needs nobody. More time is had where the place books at once; what is in use cannot
wait for an answer, and would be lost without one.
"""

from collections.abc import Sequence

from app.availability.errors import Refusal, SlotRefused
from app.availability.queries import verdict
from app.bookings.at_once import is_at_once
from app.bookings.errors import HasBegun
from app.bookings.events import BookingMoved
from app.bookings.models import Booking
from app.bookings.rules import is_under_way
from app.bookings.service.common import changed, facts_of, record
from app.bookings.service.holding import retake_changed, wish_at
from app.bookings.service.ordering import refuse_out_of_order
from app.catalogue.packs import Pack
from app.core import clock
from app.core.policy import Actor
from app.core.span import Span
from app.infra.events import emit

# Of the start, which stays: it is over, and was asked for in time.
_OF_THE_START = frozenset({"in_the_past", "notice_too_short", "beyond_horizon"})


def has_begun(booking: Booking) -> bool:
    """Tell whether a booking was accepted and has begun."""
    return is_under_way(booking.decision, booking.start_at, clock.now())


def against_end(booking: Booking, span: Span, quantity: int, pack: Pack | None) -> Sequence[Refusal]:
    """List what the place says against another end; raise HasBegun where something else would change."""
    kept = (booking.start_at, booking.quantity, booking.pack)
    if (span.start, quantity, pack) != kept or span.end <= clock.now():
        raise HasBegun(ref=booking.ref, longer=False)
    found = verdict(wish_at(booking, span), but_hold=booking.hold_id)
    if span.end <= booking.end_at:
        return [each for each in found if each.code == "off_step"]
    if not is_at_once(booking.resource, booking.organisation, [span], quantity, but=[booking.id]):
        raise HasBegun(ref=booking.ref, longer=True)
    return [each for each in found if each.code not in _OF_THE_START]


def change_end(booking: Booking, actor: Actor, span: Span, quantity: int, pack: Pack | None) -> None:
    """Let what has begun end at another moment, under its lock. Raise HasBegun, SlotRefused, LegOutOfOrder."""
    if refusals := tuple(against_end(booking, span, quantity, pack)):
        raise SlotRefused(booking.resource_id, refusals)
    refuse_out_of_order(booking, span, booking.resource, actor)
    before, was = facts_of(booking), booking.span
    booking.end_at = span.end
    retake_changed(booking, was, quantity, override=True)
    changed(booking)
    record(booking, "moved", actor, before=before, **facts_of(booking))
    emit(BookingMoved(booking.id, actor.person_id))
