"""Asking for a plan that was proposed: what it is, what it costs and whom, and what is said with the request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.food_aid import FOOD_AID_CLASS
from app.availability.askers import Asker
from app.availability.errors import Refusal, SlotRefused
from app.availability.queries import terms_of
from app.availability.shown import Shown
from app.availability.words import refusal_sentence
from app.bookings.errors import LegsRefused
from app.bookings.licence import FIELD as LICENCE
from app.bookings.licence import licence_words, most_years
from app.bookings.views.common import onward
from app.bookings.views.estimated import deposits_asked
from app.bookings.words import held_words
from app.catalogue.queries import find_resources
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.ids import new_secret
from app.core.span import to_wall
from app.payments.queries import payers_in
from app.payments.service.outlook import look_at
from app.supply.cargo import Cargo
from app.supply.chains.forms import ChainForm
from app.supply.chains.planning.plan import Plan
from app.supply.chains.policy import ChainPermission
from app.supply.chains.service import ChainRequest, ask_chain
from app.supply.chains.views import blueprint
from app.supply.chains.views.plan_cards import PlanCosts, cards, costs_of, places_of, plan_facts, steps_of
from app.supply.chains.views.wanted import Preparing
from app.supply.chains.words import carried_rows, product_words
from app.supply.offers.goods import plans_of, told_of
from app.web.errors import status_of
from app.web.format import money
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

Refused = Mapping[int, Sequence[Refusal]]
_HALF_HOUR = 30
_EARLIER = ("remise_jour", "remise_heure")


@dataclass
class _Desk:
    """The request as the page has it: what is wanted, the form, and the plan that is chosen, if it can be read."""

    asked: Preparing
    form: ChainForm
    plan: Plan | None
    places: dict[int, Shown] = field(init=False)
    receivers: dict[str, int] = field(init=False)  # whom it can be for, by their references

    def __post_init__(self) -> None:
        self.places = places_of([self.plan] if self.plan else [])
        if not all(leg.resource_id in self.places for leg in (self.plan.legs if self.plan else ())):
            self.plan = None  # a place that is shared no longer
        self.form.offer([(self.asked.ours.id, self.asked.ours.name)])
        known = payers_in(self.asked.ours.territory_id)
        self.form.offer_receivers(self.asked.ours, known)
        self.receivers = {each.public_id: each.id for each in known}
        self.years = most_years(self.places.values()) if self.plan else 0
        self.form.licence_years.years = self.years
        self.form.licence_years.label.text = licence_words(self.years)

    @property
    def cargo(self) -> Cargo:
        return self.asked.form.cargo

    @property
    def zone(self) -> ZoneInfo:
        """By whose clock it is handed over: that of the last place."""
        last = self.places[self.plan.legs[-1].resource_id] if self.plan else None
        return ZoneInfo(last.timezone) if last else self.asked.form.zone

    def say_handover(self) -> None:
        """Put when it is ready in the fields, rounded up, where they say nothing or something sooner."""
        if self.plan is None:
            return
        form, ready = self.form, self.plan.ready_at
        try:
            typed = form.read_handover(self.zone)
        except (DomainError, ValueError):
            typed = None
        if typed is None or typed < ready:
            wall = _rounded_up(to_wall(ready, self.zone))
            form.remise_jour.data, form.remise_heure.data = wall.date().isoformat(), f"{wall:%H:%M}"

    def request(self, plan: Plan) -> ChainRequest:
        """Give what was typed; raise NonexistentTime."""
        form, asked = self.form, self.asked
        return ChainRequest(
            organisation_id=asked.ours.id,
            product=asked.form.produit.data or "",
            cargo=self.cargo,
            legs=plan.legs,
            purpose=form.purpose.data or "",
            from_place=asked.form.from_place,
            handover_at=form.read_handover(self.zone),
            people=form.people.data,
            message=form.message.data or "",
            licence_years=form.licence_years.data,
            receiver_id=self.receivers.get(form.receiver.data or ""),
            for_food_aid=bool(form.for_food_aid.data),
            claim_ref=asked.part.public_id if asked.part else None,
            draft_ref=asked.draft.public_id if asked.draft else None,
            key=form.key,
        )


def _rounded_up(wall: datetime) -> datetime:
    over = timedelta(minutes=wall.minute % _HALF_HOUR, seconds=wall.second)
    return wall - over + timedelta(minutes=_HALF_HOUR) if over else wall


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
            "for_food_aid": asked.ours.priority_class == FOOD_AID_CLASS,
            "purpose": product_words(asked.form.produit.data or "", asked.form.cargo),
        }
    )
    desk = _Desk(asked, form, plan)
    form.plan.data = request.args.get("plan", "")
    desk.say_handover()
    return _page(desk)


@blueprint.post("/filieres/preparer/demande")
@allowed(ChainPermission.PREPARE)
def ask() -> Response:
    """Ask for it; or take another of the plans that are proposed instead, with all that was typed."""
    asked = Preparing.of_request()
    if asked is None:
        return redirect(url_for("chains.prepare"), 303)
    form = ChainForm()
    if other := request.form.get("choisir", ""):
        form.plan.data = other
    plan = asked.read(form.plan.data or "") if asked.wanted else None
    desk = _Desk(asked, form, plan)
    if desk.plan is None:
        said = _("What you chose cannot be asked for any more. Choose among what is free now.")
        form.refuse("", said if asked.wanted else _("What is to be carried, or when, is not right any more."))
        return _page(desk, anew=True, status=409)
    if other:
        desk.say_handover()
        return _page(desk)
    return _send(desk, desk.plan)


def _send(desk: _Desk, plan: Plan) -> Response:
    form = desk.form
    is_right = form.validate()
    if form.licence_years.data < desk.years:
        form.refuse(LICENCE, _("Confirm this, or choose vehicles for which it is not asked."))
        is_right = False
    if not is_right:
        return _page(desk, status=422)
    host = str(current_app.config["MUTUALIM"].uid_host)
    try:
        chain = ask_chain(desk.request(plan), current_actor(), uid_host=host)
    except SlotRefused as error:
        return _page(desk, refused={0: error.refusals}, anew=True, status=409)
    except LegsRefused as error:
        return _page(desk, refused=error.refusals, anew=True, status=409)
    except DomainError as error:
        return _not_sent(desk, error)
    return onward(_("Your request is sent."), url_for("chains.show", chain_ref=chain.bundle.ref))


def _not_sent(desk: _Desk, error: DomainError) -> Response:
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


def _page(desk: _Desk, *, refused: Refused | None = None, anew: bool = False, status: int = 200) -> Response:
    asked, plan, form = desk.asked, desk.plan, desk.form
    ours, wanted = asked.ours, asked.wanted
    steps, facts, payees, cost = [], [], [], []
    if plan is not None:
        [said] = costs_of([plan], desk.cargo, ours, desk.places)
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
        goods=_goods_words(asked),
        years=desk.years,
        rules=any(each["has_rules"] for each in steps),
        held=held_words(),
        anew=anew,
        others=[each | {"value": asked.sign(each["plan"])} for each in others],
        wrong_wanted=[sentence for _field, sentence in asked.form.all_errors],
        send_url=_url("chains.ask", asked.args),
        back_url=_prepare_url(asked),
    )


def _goods_words(asked: Preparing) -> str:
    """Say what the part of an offer costs that the chain would carry; nothing where we do not charge it."""
    plan = plans_of([asked.part]).get(asked.part.public_id) if asked.part else None
    if asked.part is None or plan is None:
        return ""
    amount = money(look_at(plan, told_of(asked.part)).cents)
    return _(
        "The goods: %(amount)s, paid to %(name)s", amount=amount, name=asked.part.offer.organisation.name
    )


def _add_to_steps(
    desk: _Desk, plan: Plan, steps: list[dict[str, Any]], said: PlanCosts, refused: Refused
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
