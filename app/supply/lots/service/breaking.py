"""A cold chain breaks: an incident, whose lots nobody hands over until somebody says what was done."""

from collections.abc import Collection

from sqlalchemy import select

from app.catalogue.models import Resource
from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import Actor
from app.infra.db import db
from app.infra.events import emit
from app.supply.cargo import Regime
from app.supply.lots import events
from app.supply.lots.limits import LIMITS, Threshold, Verdict
from app.supply.lots.models import Handover, Incident, IncidentLot, Lot
from app.supply.lots.queries import affected_by, warmest_alarm
from app.supply.lots.rules import INCIDENT, IncidentState, LotState
from app.supply.lots.service.common import tell


def look_at_giving(written: Handover, lots: Collection[Lot], actor: Actor) -> None:
    """Open an incident where something is too warm when it is given: who gives answers for it."""
    _look(written, written.tenths, lots, written.giver_id, actor)


def look_at_reception(written: Handover, lots: Collection[Lot], actor: Actor) -> None:
    """Open an incident where something was too warm when it came: who received it has it, and answers for it."""
    _look(written, written.received_tenths, lots, written.receiver_id or written.giver_id, actor)


def look_at_return(written: Handover, actor: Actor) -> None:
    """Open an incident where what the receiver did not take was too warm: who gave has it again, and answers for it.

    It blocks so many kilos of each lot and no more: the others stayed where it is cold. The lots are locked.
    """
    back = [line.lot for line in written.lines if line.came_back_grams and line.lot.state == LotState.HELD]
    _look(written, written.received_tenths, back, written.giver_id, actor)


def _look(
    written: Handover, tenths: int | None, lots: Collection[Lot], answering_id: int, actor: Actor
) -> None:
    warm = [] if tenths is None else too_warm(lots, tenths)
    if tenths is None or not warm:
        return
    limit = min((LIMITS[Regime(lot.regime)].alarm for lot in warm), key=lambda each: each.tenths)
    incident = _new(tenths, limit)
    incident.handover_id, incident.organisation_id = written.id, answering_id
    incident.territory_id = written.territory_id
    _open(incident, warm, actor)


def too_warm(lots: Collection[Lot], tenths: int) -> list[Lot]:
    """Give the lots whose cold chain is broken at a temperature: nothing else is affected by it."""
    return [lot for lot in lots if LIMITS[Regime(lot.regime)].verdict(tenths) is Verdict.ALARM]


def open_in_place(
    place: Resource, tenths: int, limit: Threshold, lots: Collection[Lot], actor: Actor
) -> Incident:
    """Open an incident of a place, for the lots that are in it."""
    incident = _new(tenths, limit)
    incident.resource_id, incident.organisation_id = place.id, place.site.owner_id
    incident.territory_id = place.territory_id
    return _open(incident, lots, actor)


def widen(incident: Incident, lots: Collection[Lot], actor: Actor) -> Incident:
    """Let an open incident, whose row is locked, affect what came in since."""
    known = {lot.id for lot in affected_by(incident.id)}
    _flag(incident, [lot for lot in lots if lot.id not in known], actor)
    return incident


def measure_anew(incident: Incident) -> None:
    """Let an incident, whose row is locked, be as warm as the warmest of its readings that are an alarm.

    Where none is any more it stays what it was: its page says to what the figure was corrected.
    """
    db.session.flush()
    warmest = warmest_alarm(incident.id)
    if warmest is not None:
        incident.tenths = warmest


def take_back(incident: Incident, actor: Actor, why: str) -> None:
    """Close an open incident, whose row is locked, that only a mistyped figure had opened; who was alarmed is told."""
    incident.state = IncidentState(INCIDENT.after("close", incident.state))
    incident.is_mistyped, incident.measures = True, why
    incident.closed_at, incident.closed_by_id = clock.now(), actor.person_id
    tell(incident, "mistyped", actor, tenths=incident.tenths)
    emit(events.IncidentClosed(incident.id, actor.person_id))


def find_locked_incident(incident_id: int | None) -> Incident | None:
    """Get an incident as it is now, if it is still open; incidents are locked before notes and lots."""
    rows = select(Incident).filter_by(id=incident_id, state=IncidentState.OPEN).with_for_update()
    return db.session.scalar(rows, execution_options={"populate_existing": True})


def _new(tenths: int, limit: Threshold) -> Incident:
    return Incident(
        public_id=new_public_id(), at=clock.now(), tenths=tenths, limit_tenths=limit.tenths,
        limit_source=limit.source, state=IncidentState.OPEN, measures="",
    )  # fmt: skip


def _open(incident: Incident, lots: Collection[Lot], actor: Actor) -> Incident:
    db.session.add(incident)
    tell(incident, "opened", actor, tenths=incident.tenths)
    _flag(incident, lots, actor)
    if not lots:
        emit(events.IncidentOpened(incident.id, actor.person_id, ()))
    return incident


def _flag(incident: Incident, lots: Collection[Lot], actor: Actor) -> None:
    if not lots:
        return
    db.session.add_all(IncidentLot(incident_id=incident.id, lot_id=lot.id) for lot in lots)
    db.session.flush()
    emit(events.IncidentOpened(incident.id, actor.person_id, tuple(lot.id for lot in lots)))
