"""Reading the temperature of a storage place: from its alarm on, an incident blocks what is in it."""

from datetime import datetime

from sqlalchemy import select

from app.accounts.service.locks import keep_person, one_at_a_time
from app.bookings.errors import KeyReused
from app.catalogue.models import Resource, Site
from app.catalogue.policy import CataloguePermission
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor, can
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.lots.errors import NotAnswering, NotAStore, TemperatureMissing
from app.supply.lots.limits import Limits, Threshold, Verdict, limits_of
from app.supply.lots.models import Lot, TemperatureReading
from app.supply.lots.queries import STORAGE, find_open_incident, lots_in, regime_of, warmed_in
from app.supply.lots.service.breaking import find_locked_incident, measure_anew, open_in_place, widen
from app.supply.lots.service.common import checked_tenths, lock_lots


def read(actor: Actor, resource_id: int, tenths: int | None, key: str | None = None) -> TemperatureReading:
    """Note how warm a storage place is now; from its alarm on, an incident is opened for all lots in it.

    Raise NotFound, NotAnswering, NotAStore, TemperatureMissing, TemperatureOdd, KeyReused.
    """
    if checked_tenths(tenths) is None or tenths is None:
        raise TemperatureMissing(field="temperature")
    with atomic() as session:
        one_at_a_time(readings_of(resource_id))
        person = keep_person(actor.person_id)
        known = select(TemperatureReading).filter_by(person_id=person.id, idempotency_key=key)
        if key and (made := session.scalar(known)):
            return _the_same(made, resource_id, tenths)
        place = _own_place(actor, resource_id)
        reading = add_reading(place, tenths, person.id, key)
        if reading.verdict == Verdict.ALARM:
            sound(reading, place, limits_in(place).alarm, actor)
    return reading


def _the_same(made: TemperatureReading, resource_id: int, tenths: int) -> TemperatureReading:
    """Give what was noted under a key, corrected or not; raise KeyReused where that was something else."""
    first = made.corrections[0].was_tenths if made.corrections else made.tenths
    if (resource_id, tenths) != (made.resource_id, first):
        raise KeyReused(field="key")
    return made


def readings_of(resource_id: int | None) -> str:
    """Give the key under which one person at a time notes, corrects and judges the readings of a place."""
    return f"readings:{resource_id}"


def limits_in(place: Resource) -> Limits:
    """Give the limits of a storage place; raise NotAStore where nobody said which temperature it keeps."""
    regime = regime_of(place)
    if regime is None:
        raise NotAStore(place=place.name)
    return limits_of(regime, place.facts)


def add_reading(place: Resource, tenths: int, person_id: int, key: str | None = None) -> TemperatureReading:
    """Write a reading that was looked at, with what it means now; raise NotAStore."""
    reading = TemperatureReading(
        resource_id=place.id, person_id=person_id, at=clock.now(), tenths=tenths,
        verdict=limits_in(place).verdict(tenths), idempotency_key=key,
    )  # fmt: skip
    db.session.add(reading)
    db.session.flush()
    return reading


def sound(reading: TemperatureReading, place: Resource, limit: Threshold, actor: Actor) -> None:
    """Open the incident of a place, or widen the one that is open; incidents are locked before lots.

    A figure that was corrected concerns what stood there when it was read, wherever that is by now.
    """
    known = find_open_incident(place.id)
    going = find_locked_incident(known.id) if known else None
    lots = _warmed(place, reading.at) if reading.corrections else _there(place)
    incident = (
        widen(going, lots, actor)
        if going is not None
        else open_in_place(place, reading.tenths, limit, lots, actor)
    )
    reading.incident_id = incident.id
    measure_anew(incident)


def _there(place: Resource) -> list[Lot]:
    """Lock what is in a place now."""
    lots = lock_lots([each.lot.id for each in lots_in(place.id)])
    return [lot for lot in lots if lot.resource_id == place.id]


def _warmed(place: Resource, at: datetime) -> list[Lot]:
    """Lock what stood in a place and what came of it: more may have come of it until all of it is locked."""
    lots: list[Lot] = []
    while [lot.id for lot in lots] != (found := warmed_in(place, at)):
        lots = lock_lots(found)
    return lots


def _own_place(actor: Actor, resource_id: int) -> Resource:
    rows = select(Resource).join(Site, Site.id == Resource.site_id).where(Resource.id == resource_id)
    place = db.session.scalar(rows)
    if place is None or place.kind != STORAGE:
        raise NotFound(kind="resource")
    if not can(actor, CataloguePermission.MANAGE_SITE, place):
        raise NotAnswering(organisation=place.site.owner_id)
    return place
