"""Reads of what payers say they have sent."""

from sqlalchemy import select

from app.core.errors import NotFound
from app.infra.db import db
from app.payments.announced.models import Announcement, AnnouncementState


def open_between(payer_id: int, payee_id: int) -> list[Announcement]:
    """List what a payer says is on its way to a payee, the oldest first."""
    mine = select(Announcement).filter_by(payer_id=payer_id, payee_id=payee_id, state=AnnouncementState.OPEN)
    return [*db.session.scalars(mine.order_by(Announcement.id))]


def open_to(payee_id: int) -> list[Announcement]:
    """List what is said to be on its way to a payee, the oldest first."""
    mine = select(Announcement).filter_by(payee_id=payee_id, state=AnnouncementState.OPEN)
    return [*db.session.scalars(mine.order_by(Announcement.id))]


def get_announcement(payer_id: int, announcement_ref: str) -> Announcement:
    """Find what a payer has said; raise NotFound."""
    found = db.session.scalar(select(Announcement).filter_by(payer_id=payer_id, public_id=announcement_ref))
    if found is None:
        raise NotFound(kind="announcement", id=announcement_ref)
    return found
