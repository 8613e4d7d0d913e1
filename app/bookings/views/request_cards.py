"""A request as its manager answers it: in the inbox, and on the page of the link from an e-mail."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.bookings.against import Against
from app.bookings.models import Booking, Series
from app.bookings.policy import BookingPermission as P
from app.bookings.rules import ASKED
from app.bookings.views.common import page_of, page_of_series
from app.bookings.views.strip import Around
from app.bookings.views.waiting import waiting_words
from app.bookings.words import (
    approvals_words,
    asker_words,
    awaited_words,
    booked_words,
    counted_words,
    dates_words,
    deadline,
    moved_late_words,
    over_hours_words,
    priority_words,
    recall_notes,
    series_words,
    when_words,
)
from app.catalogue.models import Approval
from app.core.policy import can
from app.web.format import number
from app.web.identity import current_actor


def request_words(
    booking: Booking, near: Around | None, dates: Against | None = None, *, misfit: str = ""
) -> dict[str, Any]:
    """Write a request as the inbox and the page of a decision link show it; `dates` wait together as a series.

    `misfit` says why it does not fit in the whole that it is an element of.
    """
    series = booking.series if dates else None
    answer = _as_series(booking, series, dates, near) if dates and series else _as_one(booking, near, misfit)
    return {
        "ref": booking.ref,
        **_what(booking),
        **_by_whom(booking),
        **_by_when(booking),
        "approvals": approvals_words(booking),
        "missing": _missing(booking),
        "recall": recall_notes(booking),
        "around": near,
        **answer,
    }


def _what(booking: Booking) -> dict[str, Any]:
    resource = booking.resource
    return {"resource": resource.name, "kind": resource.kind, "site": resource.site.name}


def _by_whom(booking: Booking) -> dict[str, Any]:
    """Write who asks and for what, and how to call them."""
    people = booking.people
    return {
        "organisation": booking.organisation.name,
        "person": asker_words(booking),
        "phone": booking.requester.phone or booking.organisation.phone,
        "priority": priority_words(booking.organisation.priority_class),
        "purpose": booking.purpose,
        "people": _n("%(number)s person", "%(number)s people", people, number=number(people))
        if people
        else "",
    }


def _by_when(booking: Booking) -> dict[str, Any]:
    """Write by when it is to be answered."""
    left, urgency = deadline(booking)
    return {"deadline": left, "deadline_kind": urgency}


def _missing(booking: Booking) -> str:
    """Say whose yes is missing, or why it is not booked at once."""
    is_of_two = booking.resource.approval == Approval.TWO_STEP
    return awaited_words(booking) if is_of_two else over_hours_words(booking)


def _as_one(booking: Booking, near: Around | None, misfit: str) -> dict[str, Any]:
    """Write the time and the answers of a request for one time."""
    when = when_words(booking.span, booking.resource.site.timezone)
    if booking.series and booking.series.state == ASKED:  # a yes to this one date lets the series go on
        when = _("%(when)s (%(rule)s)", when=when, rule=series_words(booking.series))
    conflicts = near.conflicts if near else []
    may_propose = can(current_actor(), P.PROPOSE, booking)
    return {
        "href": page_of(booking),
        "approve_url": url_for("bookings.approve", ref=booking.ref),
        "refuse_url": url_for("bookings.refuse", ref=booking.ref),
        "propose_url": url_for("bookings.propose", ref=booking.ref) if may_propose else None,
        "accept": _("Agree") if booking.resource.approval == Approval.TWO_STEP else _("Accept"),
        "only_free": False,
        "can_accept": True,
        "when": _with_count(when, booking),
        "checks": [(False, misfit)] if misfit else _checks(booking, near, conflicts),
        "conflicts": conflicts,
    }


def _as_series(booking: Booking, series: Series, dates: Against, near: Around | None) -> dict[str, Any]:
    """Write the dates and the answers of a series; where others have some dates, the yes is one to the free ones."""
    waiting, yes = dates_words(len(dates.waiting)), waiting_words(dates, booking.resource.site.timezone)
    counted = counted_words(len(dates.waiting), dates.left_out)
    when = _("%(dates)s: %(rule)s", dates=counted, rule=series_words(series))
    conflicts = yes.against or (near.conflicts if near else [])
    return {
        "href": page_of_series(series),
        "approve_url": url_for("bookings.approve_series", ref=booking.ref),
        "refuse_url": url_for("bookings.refuse_series", ref=booking.ref),
        "propose_url": None,
        "accept": yes.accept if yes.only_free else _("Accept the %(dates)s", dates=waiting),
        "only_free": bool(dates.lost),
        "can_accept": dates.free > 0,
        "when": _with_count(when, booking),
        "checks": _checks(booking, near, conflicts),
        "conflicts": conflicts,
    }


def _with_count(when: str, booking: Booking) -> str:
    count = booked_words(booking)
    return _("%(when)s, %(quantity)s", when=when, quantity=count) if count else when


def _checks(booking: Booking, near: Around | None, conflicts: Sequence[str]) -> list[tuple[bool, str]]:
    """Say what speaks for a request, and what it is not made for; what stands in its way is told beside."""
    most, coming = booking.resource.facts.get("max_people"), booking.people or 0
    if most and coming > most:
        words = _("%(asked)s people, for %(most)s at most", asked=number(coming), most=number(most))
        return [(False, words)]
    if late := moved_late_words(booking):
        return [(False, late)]
    return [] if near is None or conflicts else [(True, _("Nothing stands against it now"))]
