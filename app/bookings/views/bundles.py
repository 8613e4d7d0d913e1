"""A request for several resources: where each element stands, and the acts on several of them or in place of one."""

from collections.abc import Callable, Collection
from typing import Any

from flask import current_app, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.availability.asking import read_slot
from app.availability.errors import SlotRefused
from app.availability.policy import TimePermission
from app.availability.queries import get_terms
from app.availability.shown import get_shown
from app.availability.words import refusal_sentence
from app.bookings import queries, service
from app.bookings.arbitration import compare_with
from app.bookings.bundle_forms import HandoverForm
from app.bookings.bundles import Whole, get_bundle
from app.bookings.costs import find_costs
from app.bookings.errors import BookingNotFound
from app.bookings.forms import ReasonForm
from app.bookings.licence import confirmed_in
from app.bookings.models import Booking, Bundle
from app.bookings.policy import BookingPermission as P
from app.bookings.policy import asked_it, coordinates, deals_with, is_party, named_among
from app.bookings.rules import APPROVED, LIVE, PENDING, BundleState
from app.bookings.views import blueprint
from app.bookings.views.acts import BUNDLE, Outcome, act, refused_act, shows
from app.bookings.views.common import Trouble, came_from_inbox, onward, page_of_bundle, seen, shown_then
from app.bookings.views.contest import told_of
from app.bookings.views.costs_seen import bundle_cost_seen
from app.bookings.views.draft import read_part
from app.bookings.views.dressed import Dress, dress_of
from app.bookings.views.elements import element_words, first_said
from app.bookings.views.instead import Instead, instead_of, tick_of
from app.bookings.views.proposed import proposed
from app.bookings.words import (
    accept_words,
    answered_words,
    bundle_seen_beside,
    bundle_seen_by_place,
    bundle_standing,
    handover_words,
    leg_note,
    legs_words,
    names_words,
    seats_words,
)
from app.bookings.words.bundle_history import bundle_history_words
from app.bookings.words.standing import Standing
from app.core import clock
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor, can
from app.core.span import to_wall
from app.payments.models import PartyState
from app.web.errors import status_of
from app.web.format import number
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


def seen_bundle(bundle_ref: str) -> Bundle:
    """Load a bundle for its page; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    found = get_bundle(bundle_ref)
    if not can(current_actor(), P.SEE_BUNDLE, found):
        raise BookingNotFound(ref=bundle_ref)
    return found


@blueprint.get("/demandes/<bundle_ref>")
@allowed(P.SEE_BUNDLE, load=seen_bundle)
def bundle(bundle: Bundle) -> Response:
    """Show a request for several resources with all its elements; one that is more has a page of its own."""
    dress = dress_of(whole_of(bundle))
    return redirect(dress.url) if dress else bundle_page(bundle)


@blueprint.post("/demandes/<bundle_ref>/annuler")
@allowed(P.CANCEL_BUNDLE, load=seen_bundle)
def cancel_bundle(bundle: Bundle) -> Response:
    """Give up all elements that have not begun, with one reason."""
    form, url = ReasonForm(), page_of_bundle(bundle)
    typed, ref, bundle_id = form.reason.data or "", bundle.ref, bundle.id
    if not form.validate():
        sentences = tuple(str(error) for error in form.reason.errors)[:1]
        return bundle_page(bundle, Trouble("cancel_bundle", ref, sentences, typed, 422))
    try:
        service.cancel_bundle(bundle_id, current_actor(), typed)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        trouble = Trouble("cancel_bundle", ref, (explain(error),), typed, status_of(error))
        return bundle_page(get_bundle(ref), trouble)
    return onward(_("The whole request is given up. The places are told by e-mail and free again."), url)


@blueprint.post("/demandes/<bundle_ref>/remise")
@allowed(P.CHANGE_BUNDLE, load=seen_bundle)
def move_handover(bundle: Bundle) -> Response:
    """Say when what came of it is handed over; empty fields say nothing about it any more."""
    form, ref = HandoverForm(), bundle.ref
    if not form.validate():
        return bundle_page(bundle, handover=form, status=422)
    try:
        service.move_handover(bundle.id, current_actor(), form.read_handover(whole_of(bundle).last_zone))
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field") or "remise_jour"), explain(error))
        return bundle_page(get_bundle(ref), handover=form, status=status_of(error))
    return onward(_("The hand-over is noted."), page_of_bundle(bundle))


@blueprint.post("/reservations/<ref>/remplacer")
@allowed(P.CHANGE, load=seen)
def replace_leg(booking: Booking) -> Response:
    """Ask for something else in the place of an element that cannot be had any more."""
    bundle = _bundle_of(booking)
    part = read_part(request.form.get("choix", ""))
    shown = get_shown(part.slug) if part else None
    if part is None or shown is None or not can(current_actor(), TimePermission.SEE_RESOURCE, shown):
        nothing = (_("Choose one of the times or places below."),)
        return bundle_page(bundle, Trouble("replace", booking.ref, nothing, status=422))
    terms = get_terms(shown.id)
    slot = read_slot(part.typed, terms, required=True).slot
    if slot is None:
        nothing = (_("Choose one of the times or places below."),)
        return bundle_page(bundle, Trouble("replace", booking.ref, nothing, status=422))
    leg = service.Leg(shown.id, slot.span, slot.qty, confirmed_in(request.form), slot.pack)
    try:
        made = service.replace_leg(booking.id, leg, current_actor(), uid_host=_host())
    except SlotRefused as error:
        told = [refusal_sentence(r, terms, unit=shown.unit, asked=slot.qty) for r in error.refusals]
        return _refused(bundle.ref, Trouble("replace", booking.ref, tuple(told)))
    except DomainError as error:
        return _not_settled(error, bundle.ref, booking.ref)
    return onward(_asked_instead(made), page_of_bundle(bundle))


def _asked_instead(leg: Booking) -> str:
    name, costs = leg.resource.name, find_costs(leg)
    if costs and any(party.state == PartyState.INVITED for party in costs.plan.parties):
        return _(
            "%(name)s is asked for instead. Whoever is to share what it costs is asked by e-mail to say yes to it.",
            name=name,
        )
    return _("%(name)s is asked for instead.", name=name)


@blueprint.post("/reservations/<ref>/laisser")
@allowed(P.CHANGE, load=seen)
def let_leg_go(booking: Booking) -> Response:
    """Go on without an element that cannot be had any more."""
    bundle, ref = _bundle_of(booking), booking.ref
    try:
        service.let_leg_go(booking.id, current_actor())
    except DomainError as error:
        return _not_settled(error, bundle.ref, ref)
    return onward(_("The request goes on without this element."), page_of_bundle(bundle))


@blueprint.post("/reservations/<ref>/demande/accepter")
@allowed(P.DECIDE, load=seen)
def approve_legs(booking: Booking) -> Response:
    """Say yes to all elements of its request that wait for the reader."""
    bundle_id, typed = _bundle_of(booking).id, request.form.get("reason", "")
    name = "approve" if came_from_inbox() else "approve_legs"
    return _answer_legs(
        name,
        booking,
        lambda actor: service.approve_legs(bundle_id, actor, typed, seen=shown_then()),
        typed,
        accepted=True,
    )


@blueprint.post("/reservations/<ref>/demande/refuser")
@allowed(P.DECIDE, load=seen)
def refuse_legs(booking: Booking) -> Response:
    """Say no to all elements of its request that wait for the reader, with a reason."""
    bundle_id, form = _bundle_of(booking).id, ReasonForm()
    name, typed = "refuse" if came_from_inbox() else "refuse_legs", form.reason.data or ""
    if not form.validate():
        sentences = tuple(str(error) for error in form.reason.errors)[:1]
        return refused_act(booking, Trouble(name, booking.ref, sentences, typed, 422))
    return _answer_legs(
        name, booking, lambda actor: service.refuse_legs(bundle_id, actor, typed), typed, accepted=False
    )


def _answer_legs(
    name: str, booking: Booking, use_case: Callable[[Actor], list[Booking]], typed: str, *, accepted: bool
) -> Response:
    """Answer the elements that wait for the reader, and say of which of theirs it was no answer."""
    answered: list[Booking] = []

    def said() -> str:
        theirs = _theirs_to_answer(_bundle_of(booking))
        left = [leg for leg in theirs if leg not in answered and leg.decision != APPROVED]
        return answered_words(answered, left, accepted=accepted)

    return act(name, booking, lambda actor: answered.extend(use_case(actor)), said, typed)


def _theirs_to_answer(bundle: Bundle) -> list[Booking]:
    actor, now = current_actor(), clock.now()
    return [leg for leg in whole_of(bundle).legs if leg.end_at > now and can(actor, P.DECIDE, leg)]


def _bundle_of(booking: Booking) -> Bundle:
    if booking.bundle is None:
        raise BookingNotFound(ref=booking.ref)
    return booking.bundle


def _refused(bundle_ref: str, trouble: Trouble) -> Response:
    return bundle_page(get_bundle(bundle_ref), trouble)


def _not_settled(error: DomainError, bundle_ref: str, ref: str) -> Response:
    if isinstance(error, NotFound) or (isinstance(error, Forbidden) and not error.facts.get("signed_in")):
        raise error
    return _refused(bundle_ref, Trouble("settle", ref, (explain(error),), status=status_of(error)))


def _host() -> str:
    return str(current_app.config["MUTUALIM"].uid_host)


# -- the page -----------------------------------------------------------------------------------------------


def bundle_page(
    bundle: Bundle,
    trouble: Trouble | None = None,
    *,
    handover: HandoverForm | None = None,
    dress: Dress | None = None,
    status: int = 200,
) -> Response:
    """Render a bundle as the present reader may see it, with the act or the form that was refused, if any.

    Whoever knows how it is dressed gives that.
    """
    whole, actor = whole_of(bundle), current_actor()
    mine, from_inside, dress = whole.waiting_for(actor), _is_inside(whole, actor), dress or dress_of(whole)
    mends = asked_it(actor, bundle) or coordinates(actor, bundle)
    named = named_among(actor, whole.all_legs)
    return page(
        dress.template if dress else "bookings/bundle.html",
        status=trouble.status if trouble else status,
        trouble=trouble,
        handover=handover_words(bundle, whole.last_zone.key),
        message=first_said(whole.all_legs, actor, queries.first_messages(whole.all_legs)),
        handover_form=(handover or _handover_form(whole)) if _may_move_handover(whole, actor) else None,
        bundle=bundle,
        title=_title(whole, actor, named, from_inside=from_inside),
        size=legs_words(len(whole.shown)),
        decides=bool(mine) or (deals_with(actor, bundle) and not from_inside),
        mine=mine,
        **told_of(compare_with(*mine), mine),
        accept=accept_words(len(mine)),
        standing=dress.standing if dress else standing_for(whole, actor),
        legs=[_leg(leg, whole, actor, named, mends=mends) for leg in whole.shown],
        aside=[_leg(leg, whole, actor, named, mends=False) for leg in whole.not_shown],
        may_cancel=can(actor, P.CANCEL_BUNDLE, bundle) and bool(_to_give_up(whole)),
        seats_note=seats_words([leg.resource for leg in whole.legs], bundle.people),
        people=number(bundle.people) if bundle.people else "",
        cost=bundle_cost_seen(bundle, actor),
        history_lines=_history(whole, actor),
        dress=dress,
        **(dress.words if dress else {}),
    )


def _title(whole: Whole, actor: Actor, named: Collection[int], *, from_inside: bool) -> str:
    """Name what it asks for: all of it, what is the reader's, or what they may know of, whom it only concerns."""
    if from_inside:
        return names_words(whole.shown)
    theirs = [leg for leg in whole.shown if can(actor, P.SEE, leg)]
    return names_words(theirs or [leg for leg in whole.shown if leg.id in named])


def _history(whole: Whole, actor: Actor) -> list[dict[str, Any]]:
    """Write what happened to it and to the elements that the reader may see."""
    seen_legs = [leg for leg in whole.all_legs if can(actor, P.SEE, leg)]
    lines = queries.history_of_bundle(whole.bundle.id, [leg.id for leg in seen_legs])
    return bundle_history_words(lines, whole, seen_legs)


def standing_for(whole: Whole, actor: Actor) -> Standing:
    """Say where a request stands: to the side that asked and the coordination, to a place, to whom it concerns."""
    if _is_inside(whole, actor):
        return bundle_standing(whole)
    if not deals_with(actor, whole.bundle):
        return bundle_seen_beside(whole)
    waits = bool(whole.waiting_for(actor))
    return bundle_seen_by_place(whole, _theirs(whole, actor), waits_for_them=waits)


def _is_inside(whole: Whole, actor: Actor) -> bool:
    bundle = whole.bundle
    return is_party(actor, bundle) or coordinates(actor, bundle) or actor.is_platform_admin


@shows(BUNDLE)
def _again(booking: Booking, outcome: Outcome) -> Response:
    return bundle_page(_bundle_of(booking), outcome.trouble)


def whole_of(bundle: Bundle) -> Whole:
    """Give a bundle that was read with its legs, with these sorted."""
    return Whole.of(bundle, bundle.legs)


def _may_move_handover(whole: Whole, actor: Actor) -> bool:
    goes_on = whole.state not in (BundleState.OVER, BundleState.GIVEN_UP)
    return goes_on and whole.bundle.in_order and can(actor, P.CHANGE_BUNDLE, whole.bundle)


def _handover_form(whole: Whole) -> HandoverForm:
    form = HandoverForm(formdata=None)
    if whole.bundle.handover_at is not None:
        wall = to_wall(whole.bundle.handover_at, whole.last_zone)
        form.process(
            data={"remise_jour": wall.date().isoformat(), "remise_heure": wall.strftime("%H:%M")},
            formdata=None,
        )
    return form


def _theirs(whole: Whole, actor: Actor) -> list[Booking]:
    return [leg for leg in (*whole.legs, *whole.aside) if can(actor, P.SEE, leg)]


def _to_give_up(whole: Whole) -> list[Booking]:
    now = clock.now()
    return [leg for leg in whole.legs if leg.decision not in LIVE or leg.start_at > now]


def _leg(leg: Booking, whole: Whole, actor: Actor, named: Collection[int], *, mends: bool) -> dict[str, Any]:
    """Write an element of the page: with where it is and what is to be done about it, unless its place is foreign."""
    words = element_words(leg, actor, met=named)
    if words["foreign"]:
        return words
    to_fix = mends and leg.leg_number is not None and leg.decision not in LIVE and leg.end_at > clock.now()
    instead = instead_of(leg, whole.legs, actor) if to_fix else Instead()
    return words | {
        "site": leg.resource.site.name,
        "note": leg_note(leg),
        "proposal": proposed(leg, actor) if leg.decision == PENDING else None,
        "to_fix": to_fix,
        "instead": instead,
        "licence": tick_of(instead.groups),
    }
