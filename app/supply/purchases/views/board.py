"""The list: what can be ordered together now, what one ordered, what one organises."""

from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from app.accounts.identity import reach
from app.supply.cargo_words import kilos
from app.supply.offers import queries as offers
from app.supply.offers.words import price_words
from app.supply.purchases import queries
from app.supply.purchases.models import PurchaseOrder
from app.supply.purchases.policy import PurchasePermission as P
from app.supply.purchases.queries import Found
from app.supply.purchases.rules import State
from app.supply.purchases.views import blueprint
from app.supply.purchases.words import (
    ORDER_STATES,
    cost_words,
    deadline_words,
    ordered_words,
    packing_words,
    standing_words,
)
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page


@blueprint.get("/achats-groupes")
@allowed(P.SEE_BOARD)
def board() -> Response:
    """Show what can be ordered together, what ends first first."""
    actor = current_actor()
    territories = offers.territories_of(actor) | (set(reach(actor)) if actor.is_platform_admin else set())
    ours = actor.memberships
    return page(
        "supply/purchases/board.html",
        cards=[_line(each) for each in queries.open_in(territories)],
        orders=[_order(each) for each in queries.orders_by(ours)] if ours else [],
        organised=[_line(each) for each in queries.organised_by(ours)] if ours else [],
        ours=offers.find_organisation(actor.acting_for),
    )


def _line(found: Found) -> dict[str, Any]:
    purchase = found.purchase
    return {
        "href": url_for("purchases.show", ref=purchase.public_id),
        "name": purchase.product,
        "price": price_words(purchase.price_cents),
        "deadline": deadline_words(purchase),
        "who": purchase.organisation.name,
        "standing": standing_words(purchase, found.ordered),
        "bar": ordered_words(purchase, found.ordered),
        "value": min(found.ordered, purchase.least_grams),
        "max": purchase.least_grams,
        "again": ""
        if purchase.state == State.OPEN
        else url_for("purchases.propose", comme=purchase.public_id),
    }


def _order(order: PurchaseOrder) -> dict[str, Any]:
    purchase = order.purchase
    is_open = purchase.state == State.OPEN
    return {
        "href": url_for("purchases.show", ref=purchase.public_id),
        "name": purchase.product,
        "kilos": kilos(order.grams),
        "cost": cost_words(purchase, order.grams),
        "who": purchase.organisation.name,
        "when": deadline_words(purchase) if is_open else packing_words(purchase),
        "is_open": is_open,
        "state": ORDER_STATES[order.state][0],
        "words": ORDER_STATES[order.state][1],
    }
