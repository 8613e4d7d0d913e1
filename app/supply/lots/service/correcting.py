"""Correcting what was mistyped: a hand-over note that nobody has signed, a reading of a storage place.

What was written before stays known, and an alarm that only a wrong figure had raised is taken back, never silently.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.service.locks import keep_organisation, keep_person, one_at_a_time
from app.catalogue.policy import CataloguePermission
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor, can
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.edits import refuse_undoing
from app.supply.lots import events
from app.supply.lots.errors import NotAnswering, NotOurLot, ReadingCounts, ReadingSettled, TemperatureMissing
from app.supply.lots.limits import Verdict
from app.supply.lots.models import (
    Handover,
    HandoverLine,
    Incident,
    Lot,
    ReadingCorrection,
    TemperatureReading,
)
from app.supply.lots.queries import affected_by, find_incident_closed_on, find_open_incident_of_note
from app.supply.lots.rules import CORRECTION_TIME
from app.supply.lots.service.breaking import (
    find_locked_incident,
    look_at_giving,
    measure_anew,
    take_back,
    too_warm,
)
from app.supply.lots.service.common import (
    check_open,
    checked,
    checked_reason,
    checked_tenths,
    lock_note,
    tell,
)
from app.supply.lots.service.handing import NewNote, chain_of, check_facts, checked_lots, checked_receiver
from app.supply.lots.service.measuring import limits_in, readings_of, sound

_SAID = ("receiver_id", "people", "at", "tenths", "packages", "is_food_aid", "note")


def correct_note(actor: Actor, note_id: int, new: NewNote, why: str = "", seen: int | None = None) -> None:
    """Write a note anew that nobody has signed: other lots, another receiver, another temperature.

    Where no instant is given it stays the one that is written. `why` is asked for where the temperature had been
    mistyped and had opened an incident, which is then taken back. `seen` is the last correction when it was looked at.
    Raise what `draft` does, and NotFound, ReasonMissing, NoteMovedOn, ChangedMeanwhile.
    """
    with atomic():
        giver_id = db.session.scalar(select(Handover.giver_id).filter_by(id=note_id))
        if giver_id is None:
            raise NotFound(kind="handover")
        if giver_id != new.giver_id or not actor.belongs_to(giver_id):
            raise NotOurLot(organisation=giver_id)
        receiver = checked_receiver(new, keep_organisation(giver_id))
        keep_person(actor.person_id)
        going = find_open_incident_of_note(note_id)
        incident = find_locked_incident(going.id) if going else None
        written = lock_note(note_id)
        check_open(written, "correct", actor)
        new = replace(new, at=new.at or written.at, note=checked(new.note, "note"))
        own = {line.lot_id: line.grams for line in written.lines}
        held, wanted = _said_of(written, own, new.lots), _said_of(new, new.lots, own)
        refuse_undoing(actor, written, wanted, seen, held)
        is_measured_anew = new.tenths != written.tenths
        if incident is not None and is_measured_anew:
            _weigh_anew(incident, checked_tenths(new.tenths), actor, why)
        lots = checked_lots(new, own)
        check_facts(new, lots)
        was = {"grams": sum(own.values()), "tenths": written.tenths, "receiver": written.receiver_id}
        _write(written, new, receiver.id if receiver else None)
        written.bundle_id = chain_of(lots)
        tell(
            written,
            "corrected",
            actor,
            was=was,
            changed=[each for each in held if held[each] != wanted[each]],
        )
        look_at_giving(written, [lot for lot in lots if is_measured_anew or lot.id not in own], actor)


def _said_of(said: Handover | NewNote, grams: Mapping[int, int], others: Mapping[int, int]) -> dict[str, Any]:
    """Give all that a note says, or is to say: how much (grams) of each lot by its field, 0 of `others` it can have."""
    refs = select(Lot.id, Lot.public_id).where(Lot.id.in_({*grams, *others})).order_by(Lot.id)
    weights = {f"kilos_{ref}": grams.get(lot_id, 0) for lot_id, ref in db.session.execute(refs)}
    return {name: getattr(said, name) for name in _SAID} | weights


def _weigh_anew(incident: Incident, tenths: int | None, actor: Actor, why: str) -> None:
    """Take the incident of a draft back where its lots are not too warm by the right figure; else let it know that."""
    if tenths is None:
        raise TemperatureMissing(field="temperature")
    if not too_warm(affected_by(incident.id), tenths):
        take_back(incident, actor, checked_reason(why, "why"))
    else:
        incident.tenths = tenths


def _write(written: Handover, new: NewNote, receiver_id: int | None) -> None:
    written.receiver_id, written.people = receiver_id, new.people
    written.at, written.tenths, written.packages = new.at or written.at, new.tenths, new.packages
    written.is_food_aid, written.note = new.is_food_aid, new.note
    kept = {line.lot_id: line for line in written.lines if line.lot_id in new.lots}
    for lot_id, grams in new.lots.items():
        line = kept.setdefault(lot_id, HandoverLine(lot_id=lot_id))
        line.grams = grams
    written.lines = [kept[lot_id] for lot_id in sorted(kept)]


# -- readings -------------------------------------------------------------------------------------------------


def correct_reading(actor: Actor, reading_id: int, tenths: int | None, reason: str) -> None:
    """Say what the thermometer really showed, and why it was noted otherwise; the alarm is looked at anew.

    Its incident is not closed by that: who answers for it decides (`close_as_mistyped`), who has its lots is told.

    A reading on which an incident was closed stays as it is: what was closed is not rewritten.

    Raise NotFound, NotAnswering, NotAStore, ReadingSettled, ReadingCounts, ReasonMissing, TemperatureMissing,
    TemperatureOdd.
    """
    if checked_tenths(tenths) is None or tenths is None:
        raise TemperatureMissing(field="temperature")
    reason = checked_reason(reason)
    with atomic():
        reading = _kept(actor, reading_id)
        check_free(reading)
        place = reading.resource
        limits = limits_in(place)
        going = find_locked_incident(reading.incident_id)
        correction = _look_again(reading, tenths, reason, actor)
        reading.verdict = limits.verdict(tenths)
        if going is not None:
            measure_anew(going)
        if reading.verdict == Verdict.ALARM and reading.incident_id is None:
            sound(reading, place, limits.alarm, actor)
        elif reading.incident_id is not None:
            db.session.flush()
            emit(events.ReadingCorrected(reading.incident_id, actor.person_id, correction.id))


def confirm_reading(actor: Actor, reading_id: int) -> None:
    """Say that a reading is right as it is. Raise NotFound, NotAnswering, ReadingSettled."""
    with atomic():
        reading = _kept(actor, reading_id)
        _look_again(reading, reading.tenths, "", actor)


def may_correct(actor: Actor, reading: TemperatureReading) -> bool:
    """Tell whether somebody noted a reading, or manages the place it is of."""
    return actor.person_id == reading.person_id or can(
        actor, CataloguePermission.MANAGE_SITE, reading.resource
    )


def check_free(reading: TemperatureReading) -> None:
    """Refuse to correct a reading on which an incident was closed; raise ReadingCounts."""
    closed = find_incident_closed_on(reading)
    if closed is not None:
        raise ReadingCounts(incident=closed.public_id, mistyped=closed.is_mistyped)


def _kept(actor: Actor, reading_id: int) -> TemperatureReading:
    """Get a reading as it is now, for who may still correct it."""
    resource_id = db.session.scalar(select(TemperatureReading.resource_id).filter_by(id=reading_id))
    one_at_a_time(readings_of(resource_id))
    keep_person(actor.person_id)
    reading = db.session.get(TemperatureReading, reading_id, populate_existing=True)
    if reading is None:
        raise NotFound(kind="reading")
    if not may_correct(actor, reading):
        raise NotAnswering(organisation=reading.resource.site.owner_id)
    if clock.now() >= reading.at + CORRECTION_TIME:
        raise ReadingSettled(hours=round(CORRECTION_TIME / timedelta(hours=1)))
    return reading


def _look_again(reading: TemperatureReading, tenths: int, reason: str, actor: Actor) -> ReadingCorrection:
    correction = ReadingCorrection(
        person_id=actor.person_id or 0,
        at=clock.now(),
        was_tenths=reading.tenths,
        tenths=tenths,
        reason=reason,
    )
    reading.corrections.append(correction)
    reading.tenths = tenths
    return correction
