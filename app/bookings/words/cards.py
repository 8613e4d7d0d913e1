"""A booking as lists show it."""

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from app.bookings.models import Booking
from app.bookings.rules import APPROVED, PENDING, PLANNED
from app.bookings.words.agreeing import approvals_words
from app.bookings.words.pieces import booked_words, proposal_state, when_words, zone_of
from app.core import clock
from app.core.span import to_wall
from app.web.format import short_day


class Card(NamedTuple):
    """A booking as a card shows it, in words; the last four are there where the list has a use for them."""

    href: str
    ref: str
    resource: str
    kind: str
    site: str
    when: str
    state: str
    use: str
    organisation: str
    weekday: str
    day: str
    month: str
    note: str = ""
    again: str | None = None
    undo: bool = False
    approvals: str = ""  # how many of two people have agreed, while it waits


def booking_line(booking: Booking, href: str, *, answers: bool = False, **more: Any) -> Card:
    """Write a booking as a card of "My bookings" shows it; `more` are the last fields of the card.

    `answers`: the reader is of the side that asked, whose turn it is where another slot is proposed.
    """
    resource, tz = booking.resource, zone_of(booking)
    wall = to_wall(booking.start_at, ZoneInfo(tz))
    weekday, day, month = _leaf(wall)
    count = booked_words(booking)
    written = when_words(booking.span, tz)
    return Card(
        href=href,
        ref=booking.ref,
        resource=resource.name,
        kind=resource.kind,
        site=resource.site.name,
        when=_("%(when)s, %(quantity)s", when=written, quantity=count) if count else written,
        state=shown_state(booking, answers=answers),
        use=booking.use,
        organisation=booking.organisation.name,
        weekday=weekday,
        day=day,
        month=month,
        approvals=approvals_words(booking),
        **more,
    )


def shown_state(booking: Booking, *, answers: bool) -> str:
    """Name the state a reader sees on a badge: whose turn it is; once accepted under way, then done, as time goes by.

    `answers`: the reader is of the side that asked, so a proposal waits for them.
    """
    if booking.decision == PENDING and booking.proposal is not None:
        return proposal_state(answers=answers)
    if booking.decision != APPROVED or booking.start_at > clock.now() or booking.use != PLANNED:
        return booking.decision
    return "under_way" if booking.end_at > clock.now() else "done"


def _leaf(wall: datetime) -> tuple[str, str, str]:
    """Cut a day into the three words of a calendar leaf: "mar.", "6", "oct."."""
    pieces = short_day(wall.date()).split()
    return pieces[0].rstrip(","), str(wall.day), pieces[-1]
