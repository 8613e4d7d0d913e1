"""Chains, and what is proposed for them, as the API answers them."""

from collections.abc import Collection, Mapping, Sequence
from zoneinfo import ZoneInfo

from app.api import writing
from app.api.chain_reading import Wish
from app.api.instants import write_instant
from app.api.surplus_writing import write_load, write_named
from app.api.writing import Json
from app.availability.shown import Shown, shown_by_id
from app.bookings.bundles import Whole
from app.bookings.models import Booking
from app.bookings.policy import named_among
from app.core.policy import Actor
from app.payments.tariffs.estimating import Estimate
from app.supply.chains.models import Chain
from app.supply.chains.plan_costs import PlanPrices, places_of, prices_of_plans
from app.supply.chains.plan_words import best_of, groups_of, missing_words, reason_words, why_words
from app.supply.chains.planning.plan import Plan, PlannedLeg
from app.supply.chains.planning.world import Rejected


def write_chains(chains: Sequence[tuple[Chain, Whole]], actor: Actor) -> list[Json]:
    """Write chains, each with those of its legs that the caller may see."""
    named = named_among(actor, [leg for _chain, whole in chains for leg in whole.legs])
    return [_chain(chain, whole, actor, named) for chain, whole in chains]


def _chain(chain: Chain, whole: Whole, actor: Actor, named: Collection[int]) -> Json:
    return {
        "ref": whole.bundle.ref,
        "product": chain.product,
        "grams": chain.grams,
        "regime": chain.regime,
        "load": write_load(chain.cargo),
        "from_place": chain.from_place,
        "part": chain.surplus_claim_ref,
        "offer": chain.surplus_offer_ref,
        "receiver": write_named(chain.destination),
        "for_food_aid": chain.for_food_aid,
        "steps": _steps(chain, whole, named),
        "request": writing.bundle(whole, actor),
        "url": writing.absolute(f"/filieres/{whole.bundle.ref}"),
    }


def _steps(chain: Chain, whole: Whole, named: Collection[int]) -> list[Json]:
    """Write what its legs are there for, and when each takes place: whom it only concerns reads no booking."""
    legs = {leg.leg_number: leg for leg in whole.legs}
    return [
        {
            "leg": step.leg_number,
            "role": step.role,
            "metres": step.metres,
            "trips": step.trips,
            **_when(legs.get(step.leg_number), named),
        }
        for step in chain.steps
    ]


def _when(leg: Booking | None, named: Collection[int]) -> Json:
    if leg is None:
        return {"name": None, "start": None, "end": None, "state": None}
    times = writing.window(leg.span, ZoneInfo(leg.resource.site.timezone))
    return {"name": leg.resource.name if leg.id in named else None, **times, "state": leg.decision}


def write_proposals(wish: Wish) -> Json:
    """Write what is proposed for a wish, and why all the rest is in no plan."""
    found = wish.proposals
    missing = missing_words(found.rejected, processed=wish.wanted.processed) if not found.plans else []
    return {
        "load": write_load(wish.wanted.cargo),
        "plans": write_plans(wish),
        "rejected": write_rejected(found.rejected),
        "missing": [str(each) for each in missing],
        "is_whole": found.is_whole,
    }


def write_plans(wish: Wish) -> list[Json]:
    """Write the plans that are proposed for a wish, the cheapest first."""
    plans = wish.proposals.plans
    places = places_of(plans)
    prices = prices_of_plans(plans, wish.wanted.cargo, wish.ours, places)
    return [
        _plan(each, plans, price, places) | {"plan": wish.sign(each)}
        for each, price in zip(plans, prices, strict=True)
    ]


def _plan(plan: Plan, plans: Sequence[Plan], price: PlanPrices, places: Mapping[int, Shown]) -> Json:
    legs = zip(plan.legs, price.reckoned.each, price.shown, strict=True)
    return {
        "goals": best_of(plan, plans),
        "why": why_words(plan, plans),
        "ready_at": write_instant(plan.ready_at, ZoneInfo(places[plan.legs[-1].resource_id].timezone)),
        "metres": plan.metres,
        "estimate": writing.estimate(price.reckoned.all),
        "paid_directly": writing.estimate(price.aside),
        "legs": [_leg(leg, places[leg.resource_id], reckoned, shown) for leg, reckoned, shown in legs],
    }


def _leg(leg: PlannedLeg, place: Shown, reckoned: Estimate | None, shown: Estimate | None) -> Json:
    return {
        "role": leg.role,
        "resource": writing.name_of(place),
        "site": {"slug": place.site_slug, "name": place.site_name, "timezone": place.timezone},
        **writing.window(leg.span, ZoneInfo(place.timezone)),
        "quantity": leg.quantity,
        "unit": place.unit,
        "metres": leg.metres,
        "trips": leg.trips,
        "estimate": writing.estimate(reckoned),
        "paid_directly": writing.estimate(shown),
    }


def write_rejected(rejected: Sequence[Rejected]) -> list[Json]:
    """Write why what was rejected is in nothing that is proposed, most first."""
    groups = groups_of(rejected)
    names = shown_by_id({number for *_rest, ids in groups for number in ids})
    return [
        {
            "task": task,
            "reason": reason,
            "number": number,
            "names": [names[each].name for each in ids if each in names],
            "detail": reason_words(task, reason, number),
        }
        for task, reason, number, ids in groups
    ]
