"""What every use case of a booking does: lock it, note it, let its revision grow, refuse what cannot be."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from app.availability import service as capacity
from app.bookings.errors import (
    AlreadyDecided,
    AlreadyOver,
    AskedOtherwise,
    BookingNotFound,
    LegReplaced,
    MovedMeanwhile,
    NobodyCame,
)
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission, acts_for_asker
from app.bookings.rules import DECISION, EXPIRED, PLANNED, REFUSED, due_when_given_up, free_cancel_until
from app.catalogue.models import Resource
from app.core import clock
from app.core.errors import ReasonMissing, TextTooLong
from app.core.policy import Actor, can, require
from app.core.span import Span
from app.infra import audit
from app.infra.db import db

MAX_PURPOSE, MAX_TEXT = 160, 4000
SYSTEM = Actor()


def get_for(booking_id: int, actor: Actor, permission: BookingPermission) -> Booking:
    """Read a booking for a use case; raise BookingNotFound or Forbidden."""
    booking = db.session.get(Booking, booking_id)
    if booking is None:
        raise BookingNotFound
    require(actor, permission, booking)
    return booking


def locked(booking_id: int, actor: Actor, permission: BookingPermission, *also: int) -> Booking:
    """Lock the guard of the booking's resource, then read the booking afresh: two clicks cannot both decide.

    The guards of `also` (resources) are locked with it, unless a use case around holds its own: that one has locked all
    it needs at once. Raise MovedMeanwhile where an accepted proposal has just taken the booking to a place that is not
    locked.
    """
    resource_id = db.session.scalar(select(Booking.resource_id).filter_by(id=booking_id))
    if resource_id is None:
        raise BookingNotFound
    if not capacity.holds([resource_id]):
        capacity.lock([resource_id, *also])
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    require(actor, permission, booking)
    if booking.resource_id != resource_id:
        raise MovedMeanwhile(ref=booking.ref)
    return booking


def decision_after(act: str, booking: Booking, actor: Actor) -> str:
    """Tell what an act makes of a decision; raise AlreadyDecided where it cannot be done any more, and who decided."""
    if not DECISION.allows(act, booking.decision):
        raise AlreadyDecided(
            act=act, state=booking.decision, name=booking.resource.name, span=booking.span,
            by=booking.decided_by.name if booking.decided_by else None,
            is_own=booking.decided_by_id is not None and booking.decided_by_id == actor.person_id,
            at=booking.decided_at, timezone=booking.resource.site.timezone,
            decides=can(actor, BookingPermission.DECIDE, booking),
        )  # fmt: skip
    return DECISION.after(act, booking.decision)


def refuse_unseen(booking: Booking, seen: Collection[str]) -> None:
    """Raise AskedOtherwise where a request is not, or not any more, among what was shown to whoever answers it.

    `seen` has what each request asked for then (`Booking.as_asked`); it is empty where no page showed any.
    """
    if not seen or booking.as_asked in seen:
        return
    resource = booking.resource
    is_whole = resource.capacity == 1 or resource.unit == "whole"
    raise AskedOtherwise(
        ref=booking.ref, name=resource.name, span=booking.span, timezone=resource.site.timezone,
        quantity=booking.quantity, unit=None if is_whole else resource.unit, pack=booking.pack,
    )  # fmt: skip


def decide(booking: Booking, state: str, actor: Actor, reason: str, *, for_id: int | None = None) -> None:
    """Write a decision down: the new state, by whom, in whose place, why; what waited no longer expires.

    A late move that comes to nothing, refused or left without an answer, costs what giving the time up would have cost.
    """
    if state in (REFUSED, EXPIRED):
        booking.due_percent = booking.moved_late_percent
    booking.decision, booking.reason, booking.expires_at = state, reason.strip(), None
    booking.decided_by_id, booking.decided_at = actor.person_id, clock.now()
    booking.decided_for_id = for_id
    changed(booking)


def changed(booking: Booking) -> None:
    """Let the revision grow: calendars show the change."""
    booking.revision += 1
    booking.changed_at = clock.now()
    db.session.flush()


def refuse_past(booking: Booking) -> None:
    """Raise for what is past and stays as it was: AlreadyOver, NobodyCame where that was noted."""
    refuse_noted(booking)
    if booking.end_at <= clock.now():
        raise AlreadyOver(ref=booking.ref)


def refuse_noted(booking: Booking) -> None:
    """Raise NobodyCame for a booking of which it was noted, forgiven or not."""
    if booking.use != PLANNED:
        raise NobodyCame(ref=booking.ref)


def refuse_replaced(booking: Booking) -> None:
    """Raise LegReplaced for a leg whose bundle wants something else in its place, or goes on without it."""
    if booking.bundle_id is not None and booking.leg_number is None:
        raise LegReplaced(ref=booking.ref)


def reason_of(text: str) -> str:
    """Give a reason without its edges; raise ReasonMissing or TextTooLong."""
    if not text.strip():
        raise ReasonMissing(field="reason")
    refuse_long("reason", text, MAX_TEXT)
    return text.strip()


def refuse_long(field: str, text: str, limit: int) -> None:
    """Raise TextTooLong for a text over `limit` characters."""
    if len(text) > limit:
        raise TextTooLong(field=field, max=limit)


def cancelling_terms(resource: Resource, span: Span) -> dict[str, Any]:
    """Give what cancelling costs, as a booking keeps it: what the place changes later does not bind it."""
    percent = resource.late_cancel_percent
    until = free_cancel_until(span.start, resource.free_cancel_hours, percent)
    return {"free_until": until, "late_percent": percent, "due_percent": 0}


def settle_terms(booking: Booking) -> None:
    """Let the terms of cancelling follow a new time; a booking that is asked again is asked under those of today."""
    for name, value in cancelling_terms(booking.resource, booking.span).items():
        setattr(booking, name, value)


def due_by(booking: Booking, actor: Actor) -> int:
    """Tell which percentage of the price stays due if this person gives the booking up now.

    Only the side that asked can owe anything: what the place or the coordination cancels costs nobody, also where they
    had asked on behalf of the organisation. What was moved late owes as if it had been given up then, wherever it was
    moved to.
    """
    if not acts_for_asker(actor, booking):
        return 0
    now = due_when_given_up(booking.decision, booking.free_until, booking.late_percent, clock.now())
    return max(now, booking.moved_late_percent)


def note_late_move(booking: Booking, actor: Actor) -> None:
    """Remember what stays due if a booking is moved now and given up later; call it before anything is changed.

    Also where it only takes more: while the place has to answer again, nothing else would tell what was promised.
    """
    booking.moved_late_percent = max(booking.moved_late_percent, due_by(booking, actor))


def facts_of(booking: Booking) -> dict[str, object]:
    """Give when and how many, as history keeps it."""
    start, end = booking.start_at.isoformat(), booking.end_at.isoformat()
    return {"start": start, "end": end, "quantity": booking.quantity}


def undecided(booking: Booking) -> None:
    """Forget who decided, why, and what stayed due for it: somebody has to answer again."""
    booking.due_percent = 0
    booking.decided_by_id = booking.decided_for_id = booking.decided_at = None
    booking.reason = ""


def by_delegation(for_id: int | None) -> dict[str, object]:
    """Give, as history keeps it, in whose place somebody decided (a person's id); nothing for who decided as such."""
    return {} if for_id is None else {"delegated_by": for_id}


def left_due(booking: Booking) -> dict[str, object]:
    """Give, as history keeps it, what stays due of a request that came to nothing; nothing where that is nothing."""
    return {"due": booking.due_percent} if booking.due_percent else {}


def record(booking: Booking, act: str, actor: Actor, **facts: object) -> None:
    """Add a line to the history of a booking."""
    audit.record("booking", booking.id, act, actor, territory_id=booking.territory_id, **facts)
