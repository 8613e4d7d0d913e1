"""The capacity of a booking: taken while it waits or is accepted, moved, freed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.availability import service as capacity
from app.availability.askers import Asker
from app.availability.booked import Booked
from app.availability.errors import SlotRefused
from app.availability.queries import Wish, verdict
from app.bookings.errors import AnswerTooLate
from app.bookings.models import Booking
from app.bookings.proposals import find_open_proposals
from app.bookings.recalls import Given, still_given
from app.bookings.rules import PENDING, expiry_of_request, expiry_of_two, last_answer, own_end
from app.bookings.service.common import decision_after
from app.catalogue.models import Approval, Resource
from app.core import clock
from app.core.policy import Actor
from app.core.span import Span
from app.infra.db import db


def take(booking: Booking, resource: Resource, *, override: bool = False) -> int | None:
    """Take what a new booking needs; give its hold, None for a request that keeps nothing. Raises SlotRefused."""
    wish = wish_of(booking, resource.id)
    if not keeps(booking, resource):
        if not override and not booking.recalls and (refusals := verdict(wish)):
            raise SlotRefused(resource.id, refusals)
        return None
    return capacity.take([wish], expires_at=epoch_of(booking.expires_at), override=override)


def keeps(booking: Booking, resource: Resource) -> bool:
    """Tell whether a booking takes its slot: a request that waits does not everywhere, nor one that calls back."""
    return booking.decision != PENDING or (resource.keeps_requests and not booking.recalls)


def wait_with_hold(booking: Booking) -> None:
    """Let a booking that is asked for again keep what it has, where it gave some back or a request keeps its slot."""
    if booking.hold_id is not None and booking.given_back:
        capacity.put_off(booking.hold_id, epoch_of(booking.expires_at) or 0)
    else:
        retake(booking, override=True)


def retake(booking: Booking, *, override: bool = False) -> None:
    """Bring what the booking takes in line with its new time or state: all of it, whatever it gave back before."""
    booking.given_back = []
    if booking.hold_id is None:
        booking.hold_id = take(booking, booking.resource, override=override)
    elif keeps(booking, booking.resource):
        expires_at = epoch_of(booking.expires_at)
        capacity.move(booking.hold_id, [wish_of(booking)], expires_at=expires_at, override=override)
    elif not override and (refusals := verdict(wish_of(booking), but_hold=booking.hold_id)):
        raise SlotRefused(booking.resource_id, refusals)
    else:
        free(booking)


def retake_changed(booking: Booking, span: Span, quantity: int, *, override: bool = False) -> None:
    """Bring what the booking takes in line with its new time and quantity, which were `span` and `quantity` before.

    Who gave some back and now asks for less keeps what is left of that, and does not ask for the whole again.
    """
    given = still_given(booking.given_back, span, quantity, booking.span, booking.quantity)
    if given is None or not _keep_less(booking, given, override=override):
        retake(booking, override=override)


def _keep_less(booking: Booking, given: Given, *, override: bool) -> bool:
    """Keep what is left of what the booking has, less what is `given` back; tell whether it could be had of that."""
    if booking.hold_id is None:
        return False
    back = tuple((start, end, units) for start, end, units in given)
    left = Booked(booking.hold_id, *booking.span.epochs, booking.quantity, back)
    expires_at = epoch_of(booking.expires_at)
    if not capacity.keep_less(left, wish_of(booking), expires_at=expires_at, override=override):
        return False
    booking.given_back = given
    return True


def free(booking: Booking) -> None:
    """Free what a booking takes, if anything."""
    hold_id, booking.hold_id = booking.hold_id, None
    db.session.flush()
    if hold_id is not None:
        capacity.release(hold_id)


def wish_of(booking: Booking, resource_id: int | None = None) -> Wish:
    """Say what capacity a booking wants."""
    return wish_at(booking, booking.span, resource_id)


def wish_at(booking: Booking, span: Span, resource_id: int | None = None) -> Wish:
    """Say what capacity a booking would want at another time."""
    asker = Asker.on_behalf_of(booking.organisation)
    return Wish(resource_id or booking.resource_id, span, booking.quantity, asker)


def expiry_of(resource: Resource, span: Span) -> datetime:
    """Tell when a request made now ends without an answer, or without both where two people have to agree."""
    if _of_two(resource):
        return expiry_of_two(clock.now(), span.start)
    return expiry_of_request(clock.now(), span.start, resource.answer_hours)


def expiry_of_all(resource: Resource, spans: Iterable[Span]) -> datetime:
    """Tell when dates that are asked for now as one end: with the first to begin, whatever their order."""
    return expiry_of(resource, min(spans, key=lambda span: span.start))


def last_answer_to(booking: Booking) -> datetime:
    """Tell until when a request can wait at most, whatever it waits for."""
    return last_answer(clock.now(), booking.span, of_two=_of_two(booking.resource))


def is_over(booking: Booking) -> bool:
    """Tell whether a request can no longer be answered, by its own time."""
    return clock.now() >= _own_end(booking)


def end_now(booking: Booking) -> None:
    """Let a request that waits, and its hold, be over: app.bookings.service.expire_due ends it and tells everybody."""
    booking.expires_at = clock.now()
    if booking.hold_id is not None:
        capacity.put_off(booking.hold_id, clock.epoch())
    db.session.flush()


def check_proposable(booking: Booking, actor: Actor) -> None:
    """Refuse to propose something else for what is decided, or too late; raise AlreadyDecided, AnswerTooLate."""
    decision_after("propose", booking, actor)
    if booking.bundle_id or is_over(booking):  # one alone may be late: better something else than no answer
        still_answerable([booking])


def still_answerable(bookings: Sequence[Booking]) -> list[Booking]:
    """Give those whose time to be answered is not over, though nothing has ended them yet.

    Raise AnswerTooLate where it is over for all.
    """
    ends = {booking.id: _answerable_until(booking) for booking in bookings}
    found = [booking for booking in bookings if ends[booking.id] > clock.now()]
    if not found:
        late = bookings[0]
        zone = late.resource.site.timezone
        raise AnswerTooLate(ref=late.ref, until=ends[late.id], timezone=zone)
    return found


def _answerable_until(booking: Booking) -> datetime:
    """Tell until when a request can be answered; while something is proposed instead, until that ends at least."""
    if booking.expires_at is not None:
        return booking.expires_at
    proposed = [each.expires_at for each in find_open_proposals([booking.id])]
    return max([_own_end(booking), *proposed])


def _own_end(booking: Booking) -> datetime:
    return own_end(booking.start_at, of_two=_of_two(booking.resource))


def _of_two(resource: Resource) -> bool:
    return resource.approval == Approval.TWO_STEP


def epoch_of(at: datetime | None) -> int | None:
    """Write an instant as claims keep it, in seconds since 1970."""
    return int(at.timestamp()) if at else None
