"""The goods of a chain: the part of an offer that it carries, where somebody is paid for it."""

from sqlalchemy import select

from app.bookings.goods import Bringer, Sold, brings_goods
from app.infra.db import db
from app.supply.chains.models import Chain
from app.supply.chains.queries import carrier_of
from app.supply.offers.goods import SUBJECT, goods_of, plans_of
from app.supply.offers.queries import find_part
from app.supply.offers.service import keep_part


def _of_bundle(bundle_id: int, *, locked: bool) -> Sold | None:
    """Read the part that a chain carries; the latest chain for a part that is live carries it."""
    ref = db.session.scalar(select(Chain.surplus_claim_ref).filter_by(bundle_id=bundle_id))
    goods = _of_ref(ref, locked=locked) if ref else None
    return goods if goods is not None and goods.bundle is not None and goods.bundle.id == bundle_id else None


def _of_ref(ref: str, *, locked: bool = False) -> Sold | None:
    claim = keep_part(ref) if locked else find_part(ref)
    plan = plans_of([claim]).get(ref) if claim else None
    if claim is None or plan is None:
        return None
    if locked:
        db.session.refresh(plan)
    carrier = carrier_of(ref)
    return goods_of(claim, plan, carrier.bundle if carrier else None)


brings_goods(SUBJECT, Bringer(_of_bundle, _of_ref))
