"""Chains that fetch what is bought together go to where it is packed: they are told when that is lost."""

from sqlalchemy import select

from app.infra.db import db
from app.supply.chains.outrun import tells_lost_end
from app.supply.purchases.models import GroupPurchase
from app.supply.purchases.rules import DRAFTED_AS


@tells_lost_end(DRAFTED_AS)
def _is_packing_lost(ref: str) -> bool:
    """Tell whether a purchase had a place where it is packed, and has none any more."""
    purchase = db.session.scalar(select(GroupPurchase).filter_by(public_id=ref))
    return purchase is not None and purchase.booking_id is not None and not purchase.is_placed
