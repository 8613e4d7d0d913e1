"""Asking for a plan that was proposed: what it is, what it costs and whom, and what is said with the request."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.availability.askers import Asker
from app.availability.errors import Refusal, SlotRefused
from app.availability.queries import terms_of
from app.availability.words import refusal_sentence
from app.bookings.errors import LegsRefused
from app.bookings.licence import FIELD as LICENCE
from app.bookings.views.common import onward
from app.bookings.views.estimated import deposits_asked
from app.bookings.words import held_words
from app.catalogue.queries import find_resources
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.ids import new_secret
from app.supply.chains.errors import PlanLost
from app.supply.chains.forms import ChainForm
from app.supply.chains.planning.plan import Plan
from app.supply.chains.policy import ChainPermission
from app.supply.chains.service import ask_chain
from app.supply.chains.views import blueprint
from app.supply.chains.views.desk import Desk
from app.supply.chains.views.plan_cards import PlanCosts, cards, costs_of, plan_facts, steps_of
from app.supply.chains.views.receiving import does_food_aid, food_aid_seen, is_to_be_read
from app.supply.chains.views.sharing import goods_words
from app.supply.chains.views.wanted import Preparing
from app.supply.chains.words import carried_rows, product_words
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

Refused = Mapping[int, Sequence[Refusal]]
LOOK = "parts"  # who would bear what is looked at, and nothing is sent


@blueprint.get("/filieres/preparer/demande")
@allowed(ChainPermission.PREPARE)
def choose() -> Response:
    """Show what is chosen, and ask for the rest; back to what is proposed, where it cannot be read."""
    asked = Preparing.of_request()
    plan = asked.read(request.args.get("plan", "")) if asked and asked.wanted else None
    if asked is None or plan is None:
        flash(_("These places were proposed for something else. Look at what is proposed now."), "info")
        return redirect(_prepare_url(asked), 303)
    form = ChainForm(formdata=None)
    form.process(
        data={
            "organisation": asked.ours.id,
            "for_food_aid": does_food_aid(asked.ours),
            "purpose": product_words(asked.form.produit.data or "", asked.form.cargo),
        }
    )
    desk = Desk(asked, form, plan)
    form.plan.data = request.args.get("plan", "")
    desk.say_handover()
    return _page(desk)


@blueprint.post("/filieres/preparer/demande")
@allowed(ChainPermission.PREPARE)
def ask() -> Response:
    """Ask for it; or look at who would bear what; or take another of the plans instead, with all that was typed."""
    asked = Preparing.of_request()
    if asked is None:
        return redirect(url_for("chains.prepare"), 303)
    form = ChainForm()
    if other := request.form.get("choisir", ""):
        form.plan.data = other
    plan = asked.read(form.plan.data or "") if asked.wanted else None
    desk = Desk(asked, form, plan)
    if desk.plan is None:
        form.refuse(
            "",
            explain(PlanLost())
            if asked.wanted
            else _("What is to be carried, or when, is not right any more."),
        )
        return _page(desk, anew=True, status=409)
    if other:
        desk.say_handover()
    if other or LOOK in request.form:
        is_wrong = not other and desk.sharing is not None and desk.sharing.is_wrong
        return _page(desk, status=422 if is_wrong else 200)
    return _send(desk, desk.plan)


def _send(desk: Desk, plan: Plan) -> Response:
    form, shared = desk.form, desk.sharing
    is_right = form.validate()
    wanted = shared.read() if shared and shared.is_wanted else None
    if shared and shared.form.errors:
        is_right = False
    if form.licence_years.data < desk.years:
        form.refuse(LICENCE, _("Confirm this, or choose vehicles for which it is not asked."))
        is_right = False
    if not is_right or is_to_be_read(desk):
        return _page(desk, status=422)
    host = str(current_app.config["MUTUALIM"].uid_host)
    try:
        chain = ask_chain(desk.request(plan, wanted), current_actor(), uid_host=host)
    except SlotRefused as error:
        return _page(desk, refused={0: error.refusals}, anew=True, status=409)
    except LegsRefused as error:
        return _page(desk, refused=error.refusals, anew=True, status=409)
    except DomainError as error:
        return _not_sent(desk, error)
    said = _("Your request is sent.")
    if wanted is not None:
        said = _("Your request is sent. Whoever is to share the cost is asked by e-mail, once for all of it.")
    return onward(said, url_for("chains.show", chain_ref=chain.bundle.ref))


def _not_sent(desk: Desk, error: DomainError) -> Response:
    """Show the form again with why it was refused; what is no business of a form is raised on."""
    if isinstance(error, NotFound) or (isinstance(error, Forbidden) and not error.facts.get("signed_in")):
        raise error
    field_name = str(error.facts.get("field") or "")
    if error.code == "key_reused":
        desk.form.once.data, field_name = new_secret(), ""
    status = 422 if isinstance(error, Forbidden) else status_of(error)
    desk.form.refuse(field_name if field_name in desk.form else "", explain(error))
    return _page(desk, anew=status == 409, status=status)


# -- the page -----------------------------------------------------------------------------------------------


def _page(desk: Desk, *, refused: Refused | None = None, anew: bool = False, status: int = 200) -> Response:
    asked, plan, form = desk.asked, desk.plan, desk.form
    ours, wanted = asked.ours, asked.wanted
    steps, facts, payees, cost = [], [], [], []
    if plan is not None:
        [said] = costs_of([plan], desk.cargo, ours, desk.places, form.people.data)
        steps, facts = steps_of(plan, desk.places), plan_facts(plan, desk.places, said)
        payees, cost = list(said.payees), said.all
        _add_to_steps(desk, plan, steps, said, refused or {})
    others = cards(asked.proposals, wanted.cargo, ours) if anew and wanted else []
    return page(
        "supply/chains/choose.html",
        status=status,
        form=form,
        sought=asked,
        carried=carried_rows(asked.form.produit.data or "", wanted.cargo, asked.form.from_place)
        if wanted
        else [],
        steps=steps,
        facts_rows=facts,
        payees=payees,
        cost=cost,
        goods=goods_words(asked.part),
        food_aid=food_aid_seen(desk),
        sharing=desk.sharing,
        borne=desk.sharing.borne() if desk.sharing else [],
        can_be_shared=bool(desk.costs),
        years=desk.years,
        rules=any(each["has_rules"] for each in steps),
        held=held_words(),
        anew=anew,
        others=[each | {"value": asked.sign(each["plan"])} for each in others],
        wrong_wanted=[sentence for _field, sentence in asked.form.all_errors],
        send_url=_url("chains.ask", asked.args),
        back_url=_prepare_url(asked),
    )


def _add_to_steps(
    desk: Desk, plan: Plan, steps: list[dict[str, Any]], said: PlanCosts, refused: Refused
) -> None:
    """Say beside each leg what it costs, which deposit it asks for, and what stands against it."""
    slugs = [desk.places[leg.resource_id].slug for leg in plan.legs]
    by_id = {each.id: each for each in find_resources(slugs)}
    deposits = deposits_asked(by_id.values(), desk.asked.ours)
    terms = terms_of(list(desk.places), Asker.on_behalf_of(desk.asked.ours)) if refused else {}
    for number, (leg, step) in enumerate(zip(plan.legs, steps, strict=True)):
        unit = desk.places[leg.resource_id].unit
        step["against"] = [
            refusal_sentence(each, terms[leg.resource_id], unit=unit, asked=leg.quantity)
            for each in refused.get(number, ())
        ]
        step["cost"] = said.each[number] + deposits.get(leg.resource_id, [])


def _prepare_url(asked: Preparing | None) -> str:
    return _url("chains.prepare", asked.args) if asked else url_for("chains.prepare")


def _url(endpoint: str, args: Mapping[str, str]) -> str:
    given: dict[str, Any] = dict(args)
    return url_for(endpoint, **given)
