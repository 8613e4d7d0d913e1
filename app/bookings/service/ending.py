"""Telling both sides, once, that a long stay on land comes to its end."""

from collections.abc import Collection

from sqlalchemy import select

from app.availability import service as capacity
from app.bookings.events import StayEndsSoon
from app.bookings.models import Booking
from app.bookings.rules import APPROVED, ENDS_SOON
from app.bookings.service.common import SYSTEM, record
from app.catalogue.models import Resource
from app.core import clock
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic

_ACT = "end_reminded"


def tell_ends() -> int:
    """Tell of the stays on land that end within 60 days, each once for each end it has; give how many."""
    due = _ending()
    for booking_id in due:
        _tell(booking_id)
    return len(due)


def _ending() -> list[int]:
    now = clock.now()
    rows = db.session.execute(
        select(Booking.id, Booking.start_at, Booking.end_at)
        .join(Booking.resource)
        .where(
            Resource.kind == "land",
            Booking.decision == APPROVED,
            Booking.end_at > now,
            Booking.end_at <= now + ENDS_SOON,
        )
        .order_by(Booking.id)
    ).all()
    told = _told([row.id for row in rows])
    return [
        row.id
        for row in rows
        if row.end_at - row.start_at > ENDS_SOON and (row.id, row.end_at.isoformat()) not in told
    ]


def _told(booking_ids: Collection[int]) -> set[tuple[int, str]]:
    lines = select(AuditEntry).where(
        AuditEntry.subject_kind == "booking", AuditEntry.subject_id.in_(booking_ids), AuditEntry.act == _ACT
    )
    return {(line.subject_id, str(line.facts.get("end"))) for line in db.session.scalars(lines)}


def _tell(booking_id: int) -> None:
    with atomic():
        resource_id = db.session.scalar(select(Booking.resource_id).filter_by(id=booking_id))
        capacity.lock([resource_id or 0])
        booking = db.session.get_one(Booking, booking_id, populate_existing=True)
        end = booking.end_at.isoformat()
        if booking.decision != APPROVED or (booking.id, end) in _told([booking.id]):
            return  # given up, or told while we came
        record(booking, _ACT, SYSTEM, end=end)
        emit(StayEndsSoon(booking.id, None))
