"""Reads of the heart: bookings with all their pages show, a person's own, a manager's inbox, links, series.

Every list comes with what its page shows, in a number of statements that does not grow with the list.
"""

from app.bookings.queries.inbox import (
    INBOX_AT_MOST,
    count_waiting_for,
    decided_lately,
    neighbours,
    waiting_for,
    waiting_for_others,
)
from app.bookings.queries.links import find_link, get_link, is_open
from app.bookings.queries.one import (
    Line,
    alone,
    bookings_by_time,
    find_bookings,
    first_messages,
    get_booking,
    givers_of,
    history_of,
    history_of_bundle,
    last_reason,
    licence_confirmed,
    messages_of,
    moved_from,
    people_names,
    whole,
)
from app.bookings.queries.own import (
    Mine,
    bookings_of,
    is_mine,
    organisations_to_ask_for,
    spans_like,
    unanswered,
)
from app.bookings.queries.series import (
    elsewhere_dates,
    get_series,
    occurrences_of,
    waiting_dates,
    waiting_of,
)

__all__ = [
    "INBOX_AT_MOST",
    "Line",
    "Mine",
    "alone",
    "bookings_by_time",
    "bookings_of",
    "count_waiting_for",
    "decided_lately",
    "elsewhere_dates",
    "find_bookings",
    "find_link",
    "first_messages",
    "get_booking",
    "get_link",
    "get_series",
    "givers_of",
    "history_of",
    "history_of_bundle",
    "is_mine",
    "is_open",
    "last_reason",
    "licence_confirmed",
    "messages_of",
    "moved_from",
    "neighbours",
    "occurrences_of",
    "organisations_to_ask_for",
    "people_names",
    "spans_like",
    "unanswered",
    "waiting_dates",
    "waiting_for",
    "waiting_for_others",
    "waiting_of",
    "whole",
]
