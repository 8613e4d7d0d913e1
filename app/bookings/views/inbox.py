"""What a manager has to answer: the most urgent first, with all that helps to decide in place."""

from collections.abc import Mapping, Sequence
from typing import Any

from babel.lists import format_list
from flask import redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import ngettext as _n
from werkzeug.wrappers import Response

from app.accounts.words import person_name
from app.bookings import mediation, queries, service
from app.bookings.against import against_dates
from app.bookings.arbitration import Comparison, compare, in_turn
from app.bookings.asked import key_of
from app.bookings.bundles import Whole, wholes
from app.bookings.costs import MEASURES_AT_MOST, waiting_for_measures
from app.bookings.deposits import Held, waiting_deposits
from app.bookings.models import Booking, Proposal
from app.bookings.policy import BookingPermission as P
from app.bookings.policy import manages_site
from app.bookings.proposals import proposals_made
from app.bookings.rules import APPROVALS_NEEDED, APPROVED, PENDING, are_one_request
from app.bookings.turns import is_mine_to_decide
from app.bookings.views import blueprint
from app.bookings.views.acts import INBOX, Outcome, shows
from app.bookings.views.bundle_cards import as_one
from app.bookings.views.common import Trouble, can_be_undone, onward, page_of, reasons, shown_then
from app.bookings.views.contest import contest_words, headings
from app.bookings.views.costs_seen import costs_together
from app.bookings.views.elements import first_said, whole_words
from app.bookings.views.misfits import misfits_in
from app.bookings.views.request_cards import request_words
from app.bookings.views.strip import Around, around
from app.bookings.words import (
    Card,
    awaited_words,
    booking_line,
    decided_by_words,
    excerpt,
    moment,
    proposed_words,
)
from app.bookings.words.called import called
from app.bookings.words.deposits import to_do_words
from app.bookings.words.pieces import decider_words
from app.core.errors import DomainError
from app.core.policy import Actor, can
from app.web.guards import allowed
from app.web.htmx import wants_fragment
from app.web.identity import current_actor
from app.web.page import page

MOST_AT_ONCE = 50


@blueprint.get("/a-traiter")
@allowed(P.DECIDE_SOME)
def inbox() -> Response:
    """Show the requests that wait for the reader's answer."""
    return inbox_page()


@blueprint.post("/a-traiter")
@allowed(P.DECIDE_SOME)
def approve_several() -> Response:
    """Accept the ticked requests; each stands for itself, and those that could not be are told."""
    refs = list(dict.fromkeys(request.form.getlist("ref")))[:MOST_AT_ONCE]
    bookings = [b for b in queries.find_bookings(refs) if can(current_actor(), P.DECIDE, b)]
    if not bookings:
        return inbox_page(
            trouble=Trouble("batch", "", (_("Tick the requests you want to accept first."),), status=422)
        )
    done, failed = [], []
    for ref in [b.ref for b in bookings]:
        said = _approve(ref)
        (failed.append(said) if said else done.append(ref))
    sentence = _done_words(done)
    if failed:
        told = (sentence, *failed) if done else tuple(failed)
        return inbox_page(trouble=Trouble("batch", "", told, status=409))
    return inbox_page(said=sentence) if wants_fragment() else onward(sentence, url_for("bookings.inbox"))


def _done_words(refs: Sequence[str]) -> str:
    """Count what was accepted, and what waits for a second approval now."""
    half = sum(b.decision == PENDING for b in queries.find_bookings(refs))
    accepted = _n("%(num)s request accepted.", "%(num)s requests accepted.", len(refs) - half)
    if not half:
        return accepted
    waiting = _n(
        "%(num)s request waits for a second approval now.",
        "%(num)s requests wait for a second approval now.",
        half,
    )
    return waiting if half == len(refs) else _("%(taken)s %(what)s", taken=accepted, what=waiting)


def _approve(ref: str) -> str | None:
    """Accept one of several; give the sentence why not, or None."""
    booking, actor, seen = queries.get_booking(ref), current_actor(), shown_then()
    name = booking.organisation.name
    try:
        if booking.series_id and stands_for_series(booking, queries.waiting_dates([booking.series_id])):
            service.approve_series(booking.series_id, actor, seen=seen)
        elif booking.bundle_id:
            service.approve_legs(booking.bundle_id, actor, seen=seen)
        else:
            service.approve(booking.id, actor, seen=seen)
    except DomainError as error:
        why = " ".join(reasons(error, queries.get_booking(ref)))
        return _("%(organisation)s: %(reason)s", organisation=name, reason=why)
    return None


def stands_for_series(booking: Booking, waiting: Mapping[int, Sequence[Booking]]) -> bool:
    """Tell whether the card of a request stands for all dates of its series that wait."""
    return (
        booking.series is not None
        and booking.decision == PENDING
        and are_one_request(booking.series.state, len(waiting.get(booking.series.id, ())))
    )


@blueprint.get("/a-traiter/<ref>")
@allowed(P.DECIDE_SOME)
def inbox_of(ref: str) -> Response:
    """Lead old links to one request of the inbox to the booking's page."""
    return redirect(url_for("bookings.show", ref=ref), 303)


def inbox_page(*, said: str | None = None, trouble: Trouble | None = None) -> Response:
    """Render the inbox of the present reader."""
    return page(
        "bookings/inbox.html",
        "bookings/_inbox.html",
        status=trouble.status if trouble else 200,
        toast_message=said,
        trouble=trouble,
        **_context(),
    )


@shows(INBOX)
def _again(_booking: Booking, outcome: Outcome) -> Response:
    return inbox_page(said=outcome.said, trouble=outcome.trouble)


def _context() -> dict[str, Any]:
    actor = current_actor()
    in_territory = mediation.waiting_in_territory(actor)
    compared = compare(is_mine_to_decide(actor))
    shown = in_order(compared, queries.waiting_for(actor, compared.lost))
    return {
        "requests": _cards(shown, compared, actor),
        "total": max(len(shown), queries.count_waiting_for(actor)),
        "territory": [booking_line(b, href=page_of(b), note=_until(b)) for b in in_territory],
        "territory_total": territory_total(in_territory, actor),
        "others": others_words(queries.waiting_for_others(actor)),
        "proposed": [_proposed(proposal) for proposal in proposals_made(actor)],
        "to_measure": [
            booking_line(b, href=url_for("bookings.costs", ref=b.ref)) for b in waiting_for_measures(actor)
        ],
        "measures_at_most": MEASURES_AT_MOST,
        "deposits": [_deposit_card(held) for held in waiting_deposits(actor)],
        "decided": decided_words(queries.decided_lately(actor)),
    }


def _cards(shown: Sequence[Booking], compared: Comparison, actor: Actor) -> list[dict[str, Any]]:
    """Write what waits, each with all that its place should know to answer."""
    givers = queries.givers_of(actor)
    bundles = wholes(b.bundle_id for b in shown)
    names, misfits = called(bundles.values()), misfits_in(bundles.values(), actor)
    legs = [leg for whole in bundles.values() for leg in whole.waiting_for(actor)]
    near = around(list({b.id: b for b in (*shown, *legs)}.values()))
    all_legs = [leg for whole in bundles.values() for leg in whole.all_legs]
    said = queries.first_messages([*shown, *all_legs])
    keys = [key_of(b) for b in shown]
    against = against_dates({b.series_id for b in shown if b.series_id})
    dates = {number: each.waiting for number, each in against.items()}
    answered = {
        b.ref: dates[b.series_id or 0] if stands_for_series(b, dates) else _mine(b, bundles, actor) or [b]
        for b in shown
    }
    costs = costs_together(answered, actor)
    return [
        (
            legs_card(bundles[b.bundle_id], b, near, actor, names[b.bundle_id].part, misfits)
            if b.bundle_id in bundles
            else request_words(b, near.get(b.id), against[b.series_id or 0] if of_series else None)
            | {"deputy": deputy_words(b, actor, givers)}
        )
        | contest_words(b, compared, dates[b.series_id or 0] if of_series else _mine(b, bundles, actor))
        | {"cost": costs.get(b.ref, ""), "answers": answered[b.ref]}
        | {"message": excerpt(first_said(_together(b, bundles), actor, said))}
        | {"contests": headings(b, compared, keys[:number])}
        for number, b in enumerate(shown)
        for of_series in [stands_for_series(b, dates)]
    ]


def in_order(compared: Comparison, waiting: Sequence[Booking]) -> list[Booking]:
    """Put what waits in the order it is answered: what others got meanwhile, what is contested, then by deadline.

    What was lost last comes first, so that who has just said yes to one answers the others. What is answered as one
    stands there once, with the first of its dates or elements that is contested.
    """
    contested = in_turn(compared.contests)
    seen = {key_of(b) for b in contested}
    rest = [b for b in waiting if key_of(b) not in seen]
    lost = [b for b in rest if b.id in compared.lost]
    lost.sort(key=lambda b: compared.lost[b.id].at, reverse=True)
    alone = [b for b in rest if b.id not in compared.lost]
    first = [*lost, *contested]  # all of them: no contest is cut in two
    return [*first, *alone][: max(len(first), queries.INBOX_AT_MOST)]


def deputy_words(booking: Booking, actor: Actor, givers: Mapping[int, str]) -> str:
    """Say in whose place somebody answers a request; empty for who answers for the place themselves."""
    if manages_site(actor, booking):
        return ""
    names = [
        person_name(givers[each])
        for each in actor.delegations.get(booking.resource.site_id, ())
        if each in givers
    ]
    return (
        _("You answer by delegation of %(names)s.", names=format_list(names, locale=get_locale()))
        if names
        else ""
    )


def territory_total(shown: Sequence[Booking], actor: Actor) -> int:
    """Count what waits for managers of the territory; asked of the database only where not all of it is shown."""
    if len(shown) < mediation.TERRITORY_AT_MOST:
        return len(shown)
    return mediation.count_waiting_in_territory(actor)


def _until(booking: Booking) -> str:
    """Say who has to answer, and by when."""
    owner, by = booking.resource.site.owner.name, booking.expires_at
    if by is None:
        return _("%(owner)s has to answer.", owner=owner)
    at = moment(by, booking.resource.site.timezone)
    return _("%(owner)s has to answer before %(moment)s.", owner=owner, moment=at)


def _mine(booking: Booking, bundles: Mapping[int, Whole], actor: Actor) -> list[Booking]:
    """List the elements that the card of a leg answers at once; none where it is about this one alone."""
    whole = bundles.get(booking.bundle_id or 0)
    mine = whole.waiting_for(actor) if whole else []
    return mine if len(mine) > 1 else []


def _together(booking: Booking, bundles: Mapping[int, Whole]) -> Sequence[Booking]:
    """List what was asked for with a booking, itself included: its message was written once for all of it."""
    whole = bundles.get(booking.bundle_id or 0)
    return whole.all_legs if whole else [booking]


def legs_card(
    whole: Whole,
    booking: Booking,
    near: Mapping[int, Around],
    actor: Actor,
    part: str,
    misfits: Mapping[int, str],
) -> dict[str, Any]:
    """Write a leg as its manager answers it: alone, or with the other legs of its bundle that wait for them.

    `misfits` says of legs, by their ids, why they do not fit in it any more.
    """
    mine = whole.waiting_for(actor)
    elements = whole_words(whole, actor, mine, part) | {"propose_url": None}  # each of its own has its own
    if len(mine) < 2:
        return request_words(booking, near.get(booking.id), misfit=misfits.get(booking.id, "")) | elements
    words = {leg.id: request_words(leg, near.get(leg.id), misfit=misfits.get(leg.id, "")) for leg in mine}
    return as_one(whole, words, near, mine) | elements


def _proposed(proposal: Proposal) -> Card:
    """Write a request for which another slot is proposed: it is the asker's turn."""
    booking = proposal.booking
    until = moment(proposal.expires_at, proposal.resource.site.timezone)
    words = proposed_words(proposal)
    note = _("You proposed: %(what)s. They can answer before %(moment)s.", what=words, moment=until)
    return booking_line(booking, href=page_of(booking), note=note)


def _deposit_card(held: Held) -> Card:
    """Write a booking whose deposit somebody has to receive or to give back."""
    url = url_for("bookings.deposit", ref=held.booking.ref)
    return booking_line(held.booking, href=url, note=to_do_words(held))


def others_words(bookings: Sequence[Booking]) -> list[Card]:
    """Write what somebody else has to answer as cards: whose yes is missing, and one's own while it can be undone."""
    actor = current_actor()
    return [
        booking_line(b, href=page_of(b), undo=can_be_undone(b, actor), note=awaited_words(b))
        for b in bookings
    ]


def decided_words(bookings: Sequence[Booking]) -> list[Card]:
    """Write what was decided lately as cards, with who decided and whether it can be taken back."""
    yeses = [yes for b in bookings for yes in b.approvals]
    names = queries.people_names(number for yes in yeses for number in (yes.person_id, yes.for_id))
    return [
        booking_line(
            b,
            href=page_of(b),
            undo=can_be_undone(b, current_actor()),
            note=_(
                "Decided by %(name)s, %(moment)s",
                name=_deciders(b, names),
                moment=moment(b.decided_at or b.changed_at, b.resource.site.timezone),
            ),
        )
        for b in bookings
    ]


def _deciders(booking: Booking, names: Mapping[int, str]) -> str:
    """Name who decided: both, where two people have agreed."""
    if booking.decision != APPROVED or len(booking.approvals) < APPROVALS_NEEDED:
        return decided_by_words(booking)
    agreed = [decider_words(names[yes.person_id], names.get(yes.for_id or 0)) for yes in booking.approvals]
    return format_list(agreed, locale=get_locale())
