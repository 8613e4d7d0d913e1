"""Letters about a request for several resources: told once for an act, and always of the whole as it stands now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.accounts.words import person_name
from app.bookings.bundles import Whole
from app.bookings.models import Booking, Bundle
from app.bookings.rules import APPROVED, CANCELLED, EXPIRED, PENDING, BundleState
from app.bookings.words import accepted_words, leg_when, legs_words, names_words
from app.bookings.words.called import called_one
from app.notifications.letters.facts import phone_of, short
from app.notifications.letters.letter import Letter, Link, instant, link, rows
from app.web.format import number

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a letter tells of: the whole, the legs that are its reader's to answer, what was written with them."""

    whole: Whole
    mine: Sequence[Booking] = ()
    words: str = ""
    secret: str | None = None  # of the link by which the reader answers
    conflicts: Sequence[str] = ()

    @property
    def bundle(self) -> Bundle:
        """Give the bundle itself."""
        return self.whole.bundle


# -- to whoever asked ---------------------------------------------------------------------------------------


def bundle_requested(told: Told) -> Letter:
    """Confirm that everything is asked for, who answers and by when."""
    size = legs_words(len(told.whole.legs))
    return _to_asker(
        told,
        _("Request sent: %(names)s, %(size)s", names=_names(told.whole.legs), size=size),
        _("Your request for %(size)s has been sent. Each place answers for what is its own.", size=size),
        *_until(told.whole),
        _("We write to you when answers come. What is accepted stays yours while the rest waits."),
    )


def bundle_news(told: Told) -> Letter | None:
    """Say how far the request has come, and what is to be done about it."""
    names, whole = _names(told.whole.shown), told.whole
    match whole.state:
        case BundleState.ACCEPTED:
            return _to_asker(
                told,
                _("Everything is accepted: %(names)s", names=names),
                _("Good news: all that you asked for together is accepted."),
                _("How to come in is written on the page of each element, never in an e-mail."),
            )
        case BundleState.WAITING:
            return _to_asker(
                told,
                _("%(accepted)s: %(names)s", accepted=accepted_words(whole), names=names),
                _(
                    "Your request goes on: %(accepted)s. The others still wait.",
                    accepted=accepted_words(whole),
                ),
                *_until(whole),
                _("Nothing is to be done: what is accepted stays yours while the answers come."),
            )
        case BundleState.TO_FIX:
            return _to_fix(told, names)
        case BundleState.GIVEN_UP:
            return _to_asker(
                told,
                _("Request given up: %(names)s", names=names),
                _("Your request has been given up. Please do not come at these times."),
            )
    return None


def _to_fix(told: Told, names: str) -> Letter:
    lost = len(told.whole.to_fix)
    opening = _n(
        "%(num)s element of your request cannot be had; %(accepted)s.",
        "%(num)s elements of your request cannot be had; %(accepted)s.",
        lost,
        accepted=accepted_words(told.whole),
    )
    heading, label = _("To complete: %(names)s", names=names), _("See what is free instead")
    return _to_asker(told, heading, opening, _rest(told.whole), label=label)


def _rest(whole: Whole) -> str:
    """Say what becomes of the other elements, and what can be done about those that are lost."""
    if until := _end_of(whole):
        return _(
            "The rest waits until %(moment)s, all of it as one. See what is free instead and choose with one click: "
            "every place then has its time to answer anew. Or go on without it, or give everything up.",
            moment=until,
        )
    if whole.accepted:
        return _(
            "What is accepted stays yours, even if it is of little use alone. See what is free instead and choose "
            "with one click, go on without it, or give everything up so that others can use it."
        )
    return _(
        "Nothing is kept for you any more. See what is free instead and choose with one click, or give everything up."
    )


def _until(whole: Whole) -> tuple[str, ...]:
    """Say until when all that waits of a request is kept as one."""
    until = _end_of(whole)
    if not until:
        return ()
    return (
        _("Every answer is due before %(moment)s. What still waits then ends, all at once.", moment=until),
    )


def _end_of(whole: Whole) -> str:
    if whole.ends_at is None:
        return ""
    return instant(whole.ends_at, whole.waiting[0].resource.site.timezone)


def _to_asker(told: Told, heading: str, *paragraphs: str, label: str = "") -> Letter:
    bundle = told.bundle
    return Letter(
        subject=heading,
        paragraphs=paragraphs,
        facts=rows(
            *((leg.resource.name, _standing(leg)) for leg in told.whole.shown),
            (_("The hand-over"), _handover(told.whole)),
            (_("For"), bundle.organisation.name),
            (_("What for"), bundle.purpose),
            (_("Number"), bundle.ref),
        ),
        action=_see(bundle, label or _("See my request")),
    )


def _handover(whole: Whole) -> str:
    """Say when what comes of a request is handed over; empty where nothing was said, or nothing is wanted any more."""
    at = whole.bundle.handover_at
    return instant(at, whole.legs[-1].resource.site.timezone) if at and whole.legs else ""


def _standing(leg: Booking) -> str:
    """Say of a leg when it is and where it stands, with somebody to call."""
    site = leg.resource.site
    lines = [leg_when(leg), _state(leg)]
    if phone := phone_of(site):
        lines.append(_("%(place)s, phone %(phone)s", place=site.name, phone=phone))
    return "\n".join(lines)


def _state(leg: Booking) -> str:
    owner = leg.resource.site.owner.name
    if leg.decision == APPROVED:
        said = _("Accepted: it is yours. “%(reason)s”", reason=leg.reason)
        return said if leg.reason else _("Accepted: it is yours")
    if leg.decision == PENDING and leg.expires_at:
        return _("Waits for the answer of “%(owner)s”", owner=owner)
    if leg.decision == PENDING:
        return _("“%(owner)s” proposes something else: it is your turn to answer", owner=owner)
    if leg.decision == EXPIRED:
        return _("“%(owner)s” has not answered in time", owner=owner)
    if leg.decision == CANCELLED:
        return _("Cancelled: “%(reason)s”", reason=leg.reason)
    return _("“%(owner)s” cannot accept it: “%(reason)s”", owner=owner, reason=leg.reason)


# -- to whoever answers for a place -------------------------------------------------------------------------


def bundle_to_answer(told: Told) -> Letter:
    """Ask for one answer to all legs that are the reader's; without a secret they may only find who can answer."""
    opening = _(
        "“%(organisation)s” asks for %(size)s of yours and waits for your answer.",
        organisation=told.bundle.organisation.name,
        size=legs_words(len(told.mine)),
    )
    wrote = (_("They write:"),) if told.words else ()
    by_when: tuple[str, ...] = (_by_when(told.mine),)
    answer = _see(told.bundle, _("See the request"))
    if told.secret:
        answer = link(_("See the request and answer"), "bookings.decide_by_link_page", token=told.secret)
        how = _(
            "You can accept or refuse all of them on the page that opens, without signing in. To answer one element "
            "alone, sign in and open the request. The link is for you alone: please do not forward it."
        )
        by_when = (*by_when, how)
    heading = _("To answer: %(organisation)s, %(names)s")
    return Letter(
        subject=_heading(heading, told),
        paragraphs=(opening, called_one(told.whole).told, *told.conflicts, *wrote),
        quote=told.words,
        facts=_for_manager(told),
        action=answer,
        after=by_when,
        second=_see(told.bundle, _("See the whole request")),
    )


def _by_when(legs: Sequence[Booking]) -> str:
    first = min(
        (leg for leg in legs if leg.expires_at), key=lambda leg: leg.expires_at or leg.start_at, default=None
    )
    if first is None or first.expires_at is None:
        return _("Please answer as soon as you can.")
    by = instant(first.expires_at, first.resource.site.timezone)
    return _("Please answer before %(moment)s. After that the request ends by itself.", moment=by)


def bundle_booked_here(told: Told) -> Letter:
    """Tell of legs that needed no answer."""
    opening = _("The elements below are booked. You have nothing to do: they are booked without an answer.")
    return _news(told, _("New booking: %(organisation)s, %(names)s"), opening)


def bundle_given_up(told: Told) -> Letter:
    """Tell that the slots of some legs are free again, and why."""
    opening = _("The elements below are cancelled: the slots are free again. Here is the reason given:")
    return _news(told, _("Cancelled: %(organisation)s, %(names)s"), opening, quote=told.mine[-1].reason)


def bundle_unanswered(told: Told) -> Letter:
    """Tell that legs ended because nobody answered."""
    opening = _(
        "Nobody answered in time: the elements below have ended, the slots are free again, and they know."
    )
    return _news(told, _("Ended without an answer: %(organisation)s, %(names)s"), opening)


def _news(told: Told, pattern: str, opening: str, *, quote: str = "") -> Letter:
    return Letter(
        subject=_heading(pattern, told),
        paragraphs=(opening,),
        quote=quote,
        facts=_for_manager(told),
        action=_see(told.bundle, _("See the whole request")),
    )


def _for_manager(told: Told) -> Rows:
    bundle = told.bundle
    return rows(
        *((leg.resource.name, leg_when(leg)) for leg in told.mine),
        (_("The hand-over"), _handover(told.whole)),
        (_("For"), bundle.organisation.name),
        (_("What for"), bundle.purpose),
        (_("People expected"), number(bundle.people) if bundle.people else ""),
        (_("Asked by"), person_name(bundle.requester.name)),
        (_("Their phone"), bundle.requester.phone or bundle.organisation.phone),
        (_("Number"), bundle.ref),
    )


def _heading(pattern: str, told: Told) -> str:
    return pattern % {"organisation": short(told.bundle.organisation.name), "names": _names(told.mine)}


def _names(legs: Sequence[Booking]) -> str:
    return short(names_words(legs))


def _see(bundle: Bundle, label: str) -> Link:
    return link(label, "bookings.bundle", bundle_ref=bundle.ref)


LETTERS: Mapping[str, Callable[[Told], Letter | None]] = {
    writer.__name__: writer
    for writer in (
        bundle_requested, bundle_news, bundle_to_answer, bundle_booked_here, bundle_given_up, bundle_unanswered,
    )
}  # fmt: skip
