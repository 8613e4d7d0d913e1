"""Forgetting what people wrote about bookings long over; the bookings themselves stay, for the yearly figures."""

from sqlalchemy import delete, select

from app.bookings.models import Booking, BookingMessage, DecisionLink, Proposal, Waiting
from app.bookings.rules import DEAD_LINK_LIFE, TALK_LIFE
from app.core import clock
from app.infra.uow import atomic


def forget_old() -> None:
    """Delete the talk about bookings that ended three years ago, and the links to decide that ended 30 days ago."""
    now = clock.now()
    over = select(Booking.id).where(Booking.end_at < now - TALK_LIFE)
    with atomic() as session:
        session.execute(delete(BookingMessage).where(BookingMessage.booking_id.in_(over)))
        session.execute(delete(Waiting).where(Waiting.end_at < now - TALK_LIFE))
        session.execute(delete(Proposal).where(Proposal.booking_id.in_(over)))
        session.execute(delete(DecisionLink).where(DecisionLink.expires_at < now - DEAD_LINK_LIFE))
