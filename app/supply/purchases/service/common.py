"""What the use cases share. The row of a purchase is locked after guards, organisations and people (locking.md)."""

from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra import audit
from app.infra.db import db
from app.supply.offers.errors import NotTakingPart
from app.supply.purchases.models import GroupPurchase, PurchaseOrder
from app.supply.purchases.rules import LIVE, ORDER, PURCHASE, OrderState, State


def lock_purchase(purchase_id: int) -> GroupPurchase:
    """Get a purchase as it is now: neither it nor what is ordered changes before this use case ends; raise NotFound.

    SQLite has one writer anyway.
    """
    row = select(GroupPurchase).filter_by(id=purchase_id).with_for_update()
    purchase = db.session.scalar(row, execution_options={"populate_existing": True})
    if purchase is None:
        raise NotFound(kind="group_purchase")
    return purchase


def lock_own(actor: Actor, purchase_id: int) -> GroupPurchase:
    """Get a purchase that somebody's organisation organises; raise NotFound, NotTakingPart."""
    purchase = lock_purchase(purchase_id)
    if not actor.belongs_to(purchase.organisation_id):
        raise NotTakingPart(organisation=purchase.organisation_id)
    return purchase


def orders(purchase: GroupPurchase) -> list[PurchaseOrder]:
    """Read the orders of a purchase that is locked, withdrawn ones too, as they are now."""
    rows = select(PurchaseOrder).filter_by(purchase_id=purchase.id).order_by(PurchaseOrder.id)
    return [*db.session.scalars(rows.execution_options(populate_existing=True))]


def ordered(those: list[PurchaseOrder]) -> int:
    """Add up what counts, in grams."""
    return sum(each.grams for each in those if each.state in LIVE)


def come_to(purchase: GroupPurchase, act: str) -> None:
    """Move a purchase on; raise IllegalMove."""
    purchase.state, purchase.changed_at = State(PURCHASE.after(act, purchase.state)), clock.now()
    if purchase.state != State.OPEN:
        purchase.ended_at = clock.now()


def bring_to(order: PurchaseOrder, act: str) -> None:
    """Move an order on; raise IllegalMove."""
    order.state, order.changed_at = OrderState(ORDER.after(act, order.state)), clock.now()


def note(purchase: GroupPurchase, act: str, actor: Actor, **facts: Any) -> None:
    """Add a line to the history of a purchase."""
    db.session.flush()
    audit.record("group_purchase", purchase.id, act, actor, territory_id=purchase.territory_id, **facts)
