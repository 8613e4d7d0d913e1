"""Reading the temperature of a storage place; closing what came of a reading that was too warm."""

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.service.locks import keep_person, one_at_a_time
from app.catalogue.models import Resource, Site
from app.catalogue.policy import CataloguePermission
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor, can
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.lots import events
from app.supply.lots.errors import NotAnswering, NotAStore, TemperatureMissing
from app.supply.lots.limits import Threshold, Verdict, limits_of
from app.supply.lots.models import Handover, HandoverLine, Incident, IncidentLot, TemperatureReading
from app.supply.lots.queries import STORAGE, affected_by, find_open_incident, left_of, lots_in, regime_of
from app.supply.lots.rules import INCIDENT, OPEN, IncidentState, Outcome
from app.supply.lots.service.breaking import find_locked_incident, open_in_place, widen
from app.supply.lots.service.common import checked_reason, checked_tenths, lock_lots, lock_notes, tell
from app.supply.lots.service.entering import end
from app.supply.lots.service.handing import call_off


def read(actor: Actor, resource_id: int, tenths: int | None, key: str | None = None) -> TemperatureReading:
    """Note how warm a storage place is now; from its alarm on, an incident is opened for all lots in it.

    Raise NotFound, NotAnswering, NotAStore, TemperatureMissing, TemperatureOdd.
    """
    if checked_tenths(tenths) is None or tenths is None:
        raise TemperatureMissing(field="temperature")
    with atomic() as session:
        one_at_a_time(f"readings:{resource_id}")
        person = keep_person(actor.person_id)
        known = select(TemperatureReading).filter_by(person_id=person.id, idempotency_key=key)
        if key and (made := session.scalar(known)):
            return made
        place = _own_place(actor, resource_id)
        regime = regime_of(place)
        if regime is None:
            raise NotAStore(place=place.name)
        limits = limits_of(regime, place.facts)
        reading = TemperatureReading(
            resource_id=place.id, person_id=person.id, at=clock.now(), tenths=tenths,
            verdict=limits.verdict(tenths), idempotency_key=key,
        )  # fmt: skip
        session.add(reading)
        session.flush()
        if reading.verdict == Verdict.ALARM:
            sound(reading, place, limits.alarm, actor)
    return reading


def sound(reading: TemperatureReading, place: Resource, limit: Threshold, actor: Actor) -> None:
    """Open the incident of a place, or widen the one that is open; incidents are locked before lots."""
    known = find_open_incident(place.id)
    going = find_locked_incident(known.id) if known else None
    there = [each.lot.id for each in lots_in(place.id)]
    lots = [lot for lot in lock_lots(there) if lot.resource_id == place.id] if there else []
    incident = (
        widen(going, reading.tenths, lots, actor)
        if going is not None
        else open_in_place(place, reading.tenths, limit, lots, actor)
    )
    reading.incident_id = incident.id


def close(actor: Actor, incident_id: int, outcome: Outcome, measures: str) -> None:
    """Say what was done, and whether the lots of an incident can be eaten; where not, what is left is destroyed.

    By who answers for the place or the hand-over, or the coordination. Notes that were to hand over what is destroyed
    are called off. Raise NotFound, NotAnswering, ReasonMissing, IllegalMove.
    """
    measures = checked_reason(measures, "measures")
    with atomic():
        incident = lock_incident(incident_id)
        if not answers(actor, incident):
            raise NotAnswering(organisation=incident.organisation_id)
        incident.state = IncidentState(INCIDENT.after("close", incident.state))
        incident.outcome, incident.measures = outcome, measures
        incident.closed_at, incident.closed_by_id = clock.now(), actor.person_id
        if outcome is Outcome.DESTROYED:
            _destroy_what_was_there(incident, actor, measures)
        tell(incident, "closed", actor, outcome=outcome)
        emit(events.IncidentClosed(incident.id, actor.person_id))


def answers(actor: Actor, incident: Incident) -> bool:
    """Tell whether a person answers for where the cold chain broke, or coordinates the territory."""
    if incident.territory_id in actor.coordinated:
        return True
    if incident.resource is not None:
        return can(actor, CataloguePermission.MANAGE_SITE, incident.resource)
    return actor.belongs_to(incident.organisation_id)


def lock_incident(incident_id: int) -> Incident:
    """Get an incident as it is now; raise NotFound."""
    rows = select(Incident).filter_by(id=incident_id).with_for_update()
    incident = db.session.scalar(rows, execution_options={"populate_existing": True})
    if incident is None:
        raise NotFound(kind="incident")
    return incident


def _destroy_what_was_there(incident: Incident, actor: Actor, reason: str) -> None:
    """Call off, then destroy: of a place all that was in it, of a hand-over what it hands over and no more.

    Flagged lots come on no new note, so the notes there are are all.
    """
    handed: dict[int, int] = {}
    if incident.handover is not None:
        handed = {line.lot_id: line.grams for line in incident.handover.lines}
    for written in lock_notes(_notes_of(incident)):
        if written.state in OPEN:
            call_off(written, actor, reason)
    lots = lock_lots([lot.id for lot in affected_by(incident.id)])
    left = left_of(lots)
    for lot in lots:
        if left[lot.id]:
            end(lot, actor, reason, handed.get(lot.id))


def _notes_of(incident: Incident) -> Sequence[int]:
    """List the notes that nobody has received and that hand over what an incident affects."""
    if incident.handover_id is not None:
        return [incident.handover_id]
    lot_ids = select(IncidentLot.lot_id).filter_by(incident_id=incident.id)
    on_notes = select(HandoverLine.handover_id).where(HandoverLine.lot_id.in_(lot_ids))
    rows = select(Handover.id).where(Handover.id.in_(on_notes), Handover.state.in_(OPEN))
    return db.session.scalars(rows).all()


def _own_place(actor: Actor, resource_id: int) -> Resource:
    rows = select(Resource).join(Site, Site.id == Resource.site_id).where(Resource.id == resource_id)
    place = db.session.scalar(rows)
    if place is None or place.kind != STORAGE:
        raise NotFound(kind="resource")
    if not can(actor, CataloguePermission.MANAGE_SITE, place):
        raise NotAnswering(organisation=place.site.owner_id)
    return place
