"""The page of one booking, for both sides: where it stands, what was said, and every act on it."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.places import commune_label
from app.accounts.queries import function_holders
from app.bookings import queries, service
from app.bookings.against import Against, against_dates
from app.bookings.arbitration import Comparison, compare_with
from app.bookings.beaten import is_beaten
from app.bookings.conduct import absences_of
from app.bookings.forms import MessageForm
from app.bookings.models import Booking, BookingMessage
from app.bookings.policy import BookingPermission as P
from app.bookings.policy import coordinates
from app.bookings.rules import APPROVED, DECISION, PENDING, USE, may_tell_absence
from app.bookings.service.agreeing import why_not_yes
from app.bookings.views import blueprint
from app.bookings.views.acts import BOOKING, Outcome, act, act_with_reason, first_of, refused_act, shows
from app.bookings.views.beaten import ways_out
from app.bookings.views.bundle_cards import part_of
from app.bookings.views.common import (
    Trouble,
    can_be_undone,
    seen,
)
from app.bookings.views.contest import ahead_words, heading, refusal_words
from app.bookings.views.elsewhere import elsewhere_context
from app.bookings.views.proposed import proposed, wait_url
from app.bookings.views.strip import around
from app.bookings.views.waiting import waiting_words
from app.bookings.waitlist import in_line_for
from app.bookings.words import (
    asker_words,
    author_words,
    awaited_words,
    booked_words,
    borrowed_words,
    confirmed_words,
    cost_words,
    history_words,
    message_text,
    moment,
    over_hours_words,
    own_late_move_words,
    queue_words,
    recall_notes,
    series_words,
    standing,
    terms_words,
    when_words,
)
from app.catalogue.models import Approval
from app.core import clock
from app.core.policy import Actor, can
from app.web.format import duration, number
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@blueprint.get("/reservations/<ref>")
@allowed(P.SEE, load=seen)
def show(booking: Booking) -> Response:
    """Show a booking to whoever has to do with it."""
    return booking_page(booking)


@blueprint.post("/reservations/<ref>/accepter")
@allowed(P.DECIDE, load=seen)
def approve(booking: Booking) -> Response:
    """Say yes."""
    note, is_free = request.form.get("reason", ""), bool(request.form.get("sans_frais"))
    return act(
        "approve",
        booking,
        lambda actor: service.approve(booking.id, actor, note, free_of_charge=is_free),
        lambda: _said_yes(queries.get_booking(booking.ref)),
        note,
    )


def _said_yes(booking: Booking) -> str:
    if booking.decision == PENDING:
        return _("Your approval is noted. One more is needed: whoever can give it is told by e-mail.")
    return _("Accepted. The requester is told by e-mail.")


@blueprint.post("/reservations/<ref>/refuser")
@allowed(P.DECIDE, load=seen)
def refuse(booking: Booking) -> Response:
    """Say no, with a reason."""
    return act_with_reason(
        "refuse", booking, service.refuse, _("Refused. The requester reads your reason by e-mail.")
    )


@blueprint.post("/reservations/<ref>/annuler")
@allowed(P.CANCEL, load=seen)
def cancel(booking: Booking) -> Response:
    """Give it up, from either side."""
    return act_with_reason(
        "cancel",
        booking,
        service.cancel,
        _("Cancelled. The other side is told by e-mail, the slot is free again."),
    )


@blueprint.post("/reservations/<ref>/absence")
@allowed(P.DECIDE, load=seen)
def tell_absence(booking: Booking) -> Response:
    """Note that nobody came."""
    note = request.form.get("reason", "")
    return act(
        "miss",
        booking,
        lambda actor: service.tell_absence(booking.id, actor, note),
        _("Noted. The organisation and the coordination are told by e-mail."),
        note,
    )


@blueprint.post("/reservations/<ref>/pardon")
@allowed(P.FORGIVE, load=seen)
def forgive_absence(booking: Booking) -> Response:
    """Let an absence count no longer, with a reason."""
    return act_with_reason(
        "forgive",
        booking,
        service.forgive_absence,
        _("Forgiven: it no longer counts. The organisation reads your reason by e-mail."),
    )


@blueprint.post("/reservations/<ref>/retablir")
@allowed(P.DECIDE, load=seen)
def undo(booking: Booking) -> Response:
    """Take a decision back within ten minutes."""
    return act(
        "undo",
        booking,
        lambda actor: service.undo(booking.id, actor),
        _("Decision taken back: the request waits for an answer again."),
    )


@blueprint.post("/reservations/<ref>/messages")
@allowed(P.TALK, load=seen)
def write(booking: Booking) -> Response:
    """Write to the other side."""
    form = MessageForm()
    typed = form.text.data or ""
    if not form.validate():
        return refused_act(booking, Trouble("write", booking.ref, first_of(form.text.errors), typed, 422))
    return act(
        "write",
        booking,
        lambda actor: service.write_message(booking.id, actor, typed),
        _("Message sent."),
        typed,
    )


# -- the page -----------------------------------------------------------------------------------------------


def booking_page(
    booking: Booking, *, said: str | None = None, done: str = "", trouble: Trouble | None = None
) -> Response:
    """Render a booking as the present reader may see it; after an act that was `done`, with the focus on its result."""
    return page(
        "bookings/show.html",
        "bookings/_show.html",
        status=trouble.status if trouble else 200,
        toast_message=said,
        done=done,
        trouble=trouble,
        **booking_context(booking),
    )


@shows(BOOKING)
def _again(booking: Booking, outcome: Outcome) -> Response:
    return booking_page(booking, said=outcome.said, done=outcome.done, trouble=outcome.trouble)


def booking_context(booking: Booking) -> dict[str, Any]:
    """Gather what the page of a booking shows to the present reader."""
    actor, waits = current_actor(), booking.decision == PENDING
    decides = can(actor, P.DECIDE, booking)
    against_yes = why_not_yes(booking, actor) if decides and waits else None
    proposal = proposed(booking, actor)
    beaten = waits and not decides and proposal is None and is_beaten(booking)
    dates = _waiting_dates(booking) if decides else None
    part = part_of(booking, actor)
    together = [*(dates.waiting if dates else ()), *(part["mine"] if part else ())]
    compared = compare_with(booking, *together) if decides else Comparison()
    contest, lost = compared.contest_of(booking), compared.lost.get(booking.id)
    return {
        "booking": booking,
        "resource": booking.resource,
        "site": booking.resource.site,
        "commune": commune_label(booking.resource.site.commune_code),
        "decides": decides,
        "proposal": proposal,
        "standing": proposal.standing
        if proposal
        else standing(
            booking,
            decides=decides,
            missing=missing_words(booking),
            can_agree=against_yes is None,
            is_beaten=beaten,
        ),
        "ways_out": ways_out(booking, actor)
        if beaten and booking.bundle_id is None and can(actor, P.CHANGE, booking)
        else [],
        "not_yes": explain(against_yes) if against_yes else "",
        "mediates": waits and not decides and coordinates(actor, booking),
        "facts_rows": fact_rows(booking),
        "acts": possible_acts(booking, actor, agrees=against_yes is None),
        "history_lines": [history_words(line, booking) for line in reversed(queries.history_of(booking.id))],
        "messages": [message_words(m, booking, actor) for m in queries.messages_of(booking.id)],
        "cancelling": terms_words(booking) if _may_cost(booking) and not decides else "",
        "late_move": own_late_move_words(booking) if waits and not decides else "",
        "absences": absences_of(booking.organisation_id) if decides else 0,
        "contest": heading(contest, lists_all=True) if contest else None,
        "suggestion": refusal_words(booking, lost) if lost else "",
        "ahead": ahead_words(compared, [booking]),
        "ahead_of_all": ahead_words(compared, together),
        "lost": lost is not None,
        "around": around([booking]).get(booking.id) if waits and decides else None,
        "recall": recall_notes(booking) if decides else [],
        "queue": queue_words(in_line_for(booking.resource_id, booking.span)) if decides else [],
        "wait_url": None if decides else wait_url(booking, actor, is_beaten=beaten),
        "shows_access": booking.decision == APPROVED,
        "when": when_words(booking.span, booking.resource.site.timezone),
        "series": _series_context(booking, dates),
        "part": part,
        "elsewhere": elsewhere_context(booking),
    }


def _may_cost(booking: Booking) -> bool:
    return bool(booking.late_percent or booking.moved_late_percent)


def _waiting_dates(booking: Booking) -> Against | None:
    """Look at the dates of a booking's series that wait; None for one that stands alone."""
    return against_dates([booking.series_id]).get(booking.series_id) if booking.series_id else None


def _series_context(booking: Booking, dates: Against | None) -> dict[str, Any] | None:
    """Gather what the page says of the series a booking belongs to; None for one that stands alone."""
    if booking.series is None:
        return None
    return {
        "ref": booking.series.ref,
        "words": series_words(booking.series),
        "waiting": len(dates.waiting) if dates else 0,
        "yes": waiting_words(dates, booking.series.timezone) if dates else None,
    }


def missing_words(booking: Booking) -> str:
    """Say whose yes is missing, with the names of those who could give it, or why a manager's is; empty elsewhere."""
    site_id = booking.resource.site_id
    if booking.decision != PENDING or booking.resource.approval != Approval.TWO_STEP:
        return over_hours_words(booking)
    return awaited_words(booking, function_holders([site_id]).get(site_id, ()))


def possible_acts(booking: Booking, actor: Actor, *, agrees: bool = True) -> dict[str, bool]:
    """Tell which acts the present reader can do now; `agrees` whether their yes would count."""
    over = booking.end_at <= clock.now()
    decides = can(actor, P.DECIDE, booking)
    return {
        "approve": decides and agrees and DECISION.allows("approve", booking.decision) and not over,
        "refuse": decides and DECISION.allows("refuse", booking.decision),
        "propose": can(actor, P.PROPOSE, booking)
        and DECISION.allows("propose", booking.decision)
        and not (booking.proposal or over),
        "undo": decides and can_be_undone(booking, actor),
        "undo_own": bool(booking.approvals),
        "change": can(actor, P.CHANGE, booking)
        and DECISION.allows("ask_again", booking.decision)
        and not over,
        "cancel": can(actor, P.CANCEL, booking) and DECISION.allows("cancel", booking.decision) and not over,
        "miss": decides
        and booking.decision == APPROVED
        and USE.allows("miss", booking.use)
        and may_tell_absence(booking.span, clock.now()),
        "forgive": USE.allows("forgive", booking.use) and can(actor, P.FORGIVE, booking),
        "talk": can(actor, P.TALK, booking),
        "repeat": can(actor, P.ASK, booking.resource) and booking.decision != PENDING,
    }


def fact_rows(booking: Booking) -> list[tuple[str, str, str]]:
    """List the facts of a booking, as the component shows them."""
    resource, tz = booking.resource, booking.resource.site.timezone
    rows = [
        (_("When"), when_words(booking.span, tz), "calendar"),
        (_("How long"), duration(booking.span.minutes), "clock"),
        (_("How many"), booked_words(booking), "users"),
        (_("Borrowed"), borrowed_words(booking), "users"),
        (_("For"), booking.organisation.name, "building"),
        (_("Asked by"), asker_words(booking), "user"),
        (_("People expected"), number(booking.people) if booking.people else "", "users"),
        (_("Driver"), confirmed_words(queries.licence_confirmed(booking)), "vehicle"),
        (_("Price"), cost_words(resource), "euro"),
        (_("Sent"), moment(booking.created_at, tz), "send"),
        (_("Number"), booking.ref, "file"),
    ]
    return [row for row in rows if row[1]]


def message_words(message: BookingMessage, booking: Booking, actor: Actor) -> dict[str, Any]:
    """Write a message of the talk as the component shows it."""
    return {
        "who": author_words(message),
        "when": moment(message.at, booking.resource.site.timezone),
        "iso": message.at.isoformat(timespec="seconds"),
        "text": message_text(message),
        "mine": message.author_id == actor.person_id,
    }
