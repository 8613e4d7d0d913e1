"""Finding what a page is about, for who may know of it."""

from app.core.errors import Forbidden, NotFound
from app.core.policy import can
from app.supply.offers.goods import goods_of, plans_of
from app.supply.offers.models import SurplusClaim
from app.supply.offers.policy import OfferPermission as P
from app.supply.offers.queries import PartCosts, Viewed, find_claim, get_viewed
from app.web.identity import current_actor


def seen(ref: str, **_rest: str) -> Viewed:
    """Load an offer, whatever else an address names; whoever may not see it is told the same as where there is none."""
    actor = current_actor()
    if not actor.is_signed_in:
        raise Forbidden(signed_in=False)
    viewed = get_viewed(ref, actor)
    if not can(actor, P.SEE, viewed):
        raise NotFound(kind="surplus_offer", ref=ref)
    return viewed


def part_of(viewed: Viewed, claim_ref: str) -> SurplusClaim:
    """Find a part of an offer; raise NotFound, also where it is another organisation's."""
    actor = current_actor()
    claim = find_claim(viewed.offer.id, claim_ref)
    is_theirs = claim is not None and claim.organisation_id in viewed.ours
    if claim is None or not (is_theirs or can(actor, P.SEE_TAKERS, viewed)):
        raise NotFound(kind="surplus_claim", ref=claim_ref)
    return claim


def seen_costs(ref: str, claim_ref: str) -> PartCosts:
    """Load what a part costs; whoever may not see it is told the same as where nothing is charged."""
    actor = current_actor()
    if not actor.is_signed_in:
        raise Forbidden(signed_in=False)
    viewed = get_viewed(ref, actor)
    claim = find_claim(viewed.offer.id, claim_ref)
    plan = plans_of([claim]).get(claim_ref) if claim else None
    if claim is None or plan is None:
        raise NotFound(kind="surplus_claim", ref=claim_ref)
    costs = PartCosts(viewed, claim, goods_of(claim, plan))
    if not can(actor, P.SEE_COSTS, costs):
        raise NotFound(kind="surplus_claim", ref=claim_ref)
    return costs
