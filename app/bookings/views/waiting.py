"""What pages say to a manager of the dates of a series that wait: the yes they offer, and what stands against it."""

from typing import NamedTuple

from flask_babel import ngettext as _n

from app.bookings.against import Against
from app.bookings.words import dates_closed_words, dates_taken_words


class Waiting(NamedTuple):
    """The yes to the dates of a series that wait: where others have taken some, it is one to the free ones."""

    accept: str
    only_free: bool
    can_accept: bool
    against: list[str]


def waiting_words(dates: Against, timezone: str) -> Waiting:
    """Write the button that accepts the dates of a series, and what stands against them, whichever they are."""
    lost, closed = [b.span for b in dates.lost], [b.span for b in dates.closed]
    accept = _n(
        "Accept the %(num)s date that waits", "Accept the %(num)s dates that wait", len(dates.waiting)
    )
    if lost:
        accept = _n("Accept the %(num)s free date", "Accept the %(num)s free dates", dates.free)
    against = [dates_taken_words(lost, timezone)] if lost else []
    if closed:
        against.append(dates_closed_words(closed, timezone))
    return Waiting(accept, bool(lost), dates.free > 0, against)
