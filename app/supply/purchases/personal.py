"""What accounts ask of this room: what is kept of a person."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.asks import gives_own, names_things
from app.accounts.queries.own import write_instant
from app.infra.db import db
from app.supply.purchases.models import GroupPurchase, PurchaseOrder


@names_things("group_purchase")
def refs(ids: Collection[int]) -> Mapping[int, str]:
    """Name purchases by their reference."""
    rows = db.session.execute(
        select(GroupPurchase.id, GroupPurchase.public_id).where(GroupPurchase.id.in_(ids))
    )
    return {row.id: row.public_id for row in rows}


@gives_own("group_purchases")
def opened_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of the purchases a person opened in the name of organisations."""
    rows = (
        select(GroupPurchase).options(joinedload(GroupPurchase.organisation)).filter_by(person_id=person_id)
    )
    return [
        {
            "ref": each.public_id, "organisation": each.organisation.name, "product": each.product,
            "bring": each.bring, "note": each.note, "state": each.state,
            "deadline": write_instant(each.deadline_at), "at": write_instant(each.created_at),
        }
        for each in db.session.scalars(rows.order_by(GroupPurchase.id))
    ]  # fmt: skip


@gives_own("group_purchase_orders")
def ordered_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of what a person ordered in the name of organisations."""
    whole = joinedload(PurchaseOrder.purchase), joinedload(PurchaseOrder.organisation)
    rows = select(PurchaseOrder).options(*whole).filter_by(person_id=person_id).order_by(PurchaseOrder.id)
    return [
        {
            "purchase": each.purchase.public_id, "organisation": each.organisation.name, "grams": each.grams,
            "message": each.message, "state": each.state, "at": write_instant(each.created_at),
        }
        for each in db.session.scalars(rows)
    ]  # fmt: skip
