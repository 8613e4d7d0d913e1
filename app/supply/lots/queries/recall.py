"""Where all went that came of a lot, however many hands it passed through."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.infra.db import db
from app.supply.lots.models import Handover, HandoverLine, Lot, LotSource
from app.supply.lots.queries.lots import WHOLE_LOT, Found, found
from app.supply.lots.rules import NoteState


@dataclass(frozen=True)
class Spread:
    """A lot with all that came of it, and what of these was distributed to people."""

    lots: list[Found]  # the first is the lot itself
    distributed: Sequence[HandoverLine]


def spread_of(lot: Lot) -> Spread:
    """Follow a lot forward to the end."""
    known = select(LotSource.lot_id).where(LotSource.source_id == lot.id).cte(recursive=True)
    more = select(LotSource.lot_id).join(known, LotSource.source_id == known.c.lot_id)
    known = known.union(more)
    rows = select(Lot).where(Lot.id.in_(select(known.c.lot_id))).options(*WHOLE_LOT).order_by(Lot.id)
    lots = [lot, *db.session.scalars(rows)]
    return Spread(found(lots), _distributed([each.id for each in lots]))


def _distributed(lot_ids: Collection[int]) -> Sequence[HandoverLine]:
    rows = select(HandoverLine).join(HandoverLine.handover).where(HandoverLine.lot_id.in_(lot_ids))
    rows = rows.where(Handover.state == NoteState.DISTRIBUTED).order_by(Handover.at)
    whole = joinedload(HandoverLine.handover).joinedload(Handover.giver), joinedload(HandoverLine.lot)
    return db.session.scalars(rows.options(*whole)).all()
