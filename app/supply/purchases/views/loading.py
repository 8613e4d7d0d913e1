"""Finding what a page is about, for who may know of it."""

from flask import request

from app.core.errors import Forbidden, NotFound
from app.core.policy import can
from app.supply.purchases.models import PurchaseOrder
from app.supply.purchases.policy import PurchasePermission as P
from app.supply.purchases.queries import Viewed, find_order, get_viewed
from app.web.identity import current_actor


def seen(ref: str, **_rest: str) -> Viewed:
    """Load a purchase, whatever else an address names; whoever may not see it is told as if there were none."""
    actor = current_actor()
    if not actor.is_signed_in:
        raise Forbidden(signed_in=False)
    viewed = get_viewed(ref, actor)
    if not can(actor, P.SEE, viewed):
        raise NotFound(kind="group_purchase", ref=ref)
    return viewed


def order_of(viewed: Viewed) -> PurchaseOrder:
    """Find the order an address names; raise NotFound, also where it is another organisation's."""
    ref = str((request.view_args or {})["order_ref"])
    order = find_order(viewed.purchase.id, ref)
    is_theirs = order is not None and order.organisation_id in viewed.ours
    if order is None or not (is_theirs or can(current_actor(), P.SEE_ORDERS, viewed)):
        raise NotFound(kind="purchase_order", ref=ref)
    return order
