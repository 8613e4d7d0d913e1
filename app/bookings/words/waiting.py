"""Waiting in words: for what, which place in line, what is offered and until when."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from app.bookings.models import Waiting
from app.bookings.rules import IN_LINE, LEFT, MISSED, OFFERED, TAKEN, TOLD, WAITS
from app.bookings.words.pieces import moment, quantity_words, when_words
from app.bookings.words.standing import Standing


def wanted_words(entry: Waiting) -> str:
    """Write what somebody waits for: when, and how many where that counts."""
    when = when_words(entry.span, entry.resource.site.timezone)
    if count := quantity_words(entry.resource, entry.quantity):
        return _("%(when)s, %(quantity)s", when=when, quantity=count)
    return when


def wait_line(entry: Waiting, place: int, href: str) -> dict[str, str]:
    """Write somebody's waiting as a line of "My bookings"; `place` is that in line (0: only to be told)."""
    name = entry.resource.name
    if entry.state == OFFERED and entry.expires_at:
        until = moment(entry.expires_at, entry.resource.site.timezone)
        label = _("%(resource)s is free: kept for you until %(moment)s", resource=name, moment=until)
        return {"label": label, "detail": wanted_words(entry), "href": href, "icon": "bell"}
    detail = _("%(slot)s. We write to you if it is freed.", slot=wanted_words(entry))
    if place:
        detail = _("%(slot)s. Place in line: %(place)s", slot=wanted_words(entry), place=place)
    return {"label": name, "detail": detail, "href": href, "icon": "hourglass" if place else "bell"}


def wait_standing(entry: Waiting, place: int, *, at_once: bool = True) -> Standing:
    """Say where somebody's waiting stands, and what happens next; `at_once`: taking an offer needs no answer."""
    tz = entry.resource.site.timezone
    match entry.state:
        case "waits":
            return _waits(entry, place, moment(entry.start_at, tz))
        case "offered":
            until = moment(entry.expires_at or entry.start_at, tz)
            by = _("Take it before %(moment)s. After that it is offered to the next in line.", moment=until)
            if not at_once:
                by = offer_to_answer_words(entry, until)
            return Standing(OFFERED, _("It is free: kept for you"), wanted_words(entry), by, "good")
        case "taken":
            return Standing(TAKEN, _("You have taken it"), wanted_words(entry), kind="good")
        case "missed":
            next_step = _("It was offered to the next in line. You can join the list again.")
            return Standing(MISSED, _("The offer is over"), next_step, kind="dim")
        case "told":
            next_step = _("We have written to you. It is kept for nobody: ask for it now.")
            return Standing(TOLD, _("It has been freed"), next_step, kind="good")
        case "left":
            return Standing(LEFT, _("You have left the list"), wanted_words(entry), kind="dim")
    return Standing(entry.state, _("The waiting is over"), _("The time you wanted has come."), kind="dim")


def offer_to_answer_words(entry: Waiting, until: str) -> str:
    """Say that what is offered still has to be asked for and answered by the place."""
    return _(
        "Ask for it before %(moment)s: it is kept for you until then, and “%(owner)s” still has to answer. "
        "Without your request it is offered to the next in line.",
        moment=until,
        owner=entry.resource.site.owner.name,
    )


def _waits(entry: Waiting, place: int, start: str) -> Standing:
    until = _("The waiting ends by itself when the slot begins: %(moment)s.", moment=start)
    if entry.mode != IN_LINE:
        next_step = _("You receive one e-mail. Nothing is kept: whoever asks first has it.")
        return Standing(WAITS, _("We write to you if it is freed"), next_step, until, "wait")
    next_step = _("If it is freed and your turn comes, it is kept for you for a while and we write to you.")
    return Standing(WAITS, _("Your place in line: %(place)s", place=place), next_step, until, "wait")


def offered_to_words(organisation: str, until: datetime, tz: str) -> str:
    """Say in a calendar for whom a slot is kept that was freed."""
    at = moment(until, tz)
    return _("Offered to %(name)s (waiting list) until %(moment)s", name=organisation, moment=at)


def queue_words(entries: Sequence[Waiting]) -> list[str]:
    """Write who is in line for a time, for whoever answers for the place."""
    return [_in_queue(each) for each in entries]


def _in_queue(entry: Waiting) -> str:
    name = entry.organisation.name if entry.organisation else ""
    what = wanted_words(entry)
    if entry.state == OFFERED and entry.expires_at:
        until = moment(entry.expires_at, entry.resource.site.timezone)
        return _(
            "%(organisation)s, %(what)s: offered until %(moment)s", organisation=name, what=what, moment=until
        )
    return _("%(organisation)s, %(what)s", organisation=name, what=what)
