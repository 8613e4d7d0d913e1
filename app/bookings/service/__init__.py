"""The use cases of a booking: ask, approve, refuse, cancel, change, undo, talk, expire. The only writer."""

from app.bookings.service.asking import Request, ask
from app.bookings.service.changing import cancel, change
from app.bookings.service.common import MAX_PURPOSE, MAX_TEXT, get_for
from app.bookings.service.deciding import approve, expire_due, open_decision_link, refuse, undo
from app.bookings.service.talking import write_message

__all__ = [
    "MAX_PURPOSE",
    "MAX_TEXT",
    "Request",
    "approve",
    "ask",
    "cancel",
    "change",
    "expire_due",
    "get_for",
    "open_decision_link",
    "refuse",
    "undo",
    "write_message",
]
