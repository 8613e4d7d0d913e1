"""Writing to the other side of a booking."""

from app.bookings.events import MessageWritten
from app.bookings.models import Booking, BookingMessage
from app.bookings.policy import BookingPermission
from app.bookings.roles import writes_as
from app.bookings.service.common import MAX_TEXT, get_for, refuse_long
from app.core import clock
from app.core.errors import ReasonMissing
from app.core.policy import Actor
from app.infra.events import emit
from app.infra.uow import atomic


def write_message(booking_id: int, actor: Actor, text: str) -> BookingMessage:
    """Write to the other side of a booking."""
    if not text.strip():
        raise ReasonMissing(field="text")
    refuse_long("text", text, MAX_TEXT)
    with atomic() as session:
        booking = get_for(booking_id, actor, BookingPermission.TALK)
        message = new_message(booking, actor, text.strip())
        session.add(message)
        session.flush()
        emit(MessageWritten(booking.id, actor.person_id, message_id=message.id))
    return message


def new_message(booking: Booking, actor: Actor, text: str) -> BookingMessage:
    """Make a message of the talk, not yet stored."""
    role = writes_as(actor, booking)
    return BookingMessage(
        booking_id=booking.id, author_id=actor.person_id, written_as=role, text=text, at=clock.now()
    )
