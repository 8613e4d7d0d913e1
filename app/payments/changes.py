"""What a cost that is planned would become if its subject changed: as it is reckoned and helped to be paid then."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from app.payments import queries
from app.payments.estimates import Costs, payables_of
from app.payments.models import CostPlan, Envelope
from app.payments.service.envelopes import subsidies_of
from app.payments.service.outlook import subsidies_on
from app.payments.service.plans import envelopes_on, helping, hold_keys_of
from app.payments.service.reckoning import expecting, known_use, tariff_of
from app.payments.splits.subsidies import Subsidy
from app.payments.tariffs.estimating import Estimate, estimate, subsidised
from app.payments.tariffs.pricing import waived
from app.payments.tariffs.told import Told


def costs_changed(plan: CostPlan, told: Told) -> Costs:
    """Work out what a plan would come to at another time or quantity: by what was promised when it was asked for.

    What is held for it counts as left. Nothing is reckoned of what is one's own, or has no price.
    """
    if plan.organisation_id == plan.payee_id or not plan.is_priced:
        return Costs()
    found = estimate(tariff_of(plan), [known_use(plan, told)], plan.priority)
    if plan.waiver_reason:
        found = replace(found, lines=tuple(waived(line) for line in found.lines), later=())
    return _helped(found, subsidies_on(plan, told), envelopes_on(plan, told.on).values())


def costs_elsewhere(plan: CostPlan, told: Told, resource_id: int, at: datetime) -> Costs:
    """Work out what a plan would come to that becomes another resource, by its tariff of an instant: see `replan`.

    The programmes that are open now help to pay, and what is held for it counts as left.
    """
    payable = payables_of({resource_id}, at).get(resource_id)
    if payable is None or plan.organisation_id == payable.owner_id:
        return Costs()
    found = estimate(payable.tariff, [expecting(told.use, told.forecast)], plan.priority)
    programmes = [each.id for each in helping(plan, payable.kind)]
    envelopes = queries.envelopes_on(programmes, told.on).values()
    subsidies = subsidies_of(envelopes, plan.organisation_id, hold_keys_of(plan)).values()
    return _helped(found, subsidies, envelopes)


def _helped(found: Estimate, subsidies: Collection[Subsidy], envelopes: Collection[Envelope]) -> Costs:
    """Add what envelopes bear of one charge, and the names of who pays them."""
    payers = (envelope.programme.organisation for envelope in envelopes)
    return Costs(tuple(subsidised([found], subsidies)), {payer.id: payer.name for payer in payers})
