"""Letters to whoever answers for a place: a request to answer, a change, a slot given up, a booking made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _

from app.bookings.models import Booking
from app.bookings.queries import last_reason
from app.bookings.rules import REMINDER_AFTER
from app.bookings.words import moved_late_words, of_series_words
from app.notifications.letters.facts import for_manager, left_due, see, short, subject
from app.notifications.letters.letter import Letter, Link, instant, link
from app.web.format import duration


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What helps to decide: who else comes around that time, what stands in the way, what was written, who agrees."""

    neighbours: Sequence[str] = ()
    conflicts: Sequence[str] = ()
    words: str = ""
    missing: str = ""  # whose yes, where two people have to agree
    givers: Sequence[str] = ()  # in whose place the reader answers


def to_answer(booking: Booking, near: Surroundings, secret: str | None) -> Letter:
    """Ask for an answer to a new request; without `secret` the reader may only find somebody who can answer."""
    opening = _(
        "“%(organisation)s” asks for “%(resource)s” and waits for an answer.",
        organisation=booking.organisation.name,
        resource=booking.resource.name,
    )
    pattern = _("To answer: %(organisation)s, %(what)s, %(when)s")
    return _decision(booking, near, secret, pattern, opening)


def to_answer_again(booking: Booking, near: Surroundings, secret: str | None) -> Letter:
    """Ask for an answer to a request whose time or quantity has changed."""
    opening = _(
        "The booking of “%(resource)s” by “%(organisation)s” has changed: only the time below counts now. "
        "It waits for an answer.",
        organisation=booking.organisation.name,
        resource=booking.resource.name,
    )
    pattern = _("Changed, to answer: %(organisation)s, %(what)s, %(when)s")
    return _decision(booking, near, secret, pattern, opening)


def to_answer_second(booking: Booking, near: Surroundings, secret: str | None) -> Letter:
    """Ask for the second yes of two: somebody else has given the first."""
    opening = _(
        "Somebody else has agreed to the request of “%(organisation)s” for “%(resource)s”. "
        "It still needs your approval.",
        organisation=booking.organisation.name,
        resource=booking.resource.name,
    )
    pattern = _("Second approval awaited: %(organisation)s, %(what)s, %(when)s")
    return _decision(booking, replace(near, missing=""), secret, pattern, opening)  # it says so already


def to_answer_reminder(booking: Booking, near: Surroundings, secret: str | None) -> Letter:
    """Remind of a yes that has been awaited for days."""
    opening = _(
        "The request of “%(organisation)s” for “%(resource)s” has been waiting for %(length)s. "
        "It needs your approval, or your refusal with a reason.",
        length=duration(REMINDER_AFTER),
        organisation=booking.organisation.name,
        resource=booking.resource.name,
    )
    pattern = _("Reminder, approval awaited: %(organisation)s, %(what)s, %(when)s")
    return _decision(booking, near, secret, pattern, opening)


def proposal_declined(booking: Booking, near: Surroundings, secret: str | None) -> Letter:
    """Ask for an answer to a request whose asker would not have what was proposed instead."""
    opening = _(
        "“%(organisation)s” cannot take what was proposed instead of “%(resource)s”. Their request, below, waits for "
        "an answer again.",
        organisation=booking.organisation.name,
        resource=booking.resource.name,
    )
    words = last_reason(booking.id, "proposal_declined")
    pattern = _("Proposal declined, to answer: %(organisation)s, %(what)s, %(when)s")
    return _decision(booking, replace(near, words=words), secret, pattern, opening)


def proposal_unanswered(booking: Booking, near: Surroundings, secret: str | None) -> Letter:
    """Ask for an answer to a request whose asker did not answer what was proposed instead."""
    opening = _(
        "“%(organisation)s” has not answered in time what was proposed instead of “%(resource)s”: that slot is free "
        "again. Their request, below, waits for an answer.",
        organisation=booking.organisation.name,
        resource=booking.resource.name,
    )
    pattern = _("Proposal without an answer, to answer: %(organisation)s, %(what)s, %(when)s")
    return _decision(booking, near, secret, pattern, opening)


def booked(booking: Booking) -> Letter:
    """Tell of a booking that needed no answer."""
    opening = _(
        "“%(organisation)s” has booked “%(resource)s”. You have nothing to do: this place is booked without an answer.",
        organisation=booking.organisation.name,
        resource=booking.resource.name,
    )
    pattern = _("New booking: %(organisation)s, %(what)s, %(when)s")
    return _news(booking, pattern, opening, *_of_series(booking))


def booked_otherwise(booking: Booking) -> Letter:
    """Tell of a change that needed no answer."""
    opening = _(
        "The booking of “%(resource)s” by “%(organisation)s” has changed: the new time is below. "
        "You have nothing to do.",
        organisation=booking.organisation.name,
        resource=booking.resource.name,
    )
    pattern = _("Booking changed: %(organisation)s, %(what)s, %(when)s")
    return _news(booking, pattern, opening, *_moved_late(booking))


def given_up(booking: Booking) -> Letter:
    """Tell that a slot is free again, and why."""
    opening = _(
        "The booking of “%(resource)s” by “%(organisation)s” is cancelled: the slot is free again. "
        "You have nothing to do.",
        organisation=booking.organisation.name,
        resource=booking.resource.name,
    )
    pattern = _("Cancelled: %(organisation)s, %(what)s, %(when)s")
    due = left_due(booking)
    return _news(booking, pattern, opening, *due, _("Here is the reason given:"), quote=booking.reason)


def unanswered(booking: Booking) -> Letter:
    """Tell that a request ended because nobody answered it."""
    opening = _(
        "Nobody answered the request of “%(organisation)s” for “%(resource)s” in time. It has ended by itself, "
        "the slot is free again, and they know.",
        organisation=booking.organisation.name,
        resource=booking.resource.name,
    )
    pattern = _("Ended without an answer: %(organisation)s, %(what)s, %(when)s")
    help_yet = _("If you can still help, a phone call does good.")
    return _news(booking, pattern, opening, *left_due(booking), help_yet)


def other_contact(booking: Booking) -> Letter:
    """Tell that somebody else of the organisation looks after a booking."""
    opening = _(
        "The booking of “%(resource)s” by “%(organisation)s” stays as it is. Only the person to call has changed: "
        "their name and number are below. You have nothing to do.",
        organisation=booking.organisation.name,
        resource=booking.resource.name,
    )
    pattern = _("New person to call: %(organisation)s, %(what)s, %(when)s")
    return _news(booking, pattern, opening)


def _decision(booking: Booking, near: Surroundings, secret: str | None, pattern: str, opening: str) -> Letter:
    wrote = (_("They write:"),) if near.words else ()
    missing = (near.missing,) if near.missing else ()
    return Letter(
        subject=_subject(pattern, booking),
        paragraphs=(
            opening,
            *_of_series(booking),
            *_moved_late(booking),
            *deputy(near.givers),
            *missing,
            *(() if secret else _nobody_manages()),
            *near.conflicts,
            *wrote,
        ),
        quote=near.words,
        facts=for_manager(booking, (_("Around that time"), "\n".join(near.neighbours) or _("Nobody else"))),
        action=_answer(booking, secret),
        after=(_by_when(booking), *_about_link()) if secret else (_without_answer(booking),),
        second=link(_("See all that waits for me"), "bookings.inbox") if secret else _name_somebody(booking),
    )


def _of_series(booking: Booking) -> tuple[str, ...]:
    """Say of which series it is a date, where that takes place elsewhere."""
    return (of_series_words(booking),) if booking.elsewhere_of else ()


def _moved_late(booking: Booking) -> tuple[str, ...]:
    """Say that it was moved when giving its time up already cost something, where it was."""
    late = moved_late_words(booking)
    return (late,) if late else ()


def deputy(givers: Sequence[str]) -> tuple[str, ...]:
    """Say in whose place the reader answers, where it is so."""
    if not givers:
        return ()
    return (_("You answer by delegation of %(names)s.", names=format_list(givers, locale=get_locale())),)


def _answer(booking: Booking, secret: str | None) -> Link:
    if secret is None:
        return see(booking, _("See the request"))
    return link(_("See the request and answer"), "bookings.decide_by_link_page", token=secret)


def _by_when(booking: Booking) -> str:
    if booking.expires_at is None:
        return _("Please answer as soon as you can.")
    return _(
        "Please answer before %(moment)s. After that the request ends by itself.",
        moment=instant(booking.expires_at, booking.resource.site.timezone),
    )


def _without_answer(booking: Booking) -> str:
    if booking.expires_at is None:
        return _("Please answer as soon as you can.")
    return _(
        "Without an answer before %(moment)s the request ends by itself.",
        moment=instant(booking.expires_at, booking.resource.site.timezone),
    )


def _about_link() -> tuple[str, ...]:
    return (
        _(
            "You can accept or refuse on the page that opens, without signing in. "
            "Nothing is decided before you press a button there."
        ),
        _("The link is for you alone: whoever has it can answer in your name. Please do not forward it."),
    )


def _nobody_manages() -> tuple[str, ...]:
    return (_("Nobody manages this place yet, so nobody can answer. Please name a manager."),)


def _name_somebody(booking: Booking) -> Link:
    return link(_("Say who manages this place"), "catalogue.manage_site", slug=booking.resource.site.slug)


def _news(booking: Booking, pattern: str, *paragraphs: str, quote: str = "") -> Letter:
    return Letter(
        subject=_subject(pattern, booking),
        paragraphs=paragraphs,
        quote=quote,
        facts=for_manager(booking),
        action=see(booking, _("See the booking")),
    )


def _subject(pattern: str, booking: Booking) -> str:
    return subject(pattern, booking, organisation=short(booking.organisation.name))


ASKING: Mapping[str, Callable[[Booking, Surroundings, str | None], Letter]] = {
    writer.__name__: writer
    for writer in (
        to_answer,
        to_answer_again,
        to_answer_second,
        to_answer_reminder,
        proposal_declined,
        proposal_unanswered,
    )
}
NEWS: Mapping[str, Callable[[Booking], Letter]] = {
    writer.__name__: writer for writer in (booked, booked_otherwise, given_up, unanswered, other_contact)
}
