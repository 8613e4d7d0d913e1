"""The use cases of bookings and series: ask, decide, change, cancel, talk, note who did not come. The only writer."""

from app.bookings.service.asking import Request, ask
from app.bookings.service.changing import cancel, change
from app.bookings.service.common import MAX_PURPOSE, MAX_TEXT, get_for
from app.bookings.service.deciding import approve, expire_due, open_decision_link, refuse, undo
from app.bookings.service.keeping import forgive_absence, tell_absence
from app.bookings.service.series import SeriesRequest, ask_series, extend_due
from app.bookings.service.series_acts import (
    Scope,
    approve_series,
    cancel_dates,
    cancel_series,
    change_series,
    refuse_series,
)
from app.bookings.service.talking import write_message

__all__ = [
    "MAX_PURPOSE",
    "MAX_TEXT",
    "Request",
    "Scope",
    "SeriesRequest",
    "approve",
    "approve_series",
    "ask",
    "ask_series",
    "cancel",
    "cancel_dates",
    "cancel_series",
    "change",
    "change_series",
    "expire_due",
    "extend_due",
    "forgive_absence",
    "get_for",
    "open_decision_link",
    "refuse",
    "refuse_series",
    "tell_absence",
    "undo",
    "write_message",
]
