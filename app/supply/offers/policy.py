"""Who may do what with offers. Their subject is an offer as somebody sees it (`queries.Viewed`)."""

from enum import StrEnum
from typing import Any

from app.accounts.policy import belongs, is_active
from app.core.policy import Actor, Table, platform_admin, signed_in
from app.supply.offers.queries import PartCosts, Viewed


class OfferPermission(StrEnum):
    """What can be asked of the room of offers."""

    SEE_BOARD = "offers.see_board"
    POST = "offers.post"
    SEE = "offers.see"
    TAKE = "offers.take"
    KEEP = "offers.keep"  # change or withdraw it, say what was collected
    SEE_TAKERS = "offers.see_takers"
    SEE_COSTS = "offers.see_costs"
    TAKE_BACK = "offers.take_back"
    SET_ALERTS = "offers.set_alerts"


def acts_for_somebody(actor: Actor, _subject: Any) -> bool:
    """Hold for the members of any active organisation."""
    return bool(actor.memberships)


def takes_part(_actor: Actor, viewed: Viewed) -> bool:
    """Hold for the members of the organisations of the territory."""
    return bool(viewed.ours)


def offers_it(actor: Actor, viewed: Viewed) -> bool:
    """Hold for the members of the organisation that offers."""
    return actor.belongs_to(viewed.offer.organisation_id)


def may_take(_actor: Actor, viewed: Viewed) -> bool:
    """Hold for the members of another organisation of the territory."""
    return bool(viewed.takers)


def coordinates(actor: Actor, viewed: Viewed) -> bool:
    """Hold for the coordination of the territory."""
    return viewed.offer.territory_id in actor.coordinated


def is_concerned(actor: Actor, costs: PartCosts) -> bool:
    """Hold for the members of both sides of a part that is sold."""
    return actor.belongs_to(costs.claim.organisation_id) or offers_it(actor, costs.viewed)


def bears_some(actor: Actor, costs: PartCosts) -> bool:
    """Hold for who keeps the accounts of an organisation that bears a part of its cost, was asked to, or is paid."""
    return any(actor.keeps_accounts_of(each) for each in costs.goods.organisation_ids)


def coordinates_it(actor: Actor, costs: PartCosts) -> bool:
    """Hold for the coordination of the territory."""
    return coordinates(actor, costs.viewed)


def is_paid(actor: Actor, costs: PartCosts) -> bool:
    """Hold for who keeps the accounts of whoever is paid, and for the members of who offers."""
    return actor.keeps_accounts_of(costs.goods.plan.payee_id) or offers_it(actor, costs.viewed)


TABLE: Table = {
    OfferPermission.SEE_BOARD: [[signed_in]],
    OfferPermission.POST: [[acts_for_somebody]],
    OfferPermission.SEE: [[takes_part], [coordinates], [platform_admin]],
    OfferPermission.TAKE: [[may_take]],
    OfferPermission.KEEP: [[offers_it]],
    OfferPermission.SEE_TAKERS: [[offers_it], [coordinates], [platform_admin]],
    OfferPermission.SEE_COSTS: [[is_concerned], [bears_some], [coordinates_it], [platform_admin]],
    OfferPermission.TAKE_BACK: [[is_paid]],
    OfferPermission.SET_ALERTS: [[belongs, is_active]],
}
