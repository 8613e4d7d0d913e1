"""What becomes of what came back to who gave: less was received than was given, or nothing."""

from collections.abc import Mapping

from app.core.policy import Actor
from app.infra.uow import atomic
from app.supply.lots.errors import LotFlagged, LotPromised
from app.supply.lots.models import Handover, HandoverLine, Lot
from app.supply.lots.queries import affected_by, find_open_incident_of_return, free_of
from app.supply.lots.rules import LotState, Outcome
from app.supply.lots.service.common import checked, checked_reason, lock_lots, lock_note_of, tell
from app.supply.lots.service.entering import end


def say_what_came_back(actor: Actor, note_id: int, said: Mapping[int, Outcome], reason: str) -> None:
    """Say of the lots (ids) of which something came back that it is in stock again, or was destroyed, and why.

    What was said already stays; of what came back too warm it is said where its incident is closed.
    Raise NotFound, NotOurLot, ReasonMissing, LotFlagged, LotPromised.
    """
    is_lost = Outcome.DESTROYED in said.values()
    reason = checked_reason(reason) if is_lost else checked(reason, "reason")
    with atomic():
        written = lock_note_of(actor, note_id, "giver")
        lots = {lot.id: lot for lot in lock_lots([line.lot_id for line in written.lines])}
        _check_closed(written)
        for line in written.lines:
            if line.came_back_grams and line.returned is None and line.lot_id in said:
                line.returned, line.return_reason = said[line.lot_id], reason
                _settle(line, lots[line.lot_id], actor, reason)
        tell(written, "came_back", actor)


def _check_closed(written: Handover) -> None:
    incident = find_open_incident_of_return(written)
    if incident is not None:
        product = affected_by(incident.id)[0].product
        raise LotFlagged(product=product, incident=incident.public_id)


def _settle(line: HandoverLine, lot: Lot, actor: Actor, reason: str) -> None:
    grams, ref = line.came_back_grams, line.handover.public_id
    tell(lot, "came_back", actor, grams=grams, outcome=line.returned, note=ref)
    if line.returned == Outcome.DESTROYED and lot.state == LotState.HELD:
        free = free_of([lot])[lot.id]
        if not free:
            raise LotPromised(product=lot.product)
        end(lot, actor, reason, min(grams, free))
