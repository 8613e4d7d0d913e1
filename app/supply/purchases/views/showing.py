"""The page of one group purchase, for whoever looks at it, with what was typed and refused."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from werkzeug.wrappers import Response

from app.accounts.queries import organisations_by_id
from app.core import clock
from app.core.policy import can
from app.core.span import to_wall
from app.supply.cargo_words import kilos, packages_words
from app.supply.chains.views.drafts import drafted
from app.supply.chains.views.outrun import warned_from
from app.supply.purchases import queries
from app.supply.purchases.forms import LaterForm, OrderForm, ReasonForm
from app.supply.purchases.models import GroupPurchase, PurchaseOrder
from app.supply.purchases.policy import PurchasePermission as P
from app.supply.purchases.queries import Viewed
from app.supply.purchases.rules import LIVE, OrderState, State
from app.supply.purchases.words import (
    ORDER_STATES,
    cost_words,
    late_words,
    missing_words,
    ordered_words,
    purchase_facts,
    standing_words,
)
from app.web.identity import current_actor
from app.web.page import page


def show_purchase(viewed: Viewed, *, trouble: str = "", status: int = 200, **typed: Any) -> Response:
    """Show a purchase; `typed` are forms that were refused: ordering, changing, cancelling."""
    purchase, actor = viewed.purchase, current_actor()
    those = queries.orders_of(purchase.id)
    ordered = sum(each.grams for each in those if each.state in (*LIVE, OrderState.ENDED))
    is_open, is_own = purchase.is_open_at(clock.now()), can(actor, P.KEEP, viewed)
    sees_all, is_confirmed = can(actor, P.SEE_ORDERS, viewed), purchase.state == State.CONFIRMED
    shown = [each for each in those if sees_all or each.organisation_id in viewed.ours]
    return page(
        "supply/purchases/show.html",
        status=status,
        trouble=trouble,
        purchase=purchase,
        standing=standing_words(purchase, ordered),
        ordered=ordered,
        bar=ordered_words(purchase, ordered),
        missing=missing_words(purchase, ordered) if is_open else "",
        facts_rows=purchase_facts(purchase, ordered),
        supplier=queries.find_supplier(purchase),
        is_open=is_open,
        is_cancelled=purchase.state == State.CANCELLED,
        is_confirmed=is_confirmed,
        is_own=is_own,
        sees_all=sees_all,
        orders=[_order(each, viewed, is_open=is_open, is_own=is_own) for each in shown],
        ordering=(typed.get("ordering") or _ordering(viewed, those)) if is_open and viewed.ours else None,
        late=late_words(purchase) if is_own and is_open else "",
        finder=_finder(purchase) if is_own and not purchase.is_placed else "",
        drafted=drafted(purchase.origin, actor),
        warned=warned_from(purchase.origin, actor),
        changing=(typed.get("changing") or changing(purchase)) if is_own and is_open else None,
        cancelling=(typed.get("cancelling") or ReasonForm(formdata=None))
        if is_own and purchase.state != State.CANCELLED
        else None,
    )


def changing(purchase: GroupPurchase, form: LaterForm | None = None) -> LaterForm:
    """Give the form of what can be another: one that was sent, else with what holds now."""
    slots = [*queries.packing_slots(purchase.organisation_id, clock.now())]
    if purchase.booking and purchase.booking not in slots and purchase.is_placed:
        slots.append(purchase.booking)
    sent, form = form is not None, form or LaterForm(formdata=None)
    form.prepare(purchase.organisation, slots)
    if not sent:
        form.show(purchase)
    return form


def order_form(viewed: Viewed, form: OrderForm) -> OrderForm:
    """Prepare the form to order with."""
    named = [(each.id, each.name) for each in organisations_by_id(viewed.ours)]
    form.prepare(named, current_actor().acting_for)
    return form


def _ordering(viewed: Viewed, those: Any) -> OrderForm:
    form = order_form(viewed, OrderForm(formdata=None))
    chosen = int(form.organisation.data)
    own = next(
        (each for each in those if each.organisation_id == chosen and each.state == OrderState.ORDERED), None
    )
    form.show(own, viewed.purchase.per_package)
    return form


def _order(order: PurchaseOrder, viewed: Viewed, *, is_open: bool, is_own: bool) -> dict[str, Any]:
    """Write an order for who may know of it, with what they may do with it."""
    purchase = viewed.purchase
    state, words = ORDER_STATES[order.state]
    is_ordered = order.state == OrderState.ORDERED
    is_confirmed = purchase.state == State.CONFIRMED
    packages = purchase.cargo(order.grams).packages
    return {
        "ref": order.public_id,
        "name": order.organisation.name,
        "phone": order.organisation.phone if is_own else "",
        "kilos": kilos(order.grams),
        "packages": packages_words(purchase.packaging, packages),
        "cost": cost_words(purchase, order.grams),
        "message": order.message,
        "state": state,
        "words": words,
        "may_withdraw": is_open and is_ordered and order.organisation_id in viewed.ours,
        "may_hand_out": is_own and is_confirmed and is_ordered,
        "may_take_back": is_own and is_confirmed and order.state == OrderState.HANDED_OUT,
    }


def _finder(purchase: GroupPurchase) -> str:
    """Give the address where a place to pack is found, for the day after the deadline; nothing where it is all over."""
    if purchase.state == State.CANCELLED:
        return ""
    last = to_wall(max(purchase.deadline_at, clock.now()), ZoneInfo(purchase.territory.timezone)).date()
    return url_for("availability.find", date=(last + timedelta(days=1)).isoformat(), de="09:00", a="12:00")
