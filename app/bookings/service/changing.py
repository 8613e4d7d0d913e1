"""Giving a booking up, or moving it."""

from app.bookings import guards
from app.bookings.at_once import is_at_once
from app.bookings.errors import HasBegun, NothingChanged
from app.bookings.events import BookingCancelled, BookingMoved
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission, acts_for_asker, acts_for_place
from app.bookings.rules import APPROVED
from app.bookings.service.agreeing import forget_yeses
from app.bookings.service.as_one import let_wait
from app.bookings.service.common import (
    changed,
    decide,
    decision_after,
    due_by,
    facts_of,
    locked,
    note_late_move,
    reason_of,
    record,
    refuse_past,
    settle_terms,
    undecided,
)
from app.bookings.service.holding import free, retake_changed
from app.bookings.service.ordering import refuse_out_of_order
from app.bookings.service.replied import end_proposals
from app.bookings.service.settling import settle_series
from app.bookings.service.under_way import change_end, has_begun
from app.catalogue.packs import Pack
from app.core.policy import Actor
from app.core.span import Span
from app.infra.events import emit
from app.infra.uow import atomic


def cancel(booking_id: int, actor: Actor, reason: str) -> Booking:
    """Give a request or a reservation up, from either side, with a reason.

    Who has begun to use it ends it sooner instead: raise HasBegun.
    """
    with atomic():
        booking = locked(booking_id, actor, BookingPermission.CANCEL)
        state, was_approved = decision_after("cancel", booking, actor), booking.decision == APPROVED
        refuse_past(booking)
        if has_begun(booking) and acts_for_asker(actor, booking):
            raise HasBegun(ref=booking.ref, longer=False, given_up=True)
        by_manager = acts_for_place(actor, booking)
        if acts_for_asker(actor, booking):
            booking.leg_number = None  # who gives up a leg of a bundle looks for nothing in its place
        booking.due_percent = due_by(booking, actor)
        decide(booking, state, actor, reason_of(reason))
        free(booking)
        record(
            booking, "cancelled", actor, reason=booking.reason, by_manager=by_manager, due=booking.due_percent
        )
        settle_series(booking)
        emit(BookingCancelled(booking.id, actor.person_id, by_manager=by_manager, was_approved=was_approved))
    return booking


def change(booking_id: int, actor: Actor, span: Span, quantity: int, pack: Pack | None = None) -> Booking:
    """Move a booking to another time or quantity: checked again, and asked again where a manager decides.

    Once it has begun only its end can change: raise HasBegun.
    """
    with atomic():
        booking = locked(booking_id, actor, BookingPermission.CHANGE, *guards.beside(booking_id))
        at_once = is_at_once(booking.resource, booking.organisation, [span], quantity, but=[booking.id])
        state, was_approved = decision_after("ask_again", booking, actor), booking.decision == APPROVED
        refuse_past(booking)
        if (booking.span, booking.quantity, booking.pack) == (span, quantity, pack):
            raise NothingChanged(field="start")
        if has_begun(booking):
            change_end(booking, actor, span, quantity, pack)
            return booking
        refuse_out_of_order(booking, span, booking.resource, actor)
        end_proposals([booking.id], "withdraw")  # first: what it kept is theirs to move to
        before, was = facts_of(booking), (booking.span, booking.quantity)
        note_late_move(booking, actor)
        booking.start_at, booking.end_at, booking.quantity = span.start, span.end, quantity
        booking.pack, booking.recalls = pack, False
        booking.decision = APPROVED if at_once else state
        booking.expires_at = None
        if not at_once:
            let_wait(booking)
        undecided(booking)
        forget_yeses(booking)
        settle_terms(booking)
        retake_changed(booking, *was)
        changed(booking)
        record(booking, "moved", actor, before=before, **facts_of(booking))
        emit(BookingMoved(booking.id, actor.person_id, was_approved))
    return booking
