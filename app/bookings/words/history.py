"""What happened to a booking, line by line."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.accounts.words import person_name
from app.bookings.models import Booking
from app.bookings.queries import Line
from app.bookings.recalls import recall_of
from app.bookings.words.cancelling import due_words
from app.bookings.words.pieces import asker_words, decider_words, moment, quantity_words, zone_of
from app.bookings.words.quotas import recalled_words
from app.bookings.words.series import of_series_words
from app.catalogue.kinds.units import Unit
from app.catalogue.kinds.words import amount
from app.core.span import Span
from app.web.format import span_words

_ACTS: Mapping[str, tuple[LazyString, str, str]] = {
    "requested": (_l("Request sent"), "send", "info"),
    "approved_at_once": (_l("Booked at once: this place needs no answer"), "check", "good"),
    "extended": (_l("Added by itself: one more date of the series"), "repeat", "good"),
    "approved": (_l("Request accepted"), "check", "good"),
    "half_approved": (_l("First of two approvals given"), "check", "wait"),
    "yes_taken_back": (_l("Approval taken back: both are awaited again"), "refresh", "wait"),
    "passed_over": (
        _l("A request that comes after this one by priority was accepted all the same"),
        "warning",
        "bad",
    ),
    "turn_given_back": (
        _l("The request that was accepted although it comes after this one waits again"),
        "refresh",
        "wait",
    ),
    "refused": (_l("Request refused"), "cross", "bad"),
    "cancelled": (_l("Cancelled"), "cross", "dim"),
    "rules_set_aside": (_l("The rules of the place were set aside for this request"), "warning", "wait"),
    "missed": (_l("Nobody came"), "warning", "bad"),
    "forgiven": (_l("Forgiven: the absence no longer counts"), "check", "good"),
    "kept_though_closed": (_l("The place closes at that time, but the booking is kept"), "check", "good"),
    "kept_outside_hours": (_l("The opening hours change, but the booking is kept"), "check", "good"),
    "expired": (_l("Ended without an answer: the slot is free again"), "clock", "dim"),
    "moved": (_l("Time or quantity changed"), "edit", "wait"),
    "late_move_forgiven": (_l("The late move is accepted free of charge"), "check", "good"),
    "recalled": (_l("Called back by the quota of another organisation"), "repeat", "bad"),
    "called_back": (_l("What was lent of the quota was called back from others"), "repeat", "info"),
    "replaced": (_l("Something else was asked for instead"), "refresh", "info"),
    "let_go": (_l("Left out: the request goes on without it"), "cross", "dim"),
    "handed_over": (_l("Handed over to another member of the organisation"), "users", "info"),
    "proposed": (_l("Another slot proposed"), "repeat", "info"),
    "proposal_accepted": (_l("Proposal accepted"), "check", "good"),
    "proposal_declined": (_l("Proposal declined: the request waits for an answer again"), "refresh", "wait"),
    "proposal_lapsed": (_l("Proposal left without an answer: the request waits again"), "clock", "wait"),
    "proposal_withdrawn": (
        _l("Proposal withdrawn: the request waits for an answer again"),
        "refresh",
        "wait",
    ),
    "proposal_replaced": (_l("Proposal replaced by another one"), "repeat", "info"),
    "end_reminded": (_l("Both sides told that the stay comes to its end"), "bell", "info"),
    "decision_undone": (_l("Decision taken back: the request waits again"), "refresh", "wait"),
}


def history_words(line: Line, booking: Booking) -> dict[str, Any]:
    """Write a line of history as the component shows it."""
    tz, entry = zone_of(booking), line.entry
    text, icon, kind = _ACTS.get(entry.act, (entry.act, "info", "dim"))
    who = person_name(line.person) if line.person is not None else ""
    if who and line.organisation and entry.act in ("requested", "approved_at_once", "moved"):
        who = _("%(person)s, %(organisation)s", person=who, organisation=line.organisation)
    if who and entry.act in ("requested", "approved_at_once") and booking.asked_as:
        who = asker_words(booking)
    note = confirmed_words(entry.facts.get("licence_years", 0))
    if (
        entry.act == "proposal_accepted" and line.giver is not None
    ):  # by the asker; the place had agreed before
        note = _("The place had agreed by delegation of %(giver)s", giver=person_name(line.giver))
    elif who and line.giver is not None:
        who = decider_words(line.person or "", line.giver)
    return {
        "when": moment(entry.at, tz),
        "iso": entry.at.isoformat(timespec="seconds"),
        "who": who,
        "text": _told(entry.act, entry.facts, booking) or str(text),
        "note": note,
        "reason": entry.facts.get("reason") or None,
        "icon": icon,
        "kind": kind,
    }


def confirmed_words(years: int) -> str:
    """Say what was confirmed of the driver when a vehicle was asked for; empty where nothing had to be."""
    if not years:
        return ""
    return _n(
        "Confirmed: whoever drives has held their licence for at least %(num)s year",
        "Confirmed: whoever drives has held their licence for at least %(num)s years",
        years,
    )


def _told(act: str, facts: Mapping[str, Any], booking: Booking) -> str:
    """Write the acts that say more than their name; empty for the others, and where the facts are missing."""
    before, after = _noted(facts.get("before") or {}, booking), _noted(facts, booking)
    if act == "approved" and facts.get("ahead"):
        return _("Request accepted, although another came before it by priority")
    if act == "passed_over" and facts.get("proposal"):
        return _("This time was proposed to a request that comes after this one by priority")
    if act == "moved" and before and after:
        return _("Changed from “%(before)s” to “%(after)s”", before=before, after=after)
    if act == "proposed" and after and facts.get("ahead"):
        return _(
            "Proposed instead, although another comes before it by priority: %(when)s, %(place)s",
            when=after,
            place=facts.get("place", ""),
        )
    if act == "proposed" and after:
        return _("Proposed instead: %(when)s, %(place)s", when=after, place=facts.get("place", ""))
    if act == "proposal_accepted" and after:
        return _("Proposal accepted: %(when)s, %(place)s", when=after, place=facts.get("place", ""))
    if act in ("requested", "approved_at_once") and facts.get("elsewhere_of"):
        return of_series_words(booking)
    if act == "recalled":
        told = recalled_words(recall_of(dict(facts)), booking)
        return _("For the quota of another organisation. %(what)s", what=told)
    if act == "proposal_lapsed" and facts.get("ended"):
        return _("Proposal left without an answer: it ends with the whole request")
    if act == "proposal_withdrawn" and facts.get("recalled"):
        return _("Proposal withdrawn: its slot is on a quota that was called back. The request waits again.")
    return due_words(booking) if act in ("cancelled", "refused", "expired") and facts.get("due") else ""


def _noted(facts: Mapping[str, Any], booking: Booking) -> str:
    try:
        span = Span(datetime.fromisoformat(facts["start"]), datetime.fromisoformat(facts["end"]))
    except (KeyError, ValueError):
        return ""
    number = int(facts.get("quantity", 1))
    count = quantity_words(booking.resource, number)
    if unit := facts.get("unit"):  # of a place that was proposed instead
        count = "" if unit == Unit.WHOLE else amount(unit, number)
    written = span_words(span, zone_of(booking))
    return _("%(when)s, %(quantity)s", when=written, quantity=count) if count else written
