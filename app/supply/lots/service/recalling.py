"""Alerting everybody who has something that came of a lot."""

from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.lots import events
from app.supply.lots.errors import NotOurLot
from app.supply.lots.models import Lot
from app.supply.lots.queries import spread_of
from app.supply.lots.service.common import checked_reason, tell


def recall(actor: Actor, lot_id: int, reason: str) -> int:
    """Write to all who have something that came of a lot, and why; give how many organisations that are.

    By the organisation whose lot it is, or the coordination. Raise NotFound, NotOurLot, ReasonMissing, TextTooLong.
    """
    reason = checked_reason(reason)
    with atomic():
        lot = db.session.get(Lot, lot_id)
        if lot is None:
            raise NotFound(kind="lot")
        if not (actor.belongs_to(lot.organisation_id) or lot.territory_id in actor.coordinated):
            raise NotOurLot(organisation=lot.organisation_id)
        holders = {each.lot.organisation_id for each in spread_of(lot).lots}
        tell(lot, "recalled", actor, reason=reason, organisations=len(holders))
        emit(events.LotRecalled(lot.id, actor.person_id, reason, tuple(sorted(holders))))
    return len(holders)
