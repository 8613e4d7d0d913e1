"""Reads of what was corrected of lots, and of what stands in the way of correcting them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.accounts.models import Person
from app.bookings.models import Booking
from app.bookings.rules import LIVE
from app.catalogue.models import Resource, Site
from app.core.span import to_wall
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.supply.lots.models import Handover, HandoverLine, Incident, IncidentLot, Lot, LotSource
from app.supply.lots.rules import LotState, NoteState, Settled


@dataclass(frozen=True)
class LotCorrection:
    """What a lot said before it was corrected and what it has said since, as its history has it: only what changed.

    Grams; days as in ISO 8601; packaging and temperature by their code; whom it came from by name.
    """

    at: datetime
    by: Person | None
    was: Mapping[str, Any]
    now: Mapping[str, Any]


def corrections_of(lot_ids: Collection[int]) -> dict[int, list[LotCorrection]]:
    """List what was corrected of each of some lots, the first first."""
    rows = select(AuditEntry, Person).outerjoin(Person, Person.id == AuditEntry.actor_id)
    theirs = rows.where(AuditEntry.subject_id.in_(lot_ids)).order_by(AuditEntry.id)
    found: dict[int, list[LotCorrection]] = {number: [] for number in lot_ids}
    for entry, person in db.session.execute(
        theirs.filter_by(subject_kind=Lot.__tablename__, act="corrected")
    ):
        said = LotCorrection(entry.at, person, entry.facts["was"], entry.facts["now"])
        found[entry.subject_id].append(said)
    return found


def find_settled(lot_id: int) -> Settled | None:
    """Find why what is written of a lot cannot be corrected any more; None where it still can."""
    on_notes = select(HandoverLine.id).join(HandoverLine.handover).where(HandoverLine.lot_id == Lot.id)
    concerned = select(IncidentLot.lot_id).join(IncidentLot.incident)
    reasons = {
        Settled.GONE: Lot.state != LotState.HELD,
        Settled.RECEIVED: select(LotSource.id)
        .where(LotSource.lot_id == Lot.id, LotSource.line_id.is_not(None))
        .exists(),
        Settled.SIGNED: on_notes.where(Handover.given_at.is_not(None)).exists(),
        Settled.DRAFTED: on_notes.where(Handover.state == NoteState.DRAFTED).exists(),
        Settled.MADE: select(LotSource.id).where(LotSource.source_id == Lot.id).exists(),
        Settled.CONCERNED: concerned.where(IncidentLot.lot_id == Lot.id, ~Incident.is_mistyped).exists(),
    }
    told = db.session.execute(select(*reasons.values()).where(Lot.id == lot_id)).one()
    return next((reason for reason, stands in zip(reasons, told, strict=True) if stands), None)


def collected_on(bundle_id: int) -> date | None:
    """Tell on which day a chain fetches what it carries, where its first leg is; None where it has no leg any more."""
    rows = select(Booking.start_at, Site.timezone).join(Booking.resource).join(Resource.site)
    legs = rows.where(Booking.bundle_id == bundle_id, Booking.decision.in_(LIVE))
    first = db.session.execute(legs.order_by(Booking.start_at).limit(1)).first()
    return to_wall(first.start_at, ZoneInfo(first.timezone)).date() if first else None
