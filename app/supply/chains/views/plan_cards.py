"""Plans as pages show them: each leg as a step, what it costs and whom, and why all the rest is in none."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.accounts.models import Organisation
from app.availability.shown import Shown, shown_by_id
from app.bookings.words.pieces import moment
from app.catalogue.kinds.words import amount
from app.catalogue.price_words import cost_words
from app.payments.tariffs.estimate_words import aside_words, estimate_fact, estimate_words
from app.payments.tariffs.estimating import Estimate, total
from app.supply.cargo import Cargo
from app.supply.chains.plan_costs import PlanPrices, places_of, prices_of_plans
from app.supply.chains.plan_words import (
    groups_of,
    missing_words,
    named_words,
    reason_words,
    why_words,
    wishes_of,
)
from app.supply.chains.planning.plan import Plan, PlannedLeg
from app.supply.chains.planning.world import Proposals
from app.supply.chains.words import step_words
from app.web.format import distance, duration, span_words


@dataclass(frozen=True)
class PlanCosts:
    """What a plan would cost, in words: each leg, whom it is paid to, and in all: in sentences, and as a fact.

    What is paid between the two counts, and is told apart. Of legs for which nothing is reckoned it says why, and in
    all the same where that is so of each for one reason.
    """

    each: Sequence[list[str]]
    payees: Sequence[tuple[str, str, str]]
    all: list[str]
    fact: str


def costs_of(
    plans: Sequence[Plan],
    cargo: Cargo,
    organisation: Organisation,
    places: Mapping[int, Shown],
    people: int | None = None,
) -> list[PlanCosts]:
    """Work out what each plan would cost an organisation, as it will be charged: by the hour, the kilometre…"""
    found = prices_of_plans(plans, cargo, organisation, places, people)
    return [_plan_costs(plan, each, places, organisation) for plan, each in zip(plans, found, strict=True)]


def _plan_costs(
    plan: Plan, found: PlanPrices, places: Mapping[int, Shown], organisation: Organisation
) -> PlanCosts:
    by_owner, payers = defaultdict[str, list[Estimate]](list), found.reckoned.payers
    legs = [*zip(plan.legs, found.reckoned.each, found.shown, strict=True)]
    for leg, reckoned, shown in legs:
        if (each := reckoned or shown) is not None:
            by_owner[places[leg.resource_id].owner_name].append(each)
    payees = [
        (_("To %(name)s", name=name), estimate_fact(total(given), payers), "building")
        for name, given in by_owner.items()
    ]
    each_said = [
        estimate_words(reckoned, payers) or [_unreckoned(places[leg.resource_id], shown, organisation)]
        for leg, reckoned, shown in legs
    ]
    alike = {line for said in each_said for line in said} if found.reckoned.all is None else set()
    aside = aside_words(found.aside)
    fact = (
        alike.pop() if len(alike) == 1 else " · ".join([*_stated(estimate_fact(found.all, payers)), *aside])
    )
    in_all = [*estimate_words(found.all, payers), *aside]
    return PlanCosts(each_said, payees if len(by_owner) > 1 else [], in_all, fact)


def _stated(fact: str) -> list[str]:
    return [fact] if fact else []


def _unreckoned(place: Shown, shown: Estimate | None, organisation: Organisation) -> str:
    """Say what a place costs for which nothing is reckoned: nothing, or what it shows, which is paid without us."""
    if place.owner_id == organisation.id:
        return _("Your own: nothing is charged to you")
    price = cost_words(place)
    if not price:
        return _("Free of charge")
    amount = estimate_fact(shown, {})
    return _("%(amount)s (%(price)s, as shown): paid directly to the place", amount=amount, price=price)


def steps_of(plan: Plan, places: Mapping[int, Shown]) -> list[dict[str, Any]]:
    """Write the legs of a plan as steps."""
    return [_step(number, leg, places[leg.resource_id]) for number, leg in enumerate(plan.legs, start=1)]


def _step(number: int, leg: PlannedLeg, place: Shown) -> dict[str, Any]:
    when = span_words(leg.span, place.timezone)
    counted = place.capacity > 1 and place.unit != "whole"
    return step_words(leg) | {
        "number": number,
        "name": place.name,
        "href": url_for("availability.resource", slug=place.slug),
        "site": place.site_name,
        "when": when[:1].upper() + when[1:],
        "quantity": amount(place.unit, leg.quantity) if counted else "",
        "has_rules": bool(place.house_rules),
    }


def plan_facts(plan: Plan, places: Mapping[int, Shown], said: PlanCosts) -> list[tuple[str, str, str]]:
    """List what makes one plan better than another: cost, way, how long it takes, when it can be handed over."""
    zone = places[plan.legs[-1].resource_id].timezone
    taken = (plan.ready_at - plan.legs[0].span.start).total_seconds() / 60
    return [
        *([(_("Cost"), said.fact, "euro")] if said.fact else []),
        (_("On the road"), distance(plan.metres / 1000), "vehicle"),
        (_("From collection to ready"), duration(round(taken)), "clock"),
        (_("Can be handed over"), moment(plan.ready_at, zone), "users"),
    ]


def cards(found: Proposals, cargo: Cargo, organisation: Organisation) -> list[dict[str, Any]]:
    """Write what is proposed, each with its plan, to be chosen."""
    places = places_of(found.plans)
    each_said = costs_of(found.plans, cargo, organisation, places)
    return [
        {
            "plan": plan,
            "why": why_words(plan, found.plans),
            "steps": steps_of(plan, places),
            "facts": plan_facts(plan, places, said),
        }
        for plan, said in zip(found.plans, each_said, strict=True)
    ]


def rejections(found: Proposals, *, processed: bool) -> dict[str, Any]:
    """Write why all the rest is in no plan: what is most first, some by their names; and what would help."""
    groups = groups_of(found.rejected)
    names = shown_by_id({number for *_rest, ids in groups for number in ids})
    more_time, less = wishes_of([reason for _task, reason, *_rest in groups])
    return {
        "groups": [
            {
                "words": reason_words(task, reason, number),
                "names": named_words([names[each].name for each in ids if each in names], number),
            }
            for task, reason, number, ids in groups
        ],
        "missing": missing_words(found.rejected, processed=processed) if not found.plans else [],
        "more_time": more_time,
        "less": less,
        "is_whole": found.is_whole,
    }
