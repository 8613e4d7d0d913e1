"""When nobody came: noted by the place, counted gently, forgiven with a reason."""

from app.bookings.conduct import absences_of
from app.bookings.errors import AbsenceNotTold
from app.bookings.events import AbsenceForgiven, BookingMissed
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission, in_whose_place
from app.bookings.rules import APPROVED, USE, may_tell_absence
from app.bookings.service.common import (
    MAX_TEXT,
    by_delegation,
    changed,
    locked,
    reason_of,
    record,
    refuse_long,
)
from app.core import clock
from app.core.policy import Actor
from app.core.states import IllegalMove
from app.infra.events import emit
from app.infra.uow import atomic


def tell_absence(booking_id: int, actor: Actor, note: str = "") -> Booking:
    """Note that nobody came to an accepted booking; the organisation and the coordination are told.

    Raises AbsenceNotTold before its time and a month after it.
    """
    refuse_long("reason", note, MAX_TEXT)
    with atomic():
        booking = locked(booking_id, actor, BookingPermission.DECIDE)
        use = USE.after("miss", booking.use)
        if booking.decision != APPROVED:
            raise IllegalMove(machine="use", act="miss", state=booking.decision, possible=())
        now = clock.now()
        if not may_tell_absence(booking.span, now):
            raise AbsenceNotTold(early=booking.start_at > now)
        booking.use = use
        changed(booking)
        whose = by_delegation(in_whose_place(actor, booking))
        record(booking, "missed", actor, reason=note.strip(), **whose)
        emit(BookingMissed(booking.id, actor.person_id, absences=absences_of(booking.organisation_id)))
    return booking


def forgive_absence(booking_id: int, actor: Actor, reason: str) -> Booking:
    """Let an absence count no longer, with a reason that the organisation reads."""
    with atomic():
        booking = locked(booking_id, actor, BookingPermission.FORGIVE)
        booking.use = USE.after("forgive", booking.use)
        changed(booking)
        record(booking, "forgiven", actor, reason=reason_of(reason))
        emit(AbsenceForgiven(booking.id, actor.person_id))
    return booking
