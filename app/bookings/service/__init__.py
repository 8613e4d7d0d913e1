"""The use cases of bookings, series and bundles: ask, answer, cancel, change, undo, talk, expire. The only writer."""

from app.bookings.service.asking import Request, ask
from app.bookings.service.bundle_acts import approve_legs, cancel_bundle, refuse_legs
from app.bookings.service.bundles import BundleRequest, Leg, ask_bundle, let_leg_go, replace_leg
from app.bookings.service.changing import cancel, change
from app.bookings.service.common import MAX_PURPOSE, MAX_TEXT, get_for
from app.bookings.service.deciding import approve, expire_due, open_decision_link, refuse, undo
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
    "BundleRequest",
    "Leg",
    "Request",
    "Scope",
    "SeriesRequest",
    "approve",
    "approve_legs",
    "approve_series",
    "ask",
    "ask_bundle",
    "ask_series",
    "cancel",
    "cancel_bundle",
    "cancel_dates",
    "cancel_series",
    "change",
    "change_series",
    "expire_due",
    "extend_due",
    "get_for",
    "let_leg_go",
    "open_decision_link",
    "refuse",
    "refuse_legs",
    "refuse_series",
    "replace_leg",
    "undo",
    "write_message",
]
