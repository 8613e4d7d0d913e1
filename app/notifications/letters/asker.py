"""Letters to whoever asked for a booking: sent, accepted, refused, cancelled, ended, changed."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _

from app.accounts.words import person_name
from app.bookings.models import Booking
from app.bookings.rules import PENDING
from app.bookings.words import (
    asker_words,
    awaited_words,
    decided_by_words,
    over_hours_words,
    own_late_move_words,
    passed_over_words,
)
from app.catalogue.models import Approval
from app.notifications.letters.facts import (
    answer_by,
    ask_again,
    for_asker,
    kept,
    left_due,
    other_places,
    other_times,
    phone_of,
    see,
    subject,
    word_of_yes,
)
from app.notifications.letters.letter import Letter
from app.supply.chains.plan_words import unfit_words
from app.supply.chains.still_fit import unfit_beside


def requested(booking: Booking) -> Letter:
    """Confirm that a request has been sent, who answers and by when."""
    return Letter(
        subject=subject(_("Request sent: %(what)s, %(when)s"), booking),
        paragraphs=(_sent(booking), *_why_answered(booking), answer_by(booking), kept(booking)),
        facts=for_asker(booking),
        action=see(booking, _("See my request")),
        after=(_("You can change or cancel your request on that page, and write to the place."),),
    )


def approved(booking: Booking) -> Letter:
    """Say yes, with what the manager adds, and what to do if one cannot come."""
    owner = booking.resource.site.owner.name
    good_news = _("Good news: “%(owner)s” accepts your request. The slot is yours.", owner=owner)
    return Letter(
        subject=subject(_("Accepted: %(what)s, %(when)s"), booking),
        paragraphs=(
            good_news,
            *_moved_late(booking),
            *((word_of_yes([booking]),) if booking.reason else ()),
        ),
        quote=booking.reason,
        facts=for_asker(booking, *_answered(booking)),
        action=see(booking, _("See my booking")),
        after=_before_coming(),
    )


def half_approved(booking: Booking) -> Letter:
    """Say that one of two people has agreed, and that nothing is sure before the other has."""
    return Letter(
        subject=subject(_("One of two approvals: %(what)s, %(when)s"), booking),
        paragraphs=(
            _(
                "Good news: one of the two people who have to agree at “%(owner)s” has. "
                "Please do not count on the slot yet.",
                owner=booking.resource.site.owner.name,
            ),
            awaited_words(booking),
            answer_by(booking),
        ),
        facts=for_asker(booking),
        action=see(booking, _("See my request")),
    )


def approved_at_once(booking: Booking) -> Letter:
    """Confirm a booking that needs nobody's answer."""
    return Letter(
        subject=subject(_("Booked: %(what)s, %(when)s"), booking),
        paragraphs=(_("It is booked: the slot is yours. This place needs no answer from anybody."),),
        facts=for_asker(booking),
        action=see(booking, _("See my booking")),
        after=_before_coming(),
    )


def refused(booking: Booking) -> Letter:
    """Say no, with the manager's reason, and what can be done instead."""
    owner = booking.resource.site.owner.name
    return Letter(
        subject=subject(_("Request not accepted: %(what)s, %(when)s"), booking),
        paragraphs=(
            *_passed_over(booking),
            _("“%(owner)s” cannot accept your request this time. Here is the reason given:", owner=owner),
        ),
        quote=booking.reason,
        facts=for_asker(booking, *_answered(booking)),
        action=other_times(booking),
        after=(
            *left_due(booking),
            _(
                "Another time or another place may suit. You can also call the place to find a solution together."
            ),
        ),
        second=other_places(booking),
    )


def cancelled(booking: Booking) -> Letter:
    """Say that somebody else has cancelled the booking, why, and what can be done instead."""
    who = person_name(booking.decided_by.name) if booking.decided_by else booking.resource.site.owner.name
    return Letter(
        subject=subject(_("Cancelled: %(what)s, %(when)s"), booking),
        paragraphs=(_("%(name)s has cancelled your booking. Here is the reason given:", name=who),),
        quote=booking.reason,
        facts=for_asker(booking),
        action=other_times(booking),
        after=(
            _(
                "Please do not come at that time. If you counted on this place, call it: a solution may be found."
            ),
        ),
        second=other_places(booking),
    )


def expired(booking: Booking) -> Letter:
    """Say that nobody answered in time, and make it easy to ask again or to call."""
    return Letter(
        subject=subject(_("No answer in time: %(what)s, %(when)s"), booking),
        paragraphs=(
            _("“%(owner)s” has not answered in time. We are sorry.", owner=booking.resource.site.owner.name),
            _("Your request has ended by itself and the slot is no longer kept for you."),
            *left_due(booking),
            *_passed_over(booking),
            _quickest(booking),
        ),
        facts=for_asker(booking),
        action=ask_again(booking),
        second=other_places(booking),
    )


def moved(booking: Booking) -> Letter:
    """Confirm a change of time or quantity: it waits for an answer again, or is settled."""
    if booking.decision != PENDING:
        return Letter(
            subject=subject(_("Change confirmed: %(what)s, %(when)s"), booking),
            paragraphs=(
                _("Your booking has been changed. It is confirmed at the time below."),
                *_unfit(booking),
                *_moved_late(booking),
            ),
            facts=for_asker(booking),
            action=see(booking, _("See my booking")),
            after=_before_coming(),
        )
    return Letter(
        subject=subject(_("Change sent, waiting for an answer: %(what)s, %(when)s"), booking),
        paragraphs=(
            _("Your booking has been changed. The new time below has to be accepted again."),
            *_unfit(booking),
            *_moved_late(booking),
            answer_by(booking),
            kept(booking),
        ),
        facts=for_asker(booking),
        action=see(booking, _("See my request")),
    )


def _unfit(booking: Booking) -> tuple[str, ...]:
    """Say what is not fit any more for the chain that it is part of, why, and what to do."""
    found = unfit_beside(booking)
    if not found:
        return ()
    then = _(
        "Move it, or ask its place to propose something else, before it begins: see the page of the chain."
    )
    return *(unfit_words(leg.resource.name, reason) for leg, reason in found), then


def _passed_over(booking: Booking) -> tuple[str, ...]:
    """Say, where it was so, that another request was accepted out of turn, and why."""
    said = passed_over_words(booking)
    return (said,) if said else ()


def _moved_late(booking: Booking) -> tuple[str, ...]:
    """Say, where it was moved late, which time is given up and what stays due."""
    late = own_late_move_words(booking)
    return (late,) if late else ()


def undone(booking: Booking) -> Letter:
    """Say that the manager took the answer back, so that nobody counts on it."""
    owner = booking.resource.site.owner.name
    return Letter(
        subject=subject(_("The answer is taken back: %(what)s, %(when)s"), booking),
        paragraphs=(
            _one_less(owner)
            if booking.resource.approval == Approval.TWO_STEP
            else _("“%(owner)s” has just taken back the answer to your request.", owner=owner),
            *_why_answered(booking),
            _("Your request waits for an answer again. Please do not count on the slot yet."),
            answer_by(booking),
        ),
        facts=for_asker(booking),
        action=see(booking, _("See my request")),
    )


def inherited(booking: Booking) -> Letter:
    """Tell somebody that a booking of their organisation is theirs to look after from now on."""
    opening = _(
        "The person who looked after this booking of “%(organisation)s” has left, and chose you to look after it.",
        organisation=booking.organisation.name,
    )
    waits = booking.decision == PENDING
    return Letter(
        subject=subject(_("You now look after: %(what)s, %(when)s"), booking),
        paragraphs=(opening, answer_by(booking)) if waits else (opening,),
        facts=for_asker(booking),
        action=see(booking, _("See my request") if waits else _("See my booking")),
        after=(_("You can change or cancel it on that page, and write to the place."),),
    )


def _sent(booking: Booking) -> str:
    """Say that a request has been sent, and by whom where it was on behalf of others."""
    if booking.asked_as:
        return _("%(who)s: this request has been sent.", who=asker_words(booking))
    return _("Your request has been sent.")


def _answered(booking: Booking) -> tuple[tuple[str, str], ...]:
    """Say who answered where it was in somebody's place."""
    return ((_("Answered by"), decided_by_words(booking)),) if booking.decided_for else ()


def _why_answered(booking: Booking) -> tuple[str, ...]:
    """Say, where it is so, that two people have to agree, or why a manager has to answer at all."""
    if booking.resource.approval == Approval.TWO_STEP:
        return (awaited_words(booking),)
    why = over_hours_words(booking)
    return (why,) if why else ()


def _one_less(owner: str) -> str:
    return _("At “%(owner)s”, one of the people who answer has just taken their answer back.", owner=owner)


def _quickest(booking: Booking) -> str:
    phone = phone_of(booking.resource.site)
    if not phone:
        return _("You can send the same request again: the form is already filled in.")
    return _(
        "The quickest way is often to call: %(phone)s. You can also send the same request again.", phone=phone
    )


def _before_coming() -> tuple[str, ...]:
    return (
        _("How to come in is written on that page. For safety, no door code is ever sent by e-mail."),
        _("If you cannot come, please cancel on that page as early as you can: others need the place too."),
    )


LETTERS: Mapping[str, Callable[[Booking], Letter]] = {
    writer.__name__: writer
    for writer in (
        requested,
        approved,
        half_approved,
        approved_at_once,
        refused,
        cancelled,
        expired,
        moved,
        undone,
        inherited,
    )
}
