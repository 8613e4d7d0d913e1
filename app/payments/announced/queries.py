"""Reads of what payers say they have sent: it is awaited as long as something is owed of what it was for."""

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.core.errors import NotFound
from app.infra.db import db
from app.payments.announced.models import Announcement, AnnouncementState
from app.payments.models import Charge, Due


def open_between(payer_id: int, payee_id: int) -> list[Announcement]:
    """List what a payer says is on its way to a payee, the oldest first."""
    return _listed(_awaited(payer_id=payer_id, payee_id=payee_id))


def find_true(payer_id: int, payee_id: int, cents: int, announcement_ref: str = "") -> Announcement | None:
    """Find what the coming of an amount makes true: what is named, else the oldest awaited of just that; locked."""
    if announcement_ref:
        whose = {"payer_id": payer_id, "payee_id": payee_id, "state": AnnouncementState.OPEN}
        wanted = select(Announcement).filter_by(public_id=announcement_ref, **whose)
    else:
        wanted = _awaited(payer_id=payer_id, payee_id=payee_id, cents=cents)
    return db.session.scalar(wanted.order_by(Announcement.id).limit(1).with_for_update())


def open_to(payee_id: int) -> list[Announcement]:
    """List what is said to be on its way to a payee, the oldest first."""
    return _listed(_awaited(payee_id=payee_id))


def open_of(organisation_id: int) -> list[Announcement]:
    """List what an organisation says is on its way to others, and others to it, the oldest first."""
    is_theirs = or_(Announcement.payer_id == organisation_id, Announcement.payee_id == organisation_id)
    return _listed(_awaited().where(is_theirs))


def is_said(payer_id: int, key: str) -> bool:
    """Tell whether a payer has said something under this key before."""
    return db.session.scalar(select(Announcement.id).filter_by(key=f"{payer_id}:{key}")) is not None


def sent(payer_id: Any, payee_id: Any) -> ScalarSelect[int]:
    """Add up, inside a query, what its payers say they have sent to its payees."""
    theirs = _awaited().where(Announcement.payer_id == payer_id, Announcement.payee_id == payee_id)
    total = func.coalesce(func.sum(Announcement.cents), 0)
    return theirs.with_only_columns(total).correlate_except(Announcement).scalar_subquery()


def awaited(payee_id: Any) -> ScalarSelect[int]:
    """Count, inside a query, what its payees are to look for on their accounts."""
    mine = _awaited().where(Announcement.payee_id == payee_id)
    return mine.with_only_columns(func.count()).correlate_except(Announcement).scalar_subquery()


def get_announcement(payer_id: int, announcement_ref: str) -> Announcement:
    """Find what a payer has said; raise NotFound."""
    found = db.session.scalar(select(Announcement).filter_by(payer_id=payer_id, public_id=announcement_ref))
    if found is None:
        raise NotFound(kind="announcement", id=announcement_ref)
    return found


def _listed(wanted: Select[Announcement]) -> list[Announcement]:
    return [*db.session.scalars(wanted.order_by(Announcement.id))]


def _awaited(**whose: Any) -> Select[Announcement]:
    return select(Announcement).filter_by(state=AnnouncementState.OPEN, **whose).where(_is_owed())


def _is_owed() -> ColumnElement[bool]:
    """Hold where something is owed of what was charged before it was said: of one due, or of all there were.

    What is charged anew for the same thing takes the place of the first charge: the money is on its way all the same.
    """
    due, charge, first_due, first = aliased(Due), aliased(Charge), aliased(Due), aliased(Charge)
    same = and_(first.subject_kind == charge.subject_kind, first.subject_ref == charge.subject_ref)
    named = or_(Announcement.due_ref == "", Announcement.due_ref == first_due.public_id)
    return (
        select(due.id)
        .join(charge, charge.id == due.charge_id)
        .join(first, and_(same, first.posted_at <= Announcement.made_at))
        .join(first_due, and_(first_due.charge_id == first.id, _is_theirs(first_due), named))
        .where(_is_theirs(due), due.credited_cents + due.paid_cents < due.cents)
        .exists()
    )


def _is_theirs(due: type[Due]) -> ColumnElement[bool]:
    return and_(due.payer_id == Announcement.payer_id, due.payee_id == Announcement.payee_id)
