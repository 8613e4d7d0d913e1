"""Closing an incident: what was done, that the place is cold again, and what becomes of each lot."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update

from app.accounts.service.locks import keep_person, one_at_a_time
from app.catalogue.models import Resource
from app.catalogue.policy import CataloguePermission
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor, can
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.lots import events
from app.supply.lots.errors import (
    IncidentClosed,
    MeasuredAnew,
    NotAnswering,
    NotColdAgain,
    OutcomeMissing,
    StillAlarm,
)
from app.supply.lots.limits import Verdict
from app.supply.lots.models import Handover, HandoverLine, Incident, IncidentLot
from app.supply.lots.queries import (
    find_cold_reading,
    find_last_correction,
    left_of,
    lots_at_stake,
    stakes_of,
    warmest_alarm,
)
from app.supply.lots.rules import INCIDENT, OPEN, IncidentState, Outcome
from app.supply.lots.service.breaking import measure_anew, take_back
from app.supply.lots.service.common import (
    checked,
    checked_reason,
    checked_tenths,
    lock_lots,
    lock_notes,
    tell,
)
from app.supply.lots.service.entering import end
from app.supply.lots.service.handing import call_off
from app.supply.lots.service.measuring import add_reading, readings_of


@dataclass(frozen=True)
class Closing:
    """What somebody says who closes an incident: what was done, and what becomes of each lot (ids).

    Of a place also what its thermometer shows now (tenths), or why there is no reading in range, and the number of the
    last correction that was `seen` of what raised the alarm: 0 of none, None where nobody looked, as by a program.
    """

    measures: str
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)
    tenths: int | None = None
    why_unmeasured: str = ""
    seen: int | None = None


def close(actor: Actor, incident_id: int, closing: Closing) -> None:
    """Say what was done, and which of the lots of an incident can be eaten; what is left of the others is destroyed.

    By who answers for the place or the hand-over, or the coordination. Notes that were to hand over what is destroyed
    are called off. Raise NotFound, NotAnswering, ReasonMissing, OutcomeMissing, NotColdAgain, NotAStore,
    IncidentClosed, MeasuredAnew.
    """
    measures = checked_reason(closing.measures, "measures")
    with atomic():
        one_at_a_time(readings_of(_place_of(incident_id)))
        keep_person(actor.person_id)
        incident = _locked(incident_id)
        if not answers(actor, incident):
            raise NotAnswering(organisation=incident.organisation_id)
        check_not_closed(actor, incident)
        _check_seen(actor, incident, closing.seen)
        incident.state = IncidentState(INCIDENT.after("close", incident.state))
        if incident.resource is not None:
            incident.why_unmeasured = _checked_cold(incident, incident.resource, closing, actor)
        incident.measures = measures
        incident.closed_at, incident.closed_by_id = clock.now(), actor.person_id
        outcomes = _say_what_becomes(incident, closing)
        _say_what_became_of_returns(incident, outcomes)
        destroyed = [lot_id for lot_id, outcome in outcomes.items() if outcome is Outcome.DESTROYED]
        if destroyed:
            _destroy(incident, destroyed, actor, measures)
        tell(incident, "closed", actor, destroyed=len(destroyed), fit=len(outcomes) - len(destroyed))
        emit(events.IncidentClosed(incident.id, actor.person_id))


def close_as_mistyped(actor: Actor, incident_id: int) -> None:
    """Close an incident of a place whose readings were corrected since: nothing was too warm, its lots are free again.

    The reason is that of the last correction. Raise NotFound, NotAnswering, StillAlarm, IncidentClosed.
    """
    with atomic():
        one_at_a_time(readings_of(_place_of(incident_id)))
        keep_person(actor.person_id)
        incident = _locked(incident_id)
        if not answers(actor, incident):
            raise NotAnswering(organisation=incident.organisation_id)
        check_not_closed(actor, incident)
        correction = find_last_correction(incident_id)
        if correction is None or warmest_alarm(incident_id) is not None:
            raise StillAlarm
        take_back(incident, actor, correction.reason)


def check_not_closed(actor: Actor, incident: Incident) -> None:
    """Refuse what is said of an incident that somebody closed meanwhile; raise IncidentClosed, which tells who."""
    if not INCIDENT.allows("close", incident.state):
        raise IncidentClosed(
            by=incident.closed_by.name if incident.closed_by else "",
            is_own=incident.closed_by_id is not None and incident.closed_by_id == actor.person_id,
            at=incident.closed_at,
            timezone=incident.territory.timezone,
            mistyped=incident.is_mistyped,
        )


def _check_seen(actor: Actor, incident: Incident, seen: int | None) -> None:
    """Refuse to close on an alarm that was corrected after the correction that was `seen`; raise MeasuredAnew."""
    last = find_last_correction(incident.id)
    if seen is None or last is None or last.id <= seen:
        return
    raise MeasuredAnew(
        was=last.was_tenths,
        right=last.tenths,
        reason=last.reason,
        by=last.person.name,
        is_own=last.person_id == actor.person_id,
        at=last.at,
        timezone=incident.territory.timezone,
    )


def answers(actor: Actor, incident: Incident) -> bool:
    """Tell whether a person answers for where the cold chain broke, or coordinates the territory."""
    if incident.territory_id in actor.coordinated:
        return True
    if incident.resource is not None:
        return can(actor, CataloguePermission.MANAGE_SITE, incident.resource)
    return actor.belongs_to(incident.organisation_id)


def _place_of(incident_id: int) -> int | None:
    return db.session.scalar(select(Incident.resource_id).filter_by(id=incident_id))


def _locked(incident_id: int) -> Incident:
    rows = select(Incident).filter_by(id=incident_id).with_for_update()
    incident = db.session.scalar(rows, execution_options={"populate_existing": True})
    if incident is None:
        raise NotFound(kind="incident")
    return incident


def _checked_cold(incident: Incident, place: Resource, closing: Closing, actor: Actor) -> str:
    """Note what the thermometer shows now; give why the place is not known to be cold again, where it is not."""
    why = checked(closing.why_unmeasured, "why_unmeasured")
    if (tenths := checked_tenths(closing.tenths)) is not None:
        reading = add_reading(place, tenths, actor.person_id or 0)
        if reading.verdict == Verdict.ALARM:
            reading.incident_id = incident.id
            measure_anew(incident)
    if find_cold_reading(incident) is not None:
        return ""
    if not why:
        raise NotColdAgain(field="temperature", place=place.name)
    return why


def _say_what_becomes(incident: Incident, closing: Closing) -> Mapping[int, Outcome]:
    """Note what becomes of each lot that is still there."""
    found = {}
    for lot in lots_at_stake(incident.id):
        if lot.id not in closing.outcomes:
            raise OutcomeMissing(field=f"outcome_{lot.public_id}", product=lot.product)
        found[lot.id] = closing.outcomes[lot.id]
        row = update(IncidentLot).filter_by(incident_id=incident.id, lot_id=lot.id)
        db.session.execute(row.values(outcome=found[lot.id]))
    return found


def _say_what_became_of_returns(incident: Incident, outcomes: Mapping[int, Outcome]) -> None:
    """Note on the lines of which something came back too warm what becomes of it: nobody has to say it twice."""
    for line in incident.handover.lines if incident.handover else ():
        if line.came_back_grams and line.returned is None and line.lot_id in outcomes:
            line.returned, line.return_reason = outcomes[line.lot_id], incident.measures


def _destroy(incident: Incident, lot_ids: Collection[int], actor: Actor, reason: str) -> None:
    """Call off, then destroy: of a place all that was in it, of a hand-over what it hands over and no more.

    Flagged lots come on no new note, so the notes there are are all.
    """
    for written in lock_notes(_notes_of(incident, lot_ids)):
        if written.state in OPEN:
            call_off(written, actor, reason)
    lots = lock_lots(lot_ids)
    left, stakes = left_of(lots), stakes_of(incident)
    for lot in lots:
        if left[lot.id]:
            end(lot, actor, reason, stakes.get(lot.id))


def _notes_of(incident: Incident, lot_ids: Collection[int]) -> Sequence[int]:
    """List the notes that nobody has received and that hand over what is destroyed."""
    if incident.handover_id is not None:
        return [incident.handover_id]
    on_notes = select(HandoverLine.handover_id).where(HandoverLine.lot_id.in_(lot_ids))
    rows = select(Handover.id).where(Handover.id.in_(on_notes), Handover.state.in_(OPEN))
    return db.session.scalars(rows).all()
