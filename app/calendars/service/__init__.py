"""The use cases of calendars: links to subscribe with, and what these links answer."""

from app.calendars.service.feeds import OpenFeed, note_fetch, open_calendar, open_feed, sweep, write_booking
from app.calendars.service.links import MOST_LINKS, NewLink, end_all, forget_reader, renew, revoke, subscribe

__all__ = [
    "MOST_LINKS",
    "NewLink",
    "OpenFeed",
    "end_all",
    "forget_reader",
    "note_fetch",
    "open_calendar",
    "open_feed",
    "renew",
    "revoke",
    "subscribe",
    "sweep",
    "write_booking",
]
