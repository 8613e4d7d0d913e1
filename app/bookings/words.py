"""The sentences of bookings: why not and what instead, where a request stands, what happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.bookings.models import Booking
from app.bookings.queries import Line
from app.bookings.rules import APPROVED, CANCELLED, EXPIRED, PENDING, PLANNED, REFUSED
from app.catalogue.kinds.words import amount
from app.catalogue.models import Resource
from app.catalogue.words import price_words
from app.core import clock
from app.core.span import Span, to_wall
from app.web.format import clock_time, day, short_day, span_words
from app.web.words import Facts, worded

PRIORITIES: Mapping[str, LazyString] = {
    "P0": _l("Owner of shared places"),
    "P1": _l("Food aid: served first"),
    "P2": _l("Partner of the territory"),
    "P3": _l("Producer, social economy"),
    "P4": _l("Commercial use"),
}


# -- refusals -----------------------------------------------------------------------------------------------


@worded("purpose_missing")
def _purpose_missing(_facts: Facts) -> str:
    return _("Say in a few words what you will do there: it helps the manager to answer quickly.")


@worded("not_your_organisation")
def _not_your_organisation(_facts: Facts) -> str:
    return _("You cannot ask for this organisation. Choose one of yours, or ask to join it first.")


@worded("organisation_not_active")
def _organisation_not_active(facts: Facts) -> str:
    return _(
        "%(name)s does not take part here yet. Choose another organisation, or ask the coordination of the territory.",
        name=facts.get("name") or _("This organisation"),
    )


@worded("key_reused")
def _key_reused(_facts: Facts) -> str:
    return _(
        "This form has already been sent with other answers. Open your bookings, or send this one as a new request."
    )


@worded("already_over")
def _already_over(_facts: Facts) -> str:
    return _(
        "This booking is over: nothing can be changed any more. Write a message if something needs to be said."
    )


@worded("too_late_to_undo")
def _too_late_to_undo(_facts: Facts) -> str:
    return _(
        "A decision can be taken back for ten minutes only. Cancel the booking, or write to the other side."
    )


@worded("nothing_changed")
def _nothing_changed(_facts: Facts) -> str:
    return _("This is the present time and quantity. Choose others, or keep the booking as it is.")


@worded("booking_not_found")
def _booking_not_found(_facts: Facts) -> str:
    return _("There is no such booking, or it is not yours to see. Your own are under “My bookings”.")


@worded("decision_link_used")
def _decision_link_used(_facts: Facts) -> str:
    return _(
        "This link has already been used: the answer is given. Sign in to see the request or to change the answer."
    )


@worded("decision_link_expired")
def _decision_link_expired(_facts: Facts) -> str:
    return _(
        "This link is too old to decide with. Sign in: the request is under “To handle” if it still waits."
    )


# -- small pieces -------------------------------------------------------------------------------------------


def moment(at: datetime, tz: str) -> str:
    """Write an instant at a place: "jeudi 8 octobre, 14:30"; today and tomorrow by their names."""
    wall = to_wall(at, ZoneInfo(tz))
    ahead = (wall.date() - to_wall(clock.now(), ZoneInfo(tz)).date()).days
    if ahead == 0:
        return _("today, %(time)s", time=clock_time(wall))
    if ahead == 1:
        return _("tomorrow, %(time)s", time=clock_time(wall))
    if ahead == -1:
        return _("yesterday, %(time)s", time=clock_time(wall))
    written = day(wall.date(), year=abs(ahead) > 300)
    return _("%(day)s, %(time)s", day=written, time=clock_time(wall))


def when_words(span: Span, tz: str) -> str:
    """Write the time of a booking, with a capital: it often begins a line."""
    written = span_words(span, tz)
    return written[:1].upper() + written[1:]


def quantity_words(resource: Resource, quantity: int) -> str:
    """Say how many of a resource: "3 palettes"; empty for what is taken as a whole."""
    return "" if resource.capacity == 1 or resource.unit == "whole" else amount(resource.unit, quantity)


def priority_words(priority: str) -> str:
    """Name the priority class of an organisation, for managers."""
    return str(PRIORITIES.get(priority, priority))


def cost_words(resource: Resource) -> str:
    """Say what a resource costs, as shown before asking."""
    return price_words(resource.price_cents, resource.price_per, resource.unit) or _("Free of charge")


def answer_words(resource: Resource, *, at_once: bool) -> str:
    """Say who answers a request and by when, before it is sent."""
    owner = resource.site.owner.name
    if at_once:
        return _("No answer to wait for: it is yours as soon as you send the form.")
    if resource.answer_hours % 24 == 0:
        days = resource.answer_hours // 24
        return _n(
            "%(owner)s answers within %(num)s day. Without an answer the request ends by itself.",
            "%(owner)s answers within %(num)s days. Without an answer the request ends by itself.",
            days,
            owner=owner,
        )
    return _n(
        "%(owner)s answers within %(num)s hour. Without an answer the request ends by itself.",
        "%(owner)s answers within %(num)s hours. Without an answer the request ends by itself.",
        resource.answer_hours,
        owner=owner,
    )


def deadline(booking: Booking) -> tuple[str, str]:
    """Say how long a manager has to answer, and how urgent that is ("", "soon" or "late")."""
    if booking.expires_at is None:
        return "", ""
    left = booking.expires_at - clock.now()
    hours = int(left.total_seconds() // 3600)
    if left <= timedelta(0):
        return _("The time to answer is over"), "late"
    if hours < 1:
        return _("Less than an hour left to answer"), "late"
    if hours < 24:
        return _n("%(num)s hour left to answer", "%(num)s hours left to answer", hours), "soon"
    return _n("%(num)s day left to answer", "%(num)s days left to answer", hours // 24), ""


# -- where it stands ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """The big answer on top of a booking: what it is now, what happens next, by when."""

    state: str
    title: str
    next: str = ""
    by: str = ""
    kind: str | None = None


def standing(booking: Booking, *, decides: bool) -> Standing:
    """Say where a booking stands, to who decides on it or to the side that asked."""
    match booking.decision:
        case "pending":
            return _pending(booking, decides=decides)
        case "approved":
            return _approved(booking, decides=decides)
        case "refused":
            return _refused(booking, decides=decides)
        case "expired":
            return _expired(decides=decides)
    return _cancelled(booking)


def _tz(booking: Booking) -> str:
    return booking.resource.site.timezone


def _pending(booking: Booking, *, decides: bool) -> Standing:
    by = moment(booking.expires_at, _tz(booking)) if booking.expires_at else ""
    if decides:
        title = _("%(organisation)s waits for your answer", organisation=booking.organisation.name)
        until = _("Answer before %(moment)s: after that the request ends by itself.", moment=by) if by else ""
        return Standing(PENDING, title, _kept(booking), until)
    title = _("Waiting for the answer of %(owner)s", owner=booking.resource.site.owner.name)
    until = (
        _("Answer expected before %(moment)s. Without an answer the request ends by itself.", moment=by)
        if by
        else ""
    )
    return Standing(PENDING, title, _kept(booking), until)


def _kept(booking: Booking) -> str:
    if booking.hold_id is not None:
        return _("The slot is kept until the answer: nobody else can take it.")
    return _("The slot is not kept meanwhile: another request may be accepted first.")


def _approved(booking: Booking, *, decides: bool) -> Standing:
    now, tz = clock.now(), _tz(booking)
    if booking.end_at <= now:
        return Standing("done", _("This booking is over"), _("Thank you for sharing the place."))
    if booking.start_at <= now:
        return Standing("under_way", _("Under way until %(moment)s", moment=moment(booking.end_at, tz)))
    first = day(booking.start_at, tz=tz)
    if decides:
        return Standing(
            APPROVED,
            _(
                "Accepted: %(organisation)s comes on %(day)s",
                organisation=booking.organisation.name,
                day=first,
            ),
            _("They have read how to come in and whom to call."),
        )
    title = _("It is accepted: see you on %(day)s", day=first)
    if booking.decided_by_id is None:
        title = _("It is booked: see you on %(day)s", day=first)
    return Standing(
        APPROVED,
        title,
        _("How to come in and whom to call is written below."),
        _(
            "If you cannot come, cancel before %(moment)s so that others can.",
            moment=moment(booking.start_at, tz),
        ),
    )


def _refused(booking: Booking, *, decides: bool) -> Standing:
    title = _("You refused this request") if decides else _("The request is refused")
    if not decides:
        advice = _("Another time or another place may suit: ask again.")
        return Standing(REFUSED, title, _quoted(booking.reason), advice)
    return Standing(REFUSED, title, _quoted(booking.reason))


def _expired(*, decides: bool) -> Standing:
    title = _("Nobody answered in time")
    if decides:
        return Standing(
            EXPIRED,
            title,
            _("The request has ended and the slot is free. Call who asked if you want to help."),
        )
    return Standing(
        EXPIRED, title, _("The slot is free again. Call the place, or send the same request once more.")
    )


def _cancelled(booking: Booking) -> Standing:
    by = booking.decided_by.name if booking.decided_by else ""
    title = _("Cancelled by %(name)s", name=by) if by else _("Cancelled")
    return Standing(CANCELLED, title, _quoted(booking.reason))


def _quoted(text: str) -> str:
    return _("“%(text)s”", text=text) if text else ""


# -- history ------------------------------------------------------------------------------------------------

_ACTS: Mapping[str, tuple[LazyString, str, str]] = {
    "requested": (_l("Request sent"), "send", "info"),
    "approved_at_once": (_l("Booked at once: this place needs no answer"), "check", "good"),
    "approved": (_l("Request accepted"), "check", "good"),
    "refused": (_l("Request refused"), "cross", "bad"),
    "cancelled": (_l("Cancelled"), "cross", "dim"),
    "expired": (_l("Ended without an answer: the slot is free again"), "clock", "dim"),
    "moved": (_l("Time or quantity changed"), "edit", "wait"),
    "decision_undone": (_l("Decision taken back: the request waits again"), "refresh", "wait"),
}


def history_words(line: Line, booking: Booking) -> dict[str, Any]:
    """Write a line of history as the component shows it."""
    tz, entry = _tz(booking), line.entry
    text, icon, kind = _ACTS.get(entry.act, (entry.act, "info", "dim"))
    who = line.person or ""
    if line.person and line.organisation and entry.act in ("requested", "approved_at_once", "moved"):
        who = _("%(person)s, %(organisation)s", person=line.person, organisation=line.organisation)
    return {
        "when": moment(entry.at, tz),
        "iso": entry.at.isoformat(timespec="seconds"),
        "who": who,
        "text": _moved(entry.facts, booking) if entry.act == "moved" else str(text),
        "reason": entry.facts.get("reason") or None,
        "icon": icon,
        "kind": kind,
    }


def _moved(facts: Mapping[str, Any], booking: Booking) -> str:
    before, after = _noted(facts.get("before") or {}, booking), _noted(facts, booking)
    if not before or not after:
        return str(_ACTS["moved"][0])
    return _("Changed from “%(before)s” to “%(after)s”", before=before, after=after)


def _noted(facts: Mapping[str, Any], booking: Booking) -> str:
    try:
        span = Span(datetime.fromisoformat(facts["start"]), datetime.fromisoformat(facts["end"]))
    except (KeyError, ValueError):
        return ""
    count = quantity_words(booking.resource, int(facts.get("quantity", 1)))
    written = span_words(span, _tz(booking))
    return _("%(when)s, %(quantity)s", when=written, quantity=count) if count else written


# -- cards --------------------------------------------------------------------------------------------------


def booking_line(booking: Booking, **more: Any) -> dict[str, Any]:
    """Write a booking as a card of "My bookings" shows it."""
    resource, tz = booking.resource, _tz(booking)
    wall = to_wall(booking.start_at, ZoneInfo(tz))
    weekday, number_of_day, month = _leaf(wall)
    count = quantity_words(resource, booking.quantity)
    written = when_words(booking.span, tz)
    return {
        "ref": booking.ref,
        "resource": resource.name,
        "kind": resource.kind,
        "site": resource.site.name,
        "when": _("%(when)s, %(quantity)s", when=written, quantity=count) if count else written,
        "state": _shown_state(booking),
        "use": booking.use,
        "organisation": booking.organisation.name,
        "weekday": weekday,
        "day": number_of_day,
        "month": month,
        **more,
    }


def _shown_state(booking: Booking) -> str:
    """Name the state a reader sees: once accepted, a booking is under way, then done, as time goes by."""
    if booking.decision != APPROVED or booking.start_at > clock.now() or booking.use != PLANNED:
        return booking.decision
    return "under_way" if booking.end_at > clock.now() else "done"


def _leaf(wall: datetime) -> tuple[str, str, str]:
    """Cut a day into the three words of a calendar leaf: "mar.", "6", "oct."."""
    pieces = short_day(wall.date()).split()
    return pieces[0].rstrip(","), str(wall.day), pieces[-1]
