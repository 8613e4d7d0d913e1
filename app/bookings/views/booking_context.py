"""What the page of a booking shows to its present reader: facts, state, acts, and what each side weighs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from app.accounts.places import commune_label
from app.accounts.queries import function_holders
from app.bookings import queries
from app.bookings.against import Against, against_dates
from app.bookings.arbitration import Comparison, compare_with
from app.bookings.beaten import is_beaten
from app.bookings.conduct import absences_of
from app.bookings.fitting import Wanted
from app.bookings.models import Booking, BookingMessage
from app.bookings.policy import BookingPermission as P
from app.bookings.policy import acts_for_asker, coordinates
from app.bookings.rules import APPROVED, DECISION, PENDING, USE, goes_on, may_tell_absence
from app.bookings.service.agreeing import why_not_yes
from app.bookings.service.under_way import has_begun
from app.bookings.views.beaten import ways_out
from app.bookings.views.bundle_cards import part_of
from app.bookings.views.common import (
    can_be_undone,
)
from app.bookings.views.contest import ahead_words, heading, refusal_words
from app.bookings.views.costs_seen import CostSeen, cost_seen, fee_of
from app.bookings.views.deposit import deposit_of
from app.bookings.views.elsewhere import elsewhere_context
from app.bookings.views.estimated import proposal_cost
from app.bookings.views.misfits import misfit_of_offer
from app.bookings.views.proposed import Proposed, proposed, wait_url
from app.bookings.views.strip import around
from app.bookings.views.waiting import waiting_words
from app.bookings.waitlist import in_line_for
from app.bookings.words import (
    Standing,
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
    passed_over_words,
    percent_if_given_up,
    queue_words,
    recall_notes,
    series_words,
    standing,
    terms_words,
    when_words,
)
from app.catalogue.models import Approval
from app.core import clock
from app.core.errors import DomainError
from app.core.policy import Actor, can
from app.web.format import duration, money, number
from app.web.identity import current_actor
from app.web.words import explain


@dataclass(frozen=True)
class Reader:
    """Who looks at a booking, and what its state means for them."""

    actor: Actor
    decides: bool
    waits: bool
    against_yes: DomainError | None  # why a yes of theirs would not count
    proposal: Proposed | None
    is_beaten: bool  # it waits, and its time has gone to others


def _reader_of(booking: Booking) -> Reader:
    actor, waits = current_actor(), booking.decision == PENDING
    decides = can(actor, P.DECIDE, booking)
    proposal = proposed(booking, actor)
    if proposal and proposal.may_answer:
        rows = [*proposal.rows, *proposal_cost(booking, actor)]
        proposal = replace(proposal, rows=rows, misfit=_misfit_of(booking, actor))
    beaten = waits and not decides and proposal is None and is_beaten(booking)
    against_yes = why_not_yes(booking, actor) if decides and waits else None
    return Reader(actor, decides, waits, against_yes, proposal, beaten)


def _misfit_of(booking: Booking, actor: Actor) -> str:
    offer = booking.proposal
    wanted = Wanted(offer.resource_id, offer.span, offer.quantity) if offer else None
    return misfit_of_offer(booking, wanted, actor) if wanted else ""


def booking_context(booking: Booking) -> dict[str, Any]:
    """Gather what the page of a booking shows to the present reader."""
    reader = _reader_of(booking)
    dates = _waiting_dates(booking) if reader.decides else None
    part = part_of(booking, reader.actor)
    together = [*(dates.waiting if dates else ()), *(part["mine"] if part else ())]
    return {
        **_plain_context(booking, reader.actor),
        **_state_context(booking, reader),
        **_deciding_context(booking, reader, together),
        **_asking_context(booking, reader),
        "series": _series_context(booking, dates),
        "part": part,
        "elsewhere": elsewhere_context(booking),
    }


def _plain_context(booking: Booking, actor: Actor) -> dict[str, Any]:
    """Gather what both sides read alike: the facts, what was said and what happened."""
    site, cost = booking.resource.site, cost_seen(booking, actor)
    return {
        "booking": booking,
        "resource": booking.resource,
        "site": site,
        "commune": commune_label(site.commune_code),
        "when": when_words(booking.span, site.timezone),
        "facts_rows": fact_rows(booking, cost),
        "history_lines": [history_words(line, booking) for line in reversed(queries.history_of(booking.id))],
        "messages": [message_words(m, booking, actor) for m in queries.messages_of(booking.id)],
        "shows_access": booking.decision == APPROVED,
        "costs_url": cost.url if cost else "",
        "deposit": deposit_of(booking),
    }


def _state_context(booking: Booking, reader: Reader) -> dict[str, Any]:
    """Say where the booking stands, and what the reader can do about it."""
    agrees, proposal = reader.against_yes is None, reader.proposal
    return {
        "decides": reader.decides,
        "mediates": reader.waits and not reader.decides and coordinates(reader.actor, booking),
        "proposal": proposal,
        "standing": proposal.standing if proposal else _own_standing(booking, reader),
        "not_yes": explain(reader.against_yes) if reader.against_yes else "",
        "acts": possible_acts(booking, reader.actor, agrees=agrees),
    }


def _own_standing(booking: Booking, reader: Reader) -> Standing:
    return standing(
        booking,
        decides=reader.decides,
        missing=missing_words(booking),
        can_agree=reader.against_yes is None,
        is_beaten=reader.is_beaten,
    )


def _deciding_context(booking: Booking, reader: Reader, together: Sequence[Booking]) -> dict[str, Any]:
    """Gather what whoever decides looks at before a yes, which may be one to several `together`."""
    decides = reader.decides
    compared = compare_with(booking, *together) if decides else Comparison()
    contest, lost = compared.contest_of(booking), compared.lost.get(booking.id)
    return {
        "contest": heading(contest, lists_all=True) if contest else None,
        "lost": lost is not None,
        "suggestion": refusal_words(booking, lost) if lost else "",
        "ahead": ahead_words(compared, [booking]),
        "ahead_of_all": ahead_words(compared, together),
        "around": around([booking]).get(booking.id) if reader.waits and decides else None,
        "recall": recall_notes(booking) if decides else [],
        "queue": queue_words(in_line_for(booking.resource_id, booking.span)) if decides else [],
        "absences": absences_of(booking.organisation_id) if decides else 0,
    }


def _asking_context(booking: Booking, reader: Reader) -> dict[str, Any]:
    """Gather what the asking side weighs: what giving up would cost, other ways, waiting for it."""
    asks = not reader.decides
    may_owe = acts_for_asker(reader.actor, booking) and _may_cost(booking)
    may_move = reader.is_beaten and booking.bundle_id is None and can(reader.actor, P.CHANGE, booking)
    return {
        "cancelling": _cancelling(booking) if may_owe else "",
        "late_move": own_late_move_words(booking) if asks and reader.waits else "",
        "passed_over": passed_over_words(booking) if asks else "",
        "ways_out": ways_out(booking, reader.actor) if may_move else [],
        "wait_url": wait_url(booking, reader.actor, is_beaten=reader.is_beaten) if asks else None,
    }


def _cancelling(booking: Booking) -> str:
    """Say what cancelling costs, in euros where that is reckoned; nothing where nothing would stay due."""
    percent = percent_if_given_up(booking)
    fee = fee_of(booking, percent) if percent else None
    if fee is not None and not fee.cents and not fee.is_open:
        return ""
    return terms_words(booking, money(fee.cents, fee.currency) if fee else "")


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
        "dates": dates.waiting if dates else (),
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
    open_to_change = goes_on(booking.use, booking.end_at, clock.now())
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
        and open_to_change,
        "cancel": can(actor, P.CANCEL, booking)
        and DECISION.allows("cancel", booking.decision)
        and open_to_change
        and not (has_begun(booking) and acts_for_asker(actor, booking)),
        "miss": decides
        and booking.decision == APPROVED
        and USE.allows("miss", booking.use)
        and may_tell_absence(booking.span, clock.now()),
        "forgive": USE.allows("forgive", booking.use) and can(actor, P.FORGIVE, booking),
        "talk": can(actor, P.TALK, booking),
        "repeat": can(actor, P.ASK, booking.resource) and booking.decision != PENDING,
    }


def fact_rows(booking: Booking, cost: CostSeen | None) -> list[tuple[str, str, str]]:
    """List the facts of a booking, as the component shows them: what it costs itself, where that is reckoned."""
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
        (_("Price"), cost.words if cost else cost_words(resource), "euro"),
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
