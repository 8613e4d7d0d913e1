"""Doing an act on a booking, and showing what became of it on the page where it was done.

The pages of a booking, its series, its bundle and the inbox lead to each other. So each is known here by its name only,
and marks the function that shows it again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from app.bookings import queries
from app.bookings.forms import ReasonForm
from app.bookings.models import Booking
from app.bookings.views.common import (
    Trouble,
    came_from_bundle,
    came_from_inbox,
    came_from_series,
    chosen_scope,
    onward,
    page_of,
    page_of_bundle,
    page_of_series,
    reasons,
)
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor
from app.web.errors import status_of
from app.web.htmx import wants_fragment
from app.web.identity import current_actor

BOOKING, INBOX, SERIES, BUNDLE = "booking", "inbox", "series", "bundle"


@dataclass(frozen=True)
class Outcome:
    """What a page tells after an act: what was `done` and said of it, or the trouble there was."""

    said: str | None = None
    done: str = ""
    trouble: Trouble | None = None


Again = Callable[[Booking, Outcome], Response]
_pages: dict[str, Again] = {}


def shows(name: str) -> Callable[[Again], Again]:
    """Mark the function that shows a page again after an act on a booking that was done there."""

    def register(again: Again) -> Again:
        _pages[name] = again
        return again

    return register


def act_with_reason(
    name: str, booking: Booking, use_case: Callable[[int, Actor, str], Booking], said: str
) -> Response:
    """Do a use case that wants a reason, as `act` does; without one, say so."""
    form = ReasonForm()
    typed = form.reason.data or ""
    if not form.validate():
        return refused_act(booking, Trouble(name, booking.ref, first_of(form.reason.errors), typed, 422))
    return act(name, booking, lambda actor: use_case(booking.id, actor, typed), said, typed)


def act(
    name: str,
    booking: Booking,
    use_case: Callable[[Actor], Any],
    told: str | Callable[[], str],
    typed: str = "",
) -> Response:
    """Do a use case and show what became of it, on the booking's page or in the inbox; `told` may be asked after it."""
    ref = booking.ref
    try:
        use_case(current_actor())
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        booking = queries.get_booking(ref)
        trouble = Trouble(name, ref, reasons(error, booking), typed, status_of(error), chosen_scope())
        return refused_act(booking, trouble)
    said = told if isinstance(told, str) else told()
    if came_from_series() and booking.series:
        return onward(said, page_of_series(booking.series))
    if came_from_bundle() and booking.bundle:
        return onward(said, page_of_bundle(booking.bundle))
    if not wants_fragment():
        return onward(said, url_for("bookings.inbox") if came_from_inbox() else page_of(booking))
    if came_from_inbox():
        return _pages[INBOX](booking, Outcome(said, name))
    return _pages[BOOKING](queries.get_booking(ref), Outcome(said, name))


def refused_act(booking: Booking, trouble: Trouble) -> Response:
    """Show why an act was refused where it was tried, with what was typed."""
    return _pages[_origin(booking)](booking, Outcome(trouble=trouble))


def _origin(booking: Booking) -> str:
    """Name the page an act was done on."""
    if came_from_series() and booking.series:
        return SERIES
    if came_from_bundle() and booking.bundle:
        return BUNDLE
    return INBOX if came_from_inbox() else BOOKING


def first_of(errors: Any) -> tuple[str, ...]:
    """Give the first thing that is wrong with a field."""
    return tuple(str(e) for e in errors)[:1]
