"""What an organisation shows to whoever checks: all it had, handed over, measured and went through between two days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
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
    """What there is, each list with `MOST_ROWS` at most; `totals` say how many there are in all.

    What is not needed to count is read where somebody asks for it: a page only counts.
    """

    period: Period
    readings: Sequence[TemperatureReading]
    kept: Sequence[Kept]  # what others had in its places
    totals: tuple[int, int, int, int, int]
    drawn_at: datetime

    @property
    def is_cut(self) -> bool:
        """Tell whether there is more than it shows."""
        return max(self.totals) > MOST_ROWS

    @cached_property
    def lots(self) -> Sequence[Found]:
        """Its lots, by the day they came."""
        rows = _lots_in(self.period).options(*WHOLE_LOT).order_by(Lot.received_on, Lot.id)
        return found(db.session.scalars(rows.limit(MOST_ROWS)).all())

    @cached_property
    def notes(self) -> Sequence[Handover]:
        """What it gave and received."""
        rows = _notes_in(self.period).options(*WHOLE_NOTE).order_by(Handover.at, Handover.id)
        return db.session.scalars(rows.limit(MOST_ROWS)).all()

    @cached_property
    def incidents(self) -> Sequence[tuple[Incident, Sequence[IncidentLot]]]:
        """What it went through, each incident with the lots it shows of it."""
        rows = _incidents_in(self.period).options(*WHOLE_INCIDENT).order_by(Incident.id)
        happened = db.session.scalars(rows.limit(MOST_ROWS)).all()
        affected, ours = affected_by_each([each.id for each in happened]), self.period.organisation.id
        return [
            (each, [row for row in affected[each.id] if _is_shown(row.lot, each, ours)]) for each in happened
        ]

    @cached_property
    def closed_on(self) -> Mapping[int, TemperatureReading]:
        """The reading on which each incident (id) was closed, where it was in range."""
        return closing_readings([incident.id for incident, _rows in self.incidents])

    @cached_property
    def last_places(self) -> Mapping[int, Resource]:
        """Where what was destroyed (lots, ids) had been, where that was said."""
        return last_places_of([each.lot.id for each in self.lots if each.lot.state == LotState.DESTROYED])

    @cached_property
    def corrected(self) -> Mapping[int, Sequence[LotCorrection]]:
        """What each of its lots (ids) said before it was corrected."""
        return corrections_of([each.lot.id for each in self.lots])


def checked_period(organisation: Organisation, first: date, last: date) -> Period:
    """Give the days of a pack; raise BadPeriod."""
    is_known = FIRST_DAY <= first <= last <= today_in(organisation.territory)
    if not is_known or last - first >= LONGEST_PACK:
        raise BadPeriod(field="last", days=LONGEST_PACK.days)
    return Period(organisation, first, last)


def pack_of(period: Period) -> Pack:
    """Collect what an organisation shows: its lots, what it gave and received, kept and measured, its incidents."""
    readings, kept = _readings_for(period), kept_for_others(period.organisation.id, *period.bounds)
    lots, notes, incidents = (
        _count(_lots_in(period)),
        _count(_notes_in(period)),
        _count(_incidents_in(period)),
    )
    totals = lots, notes, len(readings), incidents, len(kept)
    return Pack(period, readings[:MOST_ROWS], kept[:MOST_ROWS], totals, clock.now())


def _lots_in(period: Period) -> Select[Lot]:
    is_theirs = Lot.organisation_id == period.organisation.id
    return select(Lot).where(is_theirs, Lot.received_on.between(period.first, period.last))


def _notes_in(period: Period) -> Select[Handover]:
    ours, (start, end) = period.organisation.id, period.bounds
    sides = or_(Handover.giver_id == ours, Handover.receiver_id == ours)
    is_shown = Handover.state.not_in((NoteState.DRAFTED, NoteState.CANCELLED))
    return select(Handover).where(sides, is_shown, Handover.at >= start, Handover.at < end)


def _incidents_in(period: Period) -> Select[Incident]:
    ours, (start, end) = period.organisation.id, period.bounds
    theirs = select(IncidentLot.incident_id).join(IncidentLot.lot).where(Lot.organisation_id == ours)
    concerned = or_(Incident.organisation_id == ours, Incident.id.in_(theirs))
    return select(Incident).where(concerned, Incident.at >= start, Incident.at < end)


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
