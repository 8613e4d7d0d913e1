"""Calling one's own quota back from those who have borrowed it, in the transaction that says yes to who needs it.

A booking stays one booking: it gives units back for the time they are needed, and has before and after what it had.
"""

from collections.abc import Collection

from sqlalchemy import select

from app.availability import service as capacity
from app.availability.beside import besides_of, is_short
from app.availability.errors import PartsChanged
from app.availability.queries import instant, recall_for, verdict
from app.availability.recalls import Cut
from app.bookings.errors import RecallTooLate
from app.bookings.events import BookingRecalled, KeptRecalled
from app.bookings.guards import asked_at, proposed_for
from app.bookings.models import Booking
from app.bookings.recalls import trimmed, with_given
from app.bookings.rules import APPROVED, DECISION, PENDING
from app.bookings.service.common import SYSTEM, changed, decide, facts_of, record
from app.bookings.service.holding import free, wish_of
from app.bookings.service.replied import end_proposals
from app.core import clock
from app.infra.db import db
from app.infra.events import emit


def guards_for(resource_id: int) -> list[int]:
    """List the resources to lock before anything is called back at one: wherever it may be lent, or proposed.

    And what is proposed to those who may have borrowed it: a proposal may lean on what they give back.
    """
    around = capacity.guards_around(resource_id)
    return sorted({*around, *asked_at(around), *proposed_for(around)})


def guards_for_yes(booking_id: int) -> list[int]:
    """List what to lock besides its own resource for a yes to a request: nothing where it calls nothing back."""
    found = select(Booking.resource_id).where(Booking.id == booking_id, Booking.recalls)
    resource_id = db.session.scalar(found)
    return guards_for(resource_id) if resource_id else []


def _may_recall(booking: Booking) -> bool:
    """Tell whether all that stands against a new request is that its own quota is lent, and may be called back."""
    stands = verdict(wish_of(booking))
    return [(each.code, each.facts.get("may_recall")) for each in stands] == [("lent", True)]


def refuse_too_late(booking: Booking) -> None:
    """Raise RecallTooLate for a request that was to call a quota back and has waited too long for its yes."""
    plan = recall_for(wish_of(booking))
    if plan is not None and not plan.is_in_time:
        moment = instant(plan.recall_from)
        raise RecallTooLate(hours=plan.hours, recall_from=moment, timezone=booking.resource.site.timezone)


def call_back(booking: Booking, locked: Collection[int]) -> int:
    """Let others give back what a booking needs of its organisation's own quota; give how many units.

    Nothing where nothing is lent, or the notice is too short: the check that follows says why. Raise PartsChanged where
    something was composed anew before the guards were `locked`.
    """
    plan = recall_for(wish_of(booking))
    if plan is None or not plan.is_in_time:
        return 0
    if set(capacity.guards_around(booking.resource_id)) - set(locked):
        raise PartsChanged
    for cut in plan.cuts:
        _give_back(cut, booking.organisation_id, locked)
    return plan.units


def _give_back(cut: Cut, whose: int, locked: Collection[int]) -> None:
    found = select(Booking).filter_by(hold_id=cut.hold_id).execution_options(populate_existing=True)
    booking = db.session.scalars(found).one_or_none()
    if booking is None:
        emit(KeptRecalled(cut.hold_id, tuple(locked)))
        return
    before, stretch = facts_of(booking), _stretch(cut, booking)
    was_approved = booking.decision == APPROVED
    start, end, given = trimmed(
        with_given(booking.given_back, *stretch, cut.units, booking.quantity),
        *booking.span.epochs,
        booking.quantity,
    )
    if start >= end:
        _end(booking)
    else:
        capacity.give_back(cut, booking.span.epochs)
        booking.start_at, booking.end_at = instant(start), instant(end)
        booking.given_back = given
    booking.recalled_at = clock.now()
    changed(booking)
    since, until = (_iso(at) for at in stretch)
    units = min(cut.units, booking.quantity)
    record(booking, "recalled", SYSTEM, before=before, whose=whose, units=units, since=since, until=until)
    emit(BookingRecalled(booking.id, None, was_approved))
    if booking.hold_id is not None:
        _end_short(booking.hold_id, locked)


def _end_short(hold_id: int, locked: Collection[int]) -> None:
    """End what was proposed beside a booking, where it leaned on what was given back; its asker reads why.

    Raise PartsChanged where it was proposed before the guards were `locked`.
    """
    for each in besides_of([hold_id]):
        if each.own_hold_id == hold_id and is_short(each):
            if each.wish.resource_id not in locked:
                raise PartsChanged
            emit(KeptRecalled(each.hold_id, tuple(locked)))


def _end(booking: Booking) -> None:
    """Cancel a booking of which nothing is left; nobody owes anything for what was called back.

    What is proposed instead of it ends with it: its asker reads that the request itself has ended.
    """
    booking.due_percent = 0
    decide(booking, DECISION.after("cancel", booking.decision), SYSTEM, "")
    end_proposals([booking.id], "withdraw")
    free(booking)


def _stretch(cut: Cut, booking: Booking) -> tuple[int, int]:
    """Tell which of a booking's own time is given back, as people see it."""
    start, end = booking.span.epochs
    return min(max(cut.since, start), end), max(min(cut.until, end), start)


def _iso(at: int) -> str:
    return instant(at).isoformat()


def waits_to_recall(booking: Booking, *, is_wanted: bool) -> bool:
    """Tell whether a new request waits for the yes that calls its quota back, and keeps nothing until then."""
    return is_wanted and booking.decision == PENDING and _may_recall(booking)
