"""What can be done about what a booking costs: share it, answer, measure, put it right, waive it."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.bookings import queries, service
from app.bookings.cost_forms import TakeBackForm, WaiveForm, measures_form, sharing_form
from app.bookings.costs import Costs, find_costs
from app.bookings.errors import BookingNotFound
from app.bookings.policy import BookingPermission as P
from app.bookings.views import blueprint
from app.bookings.views.cost_page import correcting_form, costs_page
from app.bookings.words.costs import charged_anew_words
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor, can
from app.payments.books.credited import taken_back_of
from app.payments.models import Charge
from app.payments.queries import payers_in
from app.payments.service import Correction
from app.payments.service.reckoning import counted_by
from app.web.errors import status_of
from app.web.forms import Form, OnceForm
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.words import explain

Typed = TypeVar("Typed")


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
    return costs_page(costs)


@blueprint.post("/reservations/<ref>/couts/partage")
@allowed(P.SHARE_COSTS, load=seen_costs)
def share_costs(costs: Costs) -> Response:
    """Share it in another way, and ask who would bear more."""
    booking, known = costs.booking, payers_in(costs.booking.territory_id)
    form, ids = sharing_form(costs.plan, known), {each.public_id: each.id for each in known}
    return _sent(
        costs,
        "sharing",
        form,
        lambda: form.parts(booking.organisation_id, ids),
        lambda actor, parts: service.share_costs(
            booking.id, actor, form.kind, parts or [], ids.get(form.residual.data or "")
        ),
        _("Saved. Whoever bears more than before is asked by e-mail, and counts once they accept."),
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
    seen = request.form.get("vu", -1, type=int)  # a yes to nothing that was shown is none
    return _done(
        costs,
        lambda actor: service.answer_costs(booking_id, actor, organisation, accepts=accepts, seen_cents=seen),
        said,
    )


@blueprint.post("/reservations/<ref>/couts/releve")
@allowed(P.MEASURE, load=seen_costs)
def measure_costs(costs: Costs) -> Response:
    """Enter what was measured."""
    booking_id, form = costs.booking.id, measures_form(costs.plan, counted_by(costs.plan))
    return _sent(
        costs,
        "measures",
        form,
        form.milli,
        lambda actor, milli: service.measure_costs(booking_id, actor, milli or {}),
        _("Saved."),
    )


@blueprint.post("/reservations/<ref>/couts/corriger")
@allowed(P.CORRECT_COSTS, load=seen_costs)
def correct_costs(costs: Costs) -> Response:
    """Charge anew by other figures what was measured wrongly, or once more what was taken back by mistake."""
    booking_id, form = costs.booking.id, correcting_form(costs, as_sent=True)
    if form is None:  # it was done by the click before
        flash(_("Nothing was changed."), "info")
        return redirect(url_for("bookings.costs", ref=costs.booking.ref), 303)
    return _sent(
        costs,
        "correcting",
        form,
        form.milli,
        lambda actor, milli: service.correct_costs(
            booking_id,
            actor,
            Correction(_once(booking_id, form), form.reason.data or "", milli or None, form.is_in_full),
        ),
        _charged_anew,
    )


def _charged_anew(charge: Charge) -> str:
    return charged_anew_words(sum(each.cents for each in taken_back_of([charge.id]) if each.is_by_hand))


@blueprint.post("/reservations/<ref>/couts/reprendre")
@allowed(P.CORRECT_COSTS, load=seen_costs)
def take_costs_back(costs: Costs) -> Response:
    """Take back what was charged, all of it or a part."""
    booking_id, form = costs.booking.id, TakeBackForm()
    return _sent(
        costs,
        "taking_back",
        form,
        form.cents,
        lambda actor, cents: service.take_costs_back(
            booking_id, actor, form.reason.data or "", _once(booking_id, form), cents
        ),
        _("Taken back. If it had been paid, that is an advance, which can be given back."),
    )


@blueprint.post("/reservations/<ref>/couts/gratuit")
@allowed(P.WAIVE_COSTS, load=seen_costs)
def waive_costs(costs: Costs) -> Response:
    """Charge nothing, with a reason."""
    booking_id, form = costs.booking.id, WaiveForm()
    return _sent(
        costs,
        "waiving",
        form,
        lambda: form.reason.data or "",
        lambda actor, reason: service.waive_costs(booking_id, actor, reason),
        _("Noted: nothing is charged, and its value is kept."),
    )


@blueprint.post("/reservations/<ref>/couts/gratuit/annuler")
@allowed(P.WAIVE_COSTS, load=seen_costs)
def take_waiver_back(costs: Costs) -> Response:
    """Charge it after all."""
    booking_id = costs.booking.id
    said = _("Taken back: it is charged like any other use.")
    return _done(costs, lambda actor: service.take_waiver_back(booking_id, actor), said)


def _once(booking_id: int, form: OnceForm) -> str:
    """Name an act on a booking by the form it was sent with: sent twice, it is done once."""
    return f"{booking_id}:{form.once.data or ''}"[:80]


def _sent(
    costs: Costs,
    name: str,
    form: Form,
    read: Callable[[], Typed],
    act: Callable[[Actor, Typed], Any],
    said: str | Callable[[Any], str],
) -> Response:
    """Read a form and do what it says; wrong in itself, or refused, it is shown on the page as it was typed."""
    if form.validate():
        typed = read()
        if not form.errors:
            return _done(costs, lambda actor: act(actor, typed), said, **{name: form})
    return costs_page(costs, status=422, **{name: form})


def _done(
    costs: Costs, act: Callable[[Actor], Any], said: str | Callable[[Any], str], **typed: Any
) -> Response:
    """Do an act and go back to the page; refused, it is shown there with what was typed."""
    ref = costs.booking.ref
    try:
        done = act(current_actor())
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        for form in typed.values():
            form.refuse(str(error.facts.get("field", "")), explain(error))
        trouble = "" if typed else explain(error)
        return costs_page(seen_costs(ref), status=status_of(error), trouble=trouble, **typed)
    flash(said if isinstance(said, str) else said(done), "success")
    return redirect(url_for("bookings.costs", ref=ref), 303)
