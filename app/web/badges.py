"""How states look and read on badges: colour, icon, words. One table for decisions, uses, resources and slots."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

BADGES: Mapping[str, tuple[str, str, LazyString]] = {
    "pending": ("wait", "hourglass", _l("Waiting for an answer")),
    "to_answer": ("wait", "bell", _l("Your turn to answer")),
    "proposed": ("wait", "hourglass", _l("Proposal sent")),
    "approved": ("good", "check", _l("Accepted")),
    "refused": ("bad", "cross", _l("Refused")),
    "expired": ("dim", "clock", _l("No answer in time")),
    "cancelled": ("dim", "cross", _l("Cancelled")),
    "to_fix": ("bad", "warning", _l("To complete")),
    "waits": ("wait", "hourglass", _l("On the waiting list")),
    "to_tell": ("wait", "bell", _l("To be told")),
    "offered": ("good", "bell", _l("Offered to you")),
    "missed": ("dim", "clock", _l("Offer over")),
    "told": ("good", "bell", _l("Freed")),
    "left": ("dim", "cross", _l("List left")),
    "over": ("dim", "clock", _l("Waiting over")),
    "planned": ("info", "calendar", _l("Planned")),
    "under_way": ("good", "clock", _l("Under way")),
    "done": ("dim", "check", _l("Done")),
    "no_show": ("bad", "warning", _l("Nobody came")),
    "excused": ("dim", "check", _l("Nobody came, forgiven")),
    "active": ("good", "check", _l("In service")),
    "to_check": ("wait", "warning", _l("To be checked")),
    "out_of_order": ("bad", "cross", _l("Out of order")),
    "archived": ("dim", "archive", _l("Archived")),
    "free": ("good", "check", _l("Free")),
    "taken": ("bad", "lock", _l("Taken")),
    "closed": ("dim", "moon", _l("Closed")),
}
