"""Reads of temperatures, and of the incidents that came of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.bookings.models import Booking
from app.bookings.queries import is_mine
from app.bookings.rules import LIVE
from app.catalogue.models import Resource
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.db import db
from app.supply.lots.limits import Verdict
from app.supply.lots.models import Handover, Incident, IncidentLot, Lot, ReadingCorrection, TemperatureReading
from app.supply.lots.queries.lots import A_PAGE, WHOLE_LOT, is_of_return, is_there
from app.supply.lots.queries.places import managed_places
from app.supply.lots.rules import FRESH, NOTE, IncidentState, LotState

_MOST: Final = 20

WHOLE_INCIDENT: Final = (
    joinedload(Incident.organisation),
    joinedload(Incident.territory),
    joinedload(Incident.resource).joinedload(Resource.site),
    joinedload(Incident.handover).joinedload(Handover.giver),
    joinedload(Incident.closed_by),
    selectinload(Incident.readings)
    .selectinload(TemperatureReading.corrections)
    .joinedload(ReadingCorrection.person),
)

WHOLE_READING: Final = (
    joinedload(TemperatureReading.person),
    selectinload(TemperatureReading.corrections).joinedload(ReadingCorrection.person),
)


@dataclass(frozen=True)
class Affected:
    """An incident with the lots it affects, and what becomes of each (ids) of which somebody has said so."""

    incident: Incident
    lots: Sequence[Lot]
    outcomes: Mapping[int, str | None] = field(default_factory=dict)


def get_incident(ref: str) -> Affected:
    """Find an incident with its lots by its reference; raise NotFound."""
    found = db.session.scalar(select(Incident).filter_by(public_id=ref).options(*WHOLE_INCIDENT))
    if found is None:
        raise NotFound(kind="incident", ref=ref)
    return affected(found)


def affected(incident: Incident) -> Affected:
    """Give an incident with the lots it affects."""
    rows = affected_by_each([incident.id])[incident.id]
    return Affected(incident, [row.lot for row in rows], {row.lot_id: row.outcome for row in rows})


def lots_at_stake(incident_id: int) -> Sequence[Lot]:
    """List the lots of an incident of which something is still there: somebody has to say what becomes of them."""
    ids = select(IncidentLot.lot_id).filter_by(incident_id=incident_id)
    rows = select(Lot).where(Lot.id.in_(ids), Lot.state == LotState.HELD, is_there()).order_by(Lot.id)
    return db.session.scalars(rows).all()


def find_cold_reading(incident: Incident) -> TemperatureReading | None:
    """Find the last reading of the place of an incident, where it is fresh, and in range: it is cold again."""
    rows = select(TemperatureReading).filter_by(resource_id=incident.resource_id).options(*WHOLE_READING)
    last = db.session.scalars(
        rows.order_by(TemperatureReading.at.desc(), TemperatureReading.id.desc()).limit(1)
    ).first()
    return last if last is not None and _shows_cold(last, clock.now()) else None


def closing_readings(incident_ids: Collection[int]) -> dict[int, TemperatureReading]:
    """Find the reading on which each of some incidents (ids) of places was closed, where there was one in range."""
    before = aliased(TemperatureReading)
    last = (
        select(before.id)
        .where(before.resource_id == Incident.resource_id, before.at <= Incident.closed_at)
        .order_by(before.at.desc(), before.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = (
        select(Incident.id, Incident.closed_at, TemperatureReading)
        .join(TemperatureReading, TemperatureReading.id == last)
        .where(Incident.id.in_(incident_ids), ~Incident.is_mistyped, Incident.why_unmeasured == "")
        .options(*WHOLE_READING)
    )
    return {
        number: reading
        for number, closed_at, reading in db.session.execute(rows)
        if closed_at is not None and _shows_cold(reading, closed_at)
    }


def find_incident_closed_on(reading: TemperatureReading) -> Incident | None:
    """Find the incident that was closed on what a reading says: in range, or corrected as a typing mistake."""
    raised = Incident.id == reading.incident_id
    closed = Incident.closed_at >= reading.at, Incident.closed_at < reading.at + FRESH
    rows = select(Incident).where(
        or_(
            and_(raised, Incident.is_mistyped),
            and_(Incident.resource_id == reading.resource_id, ~Incident.is_mistyped, *closed),
        )
    )
    found = db.session.scalars(rows.order_by(Incident.id)).all()
    counting = closing_readings([each.id for each in found])
    on_it = (
        each
        for each in found
        if each.is_mistyped or (each.id in counting and counting[each.id].id == reading.id)
    )
    return next(on_it, None)


def _shows_cold(reading: TemperatureReading, at: datetime) -> bool:
    return reading.verdict == Verdict.FINE and at - reading.at < FRESH


def warmest_alarm(incident_id: int) -> int | None:
    """Give the warmest of the readings of an incident that are an alarm, in tenths; None where none is any more."""
    alarms = select(func.max(TemperatureReading.tenths))
    return db.session.scalar(alarms.filter_by(incident_id=incident_id, verdict=Verdict.ALARM))


def find_last_correction(incident_id: int) -> ReadingCorrection | None:
    """Find what was corrected last among the readings that raised an incident."""
    ours = select(TemperatureReading.id).filter_by(incident_id=incident_id)
    rows = select(ReadingCorrection).where(
        ReadingCorrection.reading_id.in_(ours), ReadingCorrection.was_tenths != ReadingCorrection.tenths
    )
    return db.session.scalars(rows.order_by(ReadingCorrection.id.desc()).limit(1)).first()


def affected_by(incident_id: int) -> Sequence[Lot]:
    """List the lots that an incident affects."""
    ids = select(IncidentLot.lot_id).filter_by(incident_id=incident_id)
    rows = select(Lot).where(Lot.id.in_(ids)).options(*WHOLE_LOT).order_by(Lot.id)
    return db.session.scalars(rows).all()


def affected_by_each(incident_ids: Collection[int]) -> dict[int, list[IncidentLot]]:
    """List the lots that each of some incidents affects, with what becomes of them."""
    rows = select(IncidentLot).where(IncidentLot.incident_id.in_(incident_ids)).order_by(IncidentLot.lot_id)
    lot = joinedload(IncidentLot.lot)
    found: dict[int, list[IncidentLot]] = {number: [] for number in incident_ids}
    for row in db.session.scalars(rows.options(*(lot.options(each) for each in WHOLE_LOT))):
        found[row.incident_id].append(row)
    return found


def incidents_of(lot_ids: Collection[int]) -> dict[int, Incident]:
    """Find the open incidents that affect all of lots, by lot."""
    rows = (
        select(IncidentLot.lot_id, Incident)
        .join(IncidentLot.incident)
        .where(IncidentLot.lot_id.in_(lot_ids), Incident.state == IncidentState.OPEN, ~is_of_return())
    )
    return {row.lot_id: row.Incident for row in db.session.execute(rows)}


def stakes_of(incident: Incident) -> dict[int, int]:
    """Tell of how many grams of lots (ids) somebody says what becomes, where that is not all that is left.

    Of a hand-over what it hands over, or what came back of that.
    """
    lines = incident.handover.lines if incident.handover else ()
    return {line.lot_id: line.came_back_grams or line.grams for line in lines}


def find_open_incident(resource_id: int) -> Incident | None:
    """Find the incident that is open in a place."""
    rows = select(Incident).filter_by(resource_id=resource_id, state=IncidentState.OPEN)
    return db.session.scalars(rows.order_by(Incident.id)).first()


def incidents_for(actor: Actor) -> Sequence[Incident]:
    """List the open incidents that somebody has to do with: of their lots, their places, their territory."""
    return _open_ones(_concern(actor))


def incidents_to_close(actor: Actor) -> Sequence[Incident]:
    """List the open incidents that somebody answers for otherwise than for a whole territory."""
    return _open_ones(_are_answered_by(actor))


def open_incidents_at(resource_id: int, actor: Actor) -> Sequence[Incident]:
    """List the open incidents of a place, for who may know of them: who answers for it, and who has lots there."""
    return _open_ones(Incident.resource_id == resource_id, _concern(actor))


def open_incidents_on(site_id: int) -> Sequence[Incident]:
    """List the open incidents of the places of a site."""
    return _open_ones(Incident.resource_id.in_(select(Resource.id).filter_by(site_id=site_id)))


def open_incidents_in(resource_id: int) -> Sequence[Incident]:
    """List the open incidents of a place, whoever asks."""
    return _open_ones(Incident.resource_id == resource_id)


def open_incidents_booked(actor: Actor) -> Sequence[Incident]:
    """List the open incidents of the places that somebody has, or has asked for, now or later."""
    is_ahead = Booking.decision.in_(LIVE), Booking.end_at > clock.now()
    return _open_ones(Incident.resource_id.in_(select(Booking.resource_id).where(is_mine(actor), *is_ahead)))


def count_open_incidents(territory_id: int) -> int:
    """Tell how many incidents of a territory nobody has closed yet."""
    rows = select(func.count()).select_from(Incident)
    return db.session.scalar(rows.filter_by(territory_id=territory_id, state=IncidentState.OPEN)) or 0


def _concern(actor: Actor) -> ColumnElement[bool]:
    theirs = select(IncidentLot.incident_id).join(IncidentLot.lot)
    return or_(
        Incident.id.in_(theirs.where(Lot.organisation_id.in_(actor.memberships))),
        _are_answered_by(actor),
        Incident.territory_id.in_(actor.coordinated),
    )


def _are_answered_by(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL that somebody manages the place, or acts for who answers for the hand-over."""
    ours = Incident.organisation_id.in_(actor.memberships)
    return or_(Incident.resource_id.in_(managed_places(actor)), and_(Incident.handover_id.is_not(None), ours))


def _open_ones(*wanted: ColumnElement[bool]) -> Sequence[Incident]:
    rows = select(Incident).where(*wanted, Incident.state == IncidentState.OPEN).options(*WHOLE_INCIDENT)
    return db.session.scalars(rows.order_by(Incident.id.desc()).limit(_MOST)).all()


def incidents_in(resource_id: int) -> Sequence[Incident]:
    """List the incidents of a place, the last first."""
    rows = select(Incident).filter_by(resource_id=resource_id).options(*WHOLE_INCIDENT)
    return db.session.scalars(rows.order_by(Incident.id.desc()).limit(_MOST)).all()


def find_open_incident_of_note(handover_id: int) -> Incident | None:
    """Find the incident of a hand-over that nobody has closed yet."""
    rows = select(Incident).filter_by(handover_id=handover_id, state=IncidentState.OPEN)
    return db.session.scalars(rows.order_by(Incident.id)).first()


def find_open_incident_of_return(note: Handover) -> Incident | None:
    """Find the incident of what came back too warm to who gave it, as long as nobody has closed it."""
    rows = select(Incident).filter_by(handover_id=note.id, state=IncidentState.OPEN).where(is_of_return())
    return db.session.scalars(rows.order_by(Incident.id)).first()


def notes_held_up(notes: Sequence[Handover]) -> set[int]:
    """Tell with which of some notes (ids) nobody can go on before an incident is closed.

    One that is still to be signed hands over what an incident blocks; of another, something came back too warm.
    """
    to_sign = [note for note in notes if NOTE.acts(note.state)]
    blocked = incidents_of([line.lot_id for note in to_sign for line in note.lines]) if to_sign else {}
    held = {note.id for note in to_sign if any(line.lot_id in blocked for line in note.lines)}
    if signed := [note.id for note in notes if not NOTE.acts(note.state)]:
        rows = select(Incident.handover_id).where(Incident.handover_id.in_(signed), is_of_return())
        held.update(
            number for number in db.session.scalars(rows.filter_by(state=IncidentState.OPEN)) if number
        )
    return held


def incidents_on_note(handover_id: int) -> Sequence[Incident]:
    """List the incidents that the temperatures of a hand-over were, the first first."""
    rows = select(Incident).filter_by(handover_id=handover_id).options(*WHOLE_INCIDENT)
    return db.session.scalars(rows.order_by(Incident.id)).all()


def readings_in(resource_id: int) -> Sequence[TemperatureReading]:
    """List the last readings of a place, the last first."""
    rows = select(TemperatureReading).filter_by(resource_id=resource_id)
    latest = rows.order_by(TemperatureReading.at.desc(), TemperatureReading.id.desc()).limit(A_PAGE)
    return db.session.scalars(latest.options(*WHOLE_READING)).all()


def get_reading(reading_id: int) -> TemperatureReading:
    """Find a reading with its place and what was corrected; raise NotFound."""
    rows = select(TemperatureReading).filter_by(id=reading_id)
    place = joinedload(TemperatureReading.resource).joinedload(Resource.site)
    found = db.session.scalar(rows.options(place, *WHOLE_READING))
    if found is None:
        raise NotFound(kind="reading")
    return found
