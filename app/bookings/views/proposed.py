"""What the page of a booking offers beside the answer: a proposal that waits, and waiting for what was refused."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from app.availability.asking import Slot, slot_params
from app.availability.queries import get_terms
from app.bookings.licence import tick_for, years_of
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.rules import EXPIRED, REFUSED
from app.bookings.words import Standing, proposal_rows, proposal_standing
from app.core import clock
from app.core.policy import Actor, can


@dataclass(frozen=True)
class Proposed:
    """A proposal as its reader sees it."""

    ref: str
    standing: Standing
    rows: list[tuple[str, str, str]]
    message: str
    may_answer: bool
    may_withdraw: bool
    licence: dict[str, Any] | None = None  # what has to be confirmed of the driver of another vehicle
    misfit: str = ""  # why it would not fit in the request that this is an element of, where that was asked


def proposed(booking: Booking, actor: Actor) -> Proposed | None:
    """Write the proposal that waits for a booking, if there is one."""
    proposal = booking.proposal
    if proposal is None:
        return None
    answers = can(actor, P.ANSWER_PROPOSAL, booking)
    return Proposed(
        proposal.ref,
        proposal_standing(booking, proposal, answers=answers),
        proposal_rows(booking, proposal),
        proposal.message,
        answers,
        can(actor, P.PROPOSE, booking),
        tick_for(0 if proposal.resource_id == booking.resource_id else years_of(proposal.resource)),
    )


def wait_url(booking: Booking, actor: Actor, *, is_beaten: bool = False) -> str | None:
    """Give where one can wait for what a request did not get; None for what was got, is over, or is not theirs."""
    lost = booking.decision in (REFUSED, EXPIRED) or is_beaten
    if not lost or booking.start_at <= clock.now() or not can(actor, P.ASK, booking.resource):
        return None
    slot = slot_params(Slot(booking.span, booking.quantity), get_terms(booking.resource_id))
    given: dict[str, Any] = {"slug": booking.resource.slug, "depuis": booking.ref} | slot
    return url_for("bookings.wait", **given)
