"""What is proposed ends with whatever else becomes of the request; one that still waits has its deadline again."""

from collections.abc import Collection

from app.availability import service as capacity
from app.bookings.models import Booking
from app.bookings.proposals import find_open_proposals
from app.bookings.rules import PENDING, PROPOSAL
from app.bookings.service.as_one import let_wait
from app.bookings.service.holding import epoch_of
from app.core import clock
from app.infra.db import db


def end_proposals(booking_ids: Collection[int], act: str) -> None:
    """Close what is proposed for bookings that were just decided, moved or given up, inside that use case.

    The proposed places may not be locked here, so their holds end at once and `sweep_proposals` releases them.
    """
    for proposal in find_open_proposals(booking_ids):
        proposal.state, proposal.ended_at = PROPOSAL.after(act, proposal.state), clock.now()
        if proposal.hold_id is not None:
            capacity.put_off(proposal.hold_id, clock.epoch())
        wait_again(proposal.booking)
    db.session.flush()


def wait_again(booking: Booking) -> None:
    """Give a request that waits for the place again its time to be answered."""
    if booking.decision == PENDING:
        let_wait(booking)
        if booking.hold_id is not None:
            capacity.put_off(booking.hold_id, epoch_of(booking.expires_at) or 0)
        db.session.flush()
