"""Requests that come first by priority, and whose time was given to another all the same: why, as their asker reads it.

It is in the history of the request that was passed over, and is told as long as it is so: not once the yes was taken
back or what was accepted is given up, nor once the request itself asks for something else.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import select

from app.bookings.models import Booking, Proposal
from app.bookings.rules import ACCEPTED, APPROVED, EXPIRED, OPEN, PENDING, REFUSED
from app.infra import audit
from app.infra.audit import AuditEntry
from app.infra.db import db

PASSED_OVER, TURN_BACK = "passed_over", "turn_given_back"  # as history calls it
ASKS_ANEW = ("moved", "proposal_accepted")  # for another time or place: what was before is settled
WITHOUT = (PENDING, REFUSED, EXPIRED)


class PassedOver(NamedTuple):
    """Why a request that came later by priority was accepted; `is_proposed`: something was proposed to it so far."""

    reason: str
    is_proposed: bool


def find_passed_over(booking: Booking) -> PassedOver | None:
    """Find whether a request that has nothing was passed over for what has the time it asks for."""
    if booking.decision not in WITHOUT:
        return None
    for line in reversed(audit.history("booking", booking.id)):
        if line.act in ASKS_ANEW:
            return None
        if line.act == PASSED_OVER and (state := _what_became_of(line)):
            return PassedOver(str(line.facts.get("reason", "")), state == OPEN)
    return None


def _what_became_of(line: AuditEntry) -> str:
    """Tell whether what was given has been accepted (APPROVED), is only proposed so far (OPEN), or (empty) neither."""
    proposal = line.facts.get("proposal")
    if proposal:
        state = db.session.scalar(select(Proposal.state).filter_by(ref=proposal))
        if state != ACCEPTED:
            return OPEN if state == OPEN else ""
    accepted = select(Booking.id).filter_by(ref=line.facts.get("given"), decision=APPROVED)
    return APPROVED if db.session.scalar(accepted) else ""


def passed_over_for(booking: Booking) -> Sequence[int]:
    """List the requests (their ids) that were passed over when a booking was accepted, as its history has them."""
    return _passed([booking]).get(booking.id, [])


def are_out_of_turn(bookings: Iterable[Booking]) -> bool:
    """Tell whether one of these was accepted although another came before it by priority."""
    return any(_passed(bookings).values())


def _passed(bookings: Iterable[Booking]) -> dict[int, list[int]]:
    """Give, by booking, the requests that its last yes passed over, in one statement."""
    ids = [each.id for each in bookings]
    yeses = select(AuditEntry).where(
        AuditEntry.subject_kind == "booking", AuditEntry.subject_id.in_(ids), AuditEntry.act == "approved"
    )
    lines = db.session.scalars(yeses.order_by(AuditEntry.id))
    return {line.subject_id: list(line.facts.get("passed", ())) for line in lines}
