"""What an organisation shows to whoever checks: all it had, handed over, measured and went through between two days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Organisation
from app.catalogue.models import Resource, Site
from app.core import clock
from app.core.ids import hash_secret
from app.core.span import from_wall, to_wall
from app.infra.db import db
from app.supply.lots.errors import BadPeriod, InspectionOver
from app.supply.lots.models import Handover, Incident, IncidentLot, InspectionLink, Lot, TemperatureReading
from app.supply.lots.queries.corrections import LotCorrection, corrections_of
from app.supply.lots.queries.incidents import WHOLE_INCIDENT, affected_by_each, closing_readings
from app.supply.lots.queries.lots import WHOLE_LOT, Found, found
from app.supply.lots.queries.notes import WHOLE_NOTE
from app.supply.lots.queries.places import today_in
from app.supply.lots.queries.stays import Kept, days_by_place, kept_for_others, last_places_of
from app.supply.lots.rules import FIRST_DAY, LONGEST_PACK, MOST_ROWS, LotState, NoteState


@dataclass(frozen=True)
class Period:
    """The days of one organisation, both included."""

    organisation: Organisation
    first: date
    last: date

    @property
    def zone(self) -> ZoneInfo:
        """Give the zone by whose clock these days are."""
        return ZoneInfo(self.organisation.territory.timezone)

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Give the instants between which they lie."""
        first, end = (datetime.combine(day, time()) for day in (self.first, self.last + timedelta(days=1)))
        return from_wall(first, self.zone), from_wall(end, self.zone)


@dataclass(frozen=True)
class Pack:
    """What there is, each list with `MOST_ROWS` at most; `totals` say how many there are in all."""

    period: Period
    lots: Sequence[Found]
    notes: Sequence[Handover]
    readings: Sequence[TemperatureReading]
    incidents: Sequence[tuple[Incident, Sequence[IncidentLot]]]
    kept: Sequence[Kept]  # what others had in its places
    totals: tuple[int, int, int, int, int]
    closed_on: Mapping[int, TemperatureReading]  # by incident (id), where it was in range
    last_places: Mapping[int, Resource]  # of what was destroyed (ids), where that was said
    corrected: Mapping[int, Sequence[LotCorrection]]  # of its lots (ids), what they said before
    drawn_at: datetime

    @property
    def is_cut(self) -> bool:
        """Tell whether there is more than it shows."""
        return max(self.totals) > MOST_ROWS


def checked_period(organisation: Organisation, first: date, last: date) -> Period:
    """Give the days of a pack; raise BadPeriod."""
    is_known = FIRST_DAY <= first <= last <= today_in(organisation.territory)
    if not is_known or last - first >= LONGEST_PACK:
        raise BadPeriod(field="last", days=LONGEST_PACK.days)
    return Period(organisation, first, last)


def pack_of(period: Period) -> Pack:
    """Collect what an organisation shows: its lots, what it gave and received, kept and measured, its incidents."""
    ours, (start, end) = period.organisation.id, period.bounds
    lots = select(Lot).where(Lot.organisation_id == ours, Lot.received_on.between(period.first, period.last))
    sides = or_(Handover.giver_id == ours, Handover.receiver_id == ours)
    is_shown = Handover.state.not_in((NoteState.DRAFTED, NoteState.CANCELLED))
    notes = select(Handover).where(sides, is_shown, Handover.at >= start, Handover.at < end)
    readings = _readings_for(period)
    theirs = select(IncidentLot.incident_id).join(IncidentLot.lot).where(Lot.organisation_id == ours)
    concerned = or_(Incident.organisation_id == ours, Incident.id.in_(theirs))
    incidents = select(Incident).where(concerned, Incident.at >= start, Incident.at < end)
    happened = db.session.scalars(
        incidents.options(*WHOLE_INCIDENT).order_by(Incident.id).limit(MOST_ROWS)
    ).all()
    affected = affected_by_each([each.id for each in happened])
    kept = kept_for_others(ours, start, end)
    came = db.session.scalars(
        lots.options(*WHOLE_LOT).order_by(Lot.received_on, Lot.id).limit(MOST_ROWS)
    ).all()
    return Pack(
        period,
        found(came),
        db.session.scalars(
            notes.options(*WHOLE_NOTE).order_by(Handover.at, Handover.id).limit(MOST_ROWS)
        ).all(),
        readings[:MOST_ROWS],
        [(each, [row for row in affected[each.id] if _is_shown(row.lot, each, ours)]) for each in happened],
        kept[:MOST_ROWS],
        (_count(lots), _count(notes), len(readings), _count(incidents), len(kept)),
        closing_readings([each.id for each in happened]),
        last_places_of([each.id for each in came if each.state == LotState.DESTROYED]),
        corrections_of([each.id for each in came]),
        clock.now(),
    )


def _readings_for(period: Period) -> list[TemperatureReading]:
    """List the readings of its own places, and those of places of others on the days its lots stood there."""
    ours, (start, end), zone = period.organisation.id, period.bounds, period.zone
    days = days_by_place(ours, start, end, zone)
    place = joinedload(TemperatureReading.resource).joinedload(Resource.site).joinedload(Site.owner)
    rows = (
        select(TemperatureReading)
        .join(TemperatureReading.resource)
        .join(Resource.site)
        .where(TemperatureReading.at >= start, TemperatureReading.at < end)
        .where(or_(Site.owner_id == ours, Resource.id.in_(days)))
    )
    again = selectinload(TemperatureReading.corrections)
    found = db.session.scalars(
        rows.options(place, again).order_by(TemperatureReading.at, TemperatureReading.id)
    )
    return [each for each in found if _concerns(each, ours, days, zone)]


def _concerns(
    reading: TemperatureReading, organisation_id: int, days: Mapping[int, set[date]], zone: ZoneInfo
) -> bool:
    if reading.resource.site.owner_id == organisation_id:
        return True
    return to_wall(reading.at, zone).date() in days[reading.resource_id]


def _is_shown(lot: Lot, incident: Incident, organisation_id: int) -> bool:
    """Tell whether a lot is shown with an incident: all, to who answers for it; else one's own."""
    return organisation_id in (lot.organisation_id, incident.organisation_id)


def _count(rows: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0


# -- links ----------------------------------------------------------------------------------------------------


def links_of(organisation_id: int) -> Sequence[InspectionLink]:
    """List the links of an organisation that can be read by now, the last first."""
    rows = select(InspectionLink).filter_by(organisation_id=organisation_id, revoked_at=None)
    is_open = InspectionLink.expires_at > clock.now()
    latest = rows.where(is_open).order_by(InspectionLink.id.desc())
    return db.session.scalars(latest.options(joinedload(InspectionLink.made_by))).all()


def read_by(secret: str) -> InspectionLink:
    """Find the link of a secret; raise InspectionOver, also where there never was one, or it is forgotten."""
    whole = joinedload(InspectionLink.organisation).joinedload(Organisation.territory)
    rows = select(InspectionLink).filter_by(secret_hash=hash_secret(secret)).options(whole)
    link = db.session.scalar(rows)
    if link is None:
        raise InspectionOver(organisation="", ended=False)
    if not link.is_open_at(clock.now()):
        whose = link.organisation
        raise InspectionOver(
            organisation=whose.name,
            ended=link.revoked_at is not None,
            at=link.revoked_at or link.expires_at,
            timezone=whose.territory.timezone,
        )
    return link
