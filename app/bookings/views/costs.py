"""The page of what a booking costs: line by line, who bears it, what was agreed and measured; and the acts on that."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import organisation_names
from app.bookings import queries, service
from app.bookings.cost_forms import (
    METERS,
    CorrectForm,
    MeasuresForm,
    SharingForm,
    TakeBackForm,
    WaiveForm,
    correct_form,
    measures_form,
    sharing_form,
)
from app.bookings.costs import Costs, find_costs
from app.bookings.errors import BookingNotFound
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.views import blueprint
from app.bookings.views.common import page_of
from app.bookings.views.deposit import deposit_of
from app.bookings.words import named_when
from app.bookings.words.costs import (
    ShareWords,
    costs_standing,
    is_nothing_due,
    late_label,
    line_words,
    party_words,
    state_words,
    why_words,
)
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor, can
from app.payments.models import PartyState
from app.payments.queries import payers_in, programme_names
from app.payments.service.outlook import Outlook, look_at, offered
from app.payments.service.reckoning import counted_by
from app.payments.splits.splitting import Share
from app.payments.tariffs.told import Why
from app.web.errors import status_of
from app.web.format import money
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


def seen_costs(ref: str) -> Costs:
    """Load what a booking costs; whoever may not see it is told the same as where there is nothing."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    costs = find_costs(queries.get_booking(ref))
    if costs is None or not can(current_actor(), P.SEE_COSTS, costs):
        raise BookingNotFound(ref=ref)
    return costs


@blueprint.get("/reservations/<ref>/couts")
@allowed(P.SEE_COSTS, load=seen_costs)
def costs(costs: Costs) -> Response:
    """Show what a booking costs, and who bears it."""
    return _page(costs)


@blueprint.post("/reservations/<ref>/couts/partage")
@allowed(P.SHARE_COSTS, load=seen_costs)
def share_costs(costs: Costs) -> Response:
    """Share it in another way, and ask who would bear more."""
    known = payers_in(costs.booking.territory_id)
    form, ids = sharing_form(costs.plan, known), {each.public_id: each.id for each in known}
    parts = form.parts(costs.booking.organisation_id, ids) if form.validate() else None
    if parts is None:
        return _page(costs, sharing=form, status=422)
    booking_id, residual = costs.booking.id, ids.get(form.residual.data or "")
    return _done(
        costs,
        lambda actor: service.share_costs(booking_id, actor, form.kind, parts, residual),
        _("Saved. Whoever bears more than before is asked by e-mail, and counts once they accept."),
        form,
        sharing=form,
    )


@blueprint.post("/reservations/<ref>/couts/reponse")
@allowed(P.SEE_COSTS, load=seen_costs)
def answer_costs(costs: Costs) -> Response:
    """Say yes or no to a part, for an organisation that was asked."""
    booking_id, accepts = costs.booking.id, request.form.get("reponse") == "oui"
    organisation = next(
        (
            party.organisation_id
            for party in costs.plan.parties
            if party.organisation.public_id == request.form.get("structure")
        ),
        None,
    )
    if organisation is None:
        raise NotFound(kind="cost_party")
    said = _("Accepted. Your organisation bears its part.") if accepts else _("Declined.")
    seen = request.form.get("vu", type=int)
    return _done(
        costs,
        lambda actor: service.answer_costs(booking_id, actor, organisation, accepts=accepts, seen_cents=seen),
        said,
    )


@blueprint.post("/reservations/<ref>/couts/releve")
@allowed(P.MEASURE, load=seen_costs)
def measure_costs(costs: Costs) -> Response:
    """Enter what was measured."""
    form = measures_form(costs.plan, counted_by(costs.plan))
    milli = form.milli() if form.validate() else None
    if milli is None:
        return _page(costs, measures=form, status=422)
    booking_id = costs.booking.id
    return _done(
        costs, lambda actor: service.measure_costs(booking_id, actor, milli), _("Saved."), form, measures=form
    )


@blueprint.post("/reservations/<ref>/couts/corriger")
@allowed(P.CORRECT_COSTS, load=seen_costs)
def correct_costs(costs: Costs) -> Response:
    """Charge anew by other figures what was measured wrongly."""
    form = correct_form(costs.plan, counted_by(costs.plan))
    milli = form.milli() if form.validate() else None
    if milli is None:
        return _page(costs, correcting=form, status=422)
    booking_id, reason = costs.booking.id, form.reason.data or ""
    return _done(
        costs,
        lambda actor: service.correct_costs(booking_id, actor, milli, reason),
        _("Charged anew by these figures. What was paid too much is an advance, which can be given back."),
        form,
        correcting=form,
    )


@blueprint.post("/reservations/<ref>/couts/reprendre")
@allowed(P.CORRECT_COSTS, load=seen_costs)
def take_costs_back(costs: Costs) -> Response:
    """Take back what was charged, all of it or a part."""
    form = TakeBackForm()
    cents = form.cents() if form.validate() else None
    if form.errors:
        return _page(costs, taking_back=form, status=422)
    booking_id, reason, once = costs.booking.id, form.reason.data or "", form.once.data or ""
    return _done(
        costs,
        lambda actor: service.take_costs_back(booking_id, actor, reason, f"{booking_id}:{once}"[:100], cents),
        _("Taken back. What was paid for it is an advance, which can be given back."),
        form,
        taking_back=form,
    )


@blueprint.post("/reservations/<ref>/couts/gratuit")
@allowed(P.WAIVE_COSTS, load=seen_costs)
def waive_costs(costs: Costs) -> Response:
    """Charge nothing, with a reason."""
    form = WaiveForm()
    if not form.validate():
        return _page(costs, waiving=form, status=422)
    booking_id, reason = costs.booking.id, form.reason.data or ""
    return _done(
        costs,
        lambda actor: service.waive_costs(booking_id, actor, reason),
        _("Noted: nothing is charged, and its value is kept."),
        form,
        waiving=form,
    )


@blueprint.post("/reservations/<ref>/couts/gratuit/annuler")
@allowed(P.WAIVE_COSTS, load=seen_costs)
def take_waiver_back(costs: Costs) -> Response:
    """Charge it after all."""
    booking_id = costs.booking.id
    said = _("Taken back: it is charged like any other use.")
    return _done(costs, lambda actor: service.take_waiver_back(booking_id, actor), said)


def _done(costs: Costs, act: Callable[[Actor], Any], said: str, form: Any = None, **typed: Any) -> Response:
    """Do an act and go back to the page; refused, it is shown there with what was typed."""
    ref = costs.booking.ref
    try:
        act(current_actor())
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        if form is not None:
            form.refuse(str(error.facts.get("field", "")), explain(error))
        trouble = explain(error) if form is None else ""
        return _page(seen_costs(ref), status=status_of(error), trouble=trouble, **typed)
    flash(said, "success")
    return redirect(url_for("bookings.costs", ref=ref), 303)


# -- the page -----------------------------------------------------------------------------------------------


def _page(
    costs: Costs,
    *,
    sharing: SharingForm | None = None,
    measures: MeasuresForm | None = None,
    waiving: WaiveForm | None = None,
    correcting: CorrectForm | None = None,
    taking_back: TakeBackForm | None = None,
    status: int = 200,
    trouble: str = "",
) -> Response:
    booking, plan, actor = costs.booking, costs.plan, current_actor()
    outlook = look_at(plan, costs.told)
    is_open = not (plan.is_closed or is_nothing_due(costs))
    counted = counted_by(plan)
    may_correct = bool(outlook.dues) and can(actor, P.CORRECT_COSTS, costs)
    return page(
        "bookings/costs.html",
        status=status,
        trouble=trouble,
        booking=booking,
        resource=booking.resource,
        lead=named_when(booking),
        booking_url=page_of(booking) if can(actor, P.SEE, booking) else "",
        deposit=deposit_of(booking),
        **shown(costs, outlook),
        answers=_answers(costs, actor) if is_open else [],
        sharing=(sharing or sharing_form(plan, payers_in(costs.booking.territory_id)))
        if is_open and can(actor, P.SHARE_COSTS, costs)
        else None,
        measures=(measures or measures_form(plan, counted))
        if counted and is_open and can(actor, P.MEASURE, costs)
        else None,
        waived=plan.waiver_reason if is_open and can(actor, P.WAIVE_COSTS, costs) else "",
        waiving=(waiving or WaiveForm())
        if is_open and not plan.waiver_reason and can(actor, P.WAIVE_COSTS, costs)
        else None,
        correcting=(correcting or correct_form(plan, counted))
        if counted and may_correct and costs.told.why is Why.USED
        else None,
        taking_back=(taking_back or TakeBackForm()) if may_correct else None,
    )


def shown(costs: Costs, outlook: Outlook) -> dict[str, Any]:
    """Write what a booking costs: where it stands, its lines, who bears them, who was asked."""
    title, words = costs_standing(costs, outlook)
    nothing = is_nothing_due(costs)
    late = costs.told.why is Why.CANCELLED_LATE
    lines = [line_words(line, outlook.currency) for line in outlook.lines]
    if late and lines:
        lines = [lines[0]._replace(label=late_label(costs.told.percent))]
    asker = costs.plan.organisation.name
    others = [each for each in costs.plan.parties if each.organisation_id != costs.plan.organisation_id]
    return {
        "title": title,
        "words": words,
        "lines": [] if nothing else lines,
        "total": money(outlook.cents, outlook.currency),
        "in_kind": money(outlook.in_kind_cents, outlook.currency) if outlook.in_kind_cents else "",
        "shares": [] if nothing else share_words(costs, outlook),
        "parties": [party_words(each, asker) for each in others],
        "missing": [str(METERS[meter]) for meter in outlook.missing],
    }


def share_words(costs: Costs, outlook: Outlook) -> list[ShareWords]:
    """Write who bears what, the shares of all lines together: subsidies first, then who books, then the others."""
    grouped: dict[tuple[Any, ...], list[Share]] = {}
    for share in outlook.shares:
        grouped.setdefault((share.payer_id, share.payee_id, share.role, share.envelope_id), []).append(share)
    names, programmes = _names(outlook), programme_names(_envelope_ids(outlook))
    asker = costs.plan.organisation_id
    found = []
    for shares in sorted(
        grouped.values(), key=lambda s: (s[0].role != "subsidy", s[0].payer_id != asker, names[s[0].payer_id])
    ):
        first, cents = shares[0], sum(share.cents for share in shares)
        why = programmes.get(first.envelope_id or 0) or why_words(first, asker)
        amount, state = money(cents, outlook.currency), state_words(first, cents, outlook)
        found.append(ShareWords(names[first.payer_id], why, names[first.payee_id], amount, state))
    return found


def _names(outlook: Outlook) -> Mapping[int, str]:
    return organisation_names({each for share in outlook.shares for each in (share.payer_id, share.payee_id)})


def _envelope_ids(outlook: Outlook) -> set[int]:
    return {share.envelope_id for share in outlook.shares if share.envelope_id is not None}


def _answers(costs: Costs, actor: Actor) -> list[dict[str, Any]]:
    """List the organisations for which the reader can answer, what they would bear as things stand, and at most."""
    waiting = [
        party
        for party in costs.plan.parties
        if party.state != PartyState.ACCEPTED and actor.keeps_accounts_of(party.organisation_id)
    ]
    cents = offered(costs.plan, costs.told) if waiting else {}
    return [
        {
            "part": money(cents.get(party.organisation_id, 0)),
            "cents": cents.get(party.organisation_id, 0),
            "name": party.organisation.name,
            "structure": party.organisation.public_id,
            "most": money(party.ceiling_cents) if party.ceiling_cents is not None else "",
            "takes_rest": party.organisation_id == costs.plan.residual_payer_id,
            "declined": party.state == PartyState.DECLINED,
        }
        for party in waiting
    ]


def costs_url(booking: Booking) -> str:
    """Give the address of what a booking costs; empty where it costs nothing."""
    return url_for("bookings.costs", ref=booking.ref) if find_costs(booking) else ""
