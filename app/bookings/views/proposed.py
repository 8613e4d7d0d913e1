"""What the page of a booking shows of a proposal that waits, and what its reader can do about it."""

from dataclasses import dataclass

from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.words import Standing, proposal_rows, proposal_standing
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
    )
