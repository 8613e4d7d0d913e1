"""Group purchases through the API: what can be ordered together, one purchase, ordering and withdrawing."""

from zoneinfo import ZoneInfo

from flask import Response

from app.api import writing
from app.api.cursors import read_cursor, write_cursor
from app.api.instants import write_instant
from app.api.openapi import PERSONAL, api, says
from app.api.purchase_answers import GroupPurchase, PurchasePage, PurchaseShare
from app.api.surplus_requests import ListQuery, NoShareBody, ShareBody
from app.api.surplus_writing import write_named
from app.api.views import blueprint
from app.api.views.bookings import own_organisation
from app.core.errors import Forbidden, NotFound
from app.core.policy import can
from app.supply.offers import queries as offers
from app.supply.purchases import queries, service
from app.supply.purchases.models import PurchaseOrder
from app.supply.purchases.policy import PurchasePermission as P
from app.supply.purchases.queries import Found, Viewed
from app.web.guards import allowed
from app.web.identity import current_actor

_REF = {"purchase_ref": "Reference of the purchase."}


def seen_purchase(purchase_ref: str) -> Viewed:
    """Find a purchase for the caller; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    viewed = queries.get_viewed(purchase_ref.upper(), current_actor())
    if not can(current_actor(), P.SEE, viewed):
        raise NotFound(kind="group_purchase")
    return viewed


@blueprint.get("/purchases")
@allowed(P.SEE_BOARD)
@api.validate(resp=says(PurchasePage), tags=["purchases"], security=PERSONAL, operation_id="findPurchases")
def find_purchases(query: ListQuery) -> Response:
    """List what can be ordered together in your territories, what ends first first."""
    found = queries.open_in(offers.territories_of(current_actor()))
    after = read_cursor(query.cursor, lambda first, last: (float(str(first)), last))
    rest = [each for each in found if after is None or _key(each) > after]
    shown, more = rest[: query.limit], len(rest) > query.limit
    cursor = write_cursor(_key(shown[-1])) if more else None
    return writing.answer({"items": [_write(each) for each in shown], "next_cursor": cursor})


@blueprint.get("/purchases/<purchase_ref>")
@allowed(P.SEE, load=seen_purchase)
@api.validate(
    resp=says(GroupPurchase, 404), tags=["purchases"], security=PERSONAL, operation_id="getPurchase",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def get_purchase(viewed: Viewed) -> Response:
    """Read one purchase, and how much of it is ordered."""
    purchase = viewed.purchase
    return writing.answer(_write(Found(purchase, queries.ordered_of([purchase.id]).get(purchase.id, 0))))


@blueprint.post("/purchases/<purchase_ref>/shares")
@allowed(P.ORDER, load=seen_purchase)
@api.validate(
    resp=says(PurchaseShare, 403, 404, 409), tags=["purchases"], security=PERSONAL, operation_id="orderShare",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def order_share(viewed: Viewed, json: ShareBody) -> Response:
    """Order so much for an organisation; sent again, more or less of it. It is ordered by whole packages."""
    wanted = service.Wanted(own_organisation(json.organisation).id, json.grams, json.message, json.sure)
    return writing.answer(_write_share(service.order(current_actor(), viewed.purchase.id, wanted)))


@blueprint.post("/purchases/<purchase_ref>/shares/withdraw")
@allowed(P.ORDER, load=seen_purchase)
@api.validate(
    resp=says(PurchaseShare, 403, 404, 409), tags=["purchases"], security=PERSONAL,
    operation_id="withdrawShare", path_parameter_descriptions=_REF,
)  # fmt: skip
def withdraw_share(viewed: Viewed, json: NoShareBody) -> Response:
    """Order nothing after all, until the deadline."""
    ours = own_organisation(json.organisation)
    share = next(
        (each for each in queries.orders_of(viewed.purchase.id) if each.organisation_id == ours.id), None
    )
    if share is None:
        raise NotFound(kind="purchase_order")
    service.withdraw(current_actor(), share.id)
    return writing.answer(_write_share(share))


def _write_share(share: PurchaseOrder) -> writing.Json:
    return {
        "ref": share.public_id,
        "state": share.state,
        "purchase": share.purchase.public_id,
        "organisation": write_named(share.organisation),
        "grams": share.grams,
        "message": share.message,
        "created_at": write_instant(share.created_at, ZoneInfo(share.purchase.territory.timezone)),
    }


def _key(found: Found) -> tuple[float, int]:
    return found.purchase.deadline_at.timestamp(), found.purchase.id


def _write(found: Found) -> writing.Json:
    purchase = found.purchase
    zone = ZoneInfo(purchase.territory.timezone)
    same = (
        "state", "product", "supplier", "price_cents", "packaging", "per_package", "regime", "least_grams",
        "most_grams", "bring", "note",
    )  # fmt: skip
    return {name: getattr(purchase, name) for name in same} | {
        "ref": purchase.public_id,
        "ordered": found.ordered,
        "deadline": write_instant(purchase.deadline_at, zone),
        "booking": purchase.booking.ref if purchase.booking else None,
        "organisation": write_named(purchase.organisation),
        "created_at": write_instant(purchase.created_at, zone),
        "url": writing.absolute(f"/achats-groupes/{purchase.public_id}"),
    }
