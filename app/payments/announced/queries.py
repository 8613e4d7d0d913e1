"""Reads of what payers say they have sent: it is awaited as long as something is owed of what it was for."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.core.errors import NotFound
from app.infra.db import db
from app.payments.announced.models import Announcement, AnnouncementState
from app.payments.books.postings import Pair
from app.payments.models import Charge, Due


def open_between(payer_id: int, payee_id: int) -> list[Announcement]:
    """List what a payer says is on its way to a payee, the oldest first."""
    return _listed(_awaited(payer_id=payer_id, payee_id=payee_id))


def open_to(payee_id: int) -> list[Announcement]:
    """List what is said to be on its way to a payee, the oldest first."""
    return _listed(_awaited(payee_id=payee_id))


def open_from(payer_id: int) -> list[Announcement]:
    """List what a payer says is on its way to whomever, the oldest first."""
    return _listed(_awaited(payer_id=payer_id))


def awaited_by(payee_ids: Collection[int]) -> Counter[int]:
    """Count what each of these organisations is to look for on its account."""
    mine = _awaited().where(Announcement.payee_id.in_(payee_ids))
    counted = mine.with_only_columns(Announcement.payee_id, func.count()).group_by(Announcement.payee_id)
    return Counter({row[0]: row[1] for row in db.session.execute(counted)})


def sent_by(payer_ids: Collection[int]) -> Counter[Pair]:
    """Add up what each of these organisations says it has sent to whom."""
    mine = _awaited().where(Announcement.payer_id.in_(payer_ids))
    pair = Announcement.payer_id, Announcement.payee_id
    added = mine.with_only_columns(*pair, func.sum(Announcement.cents)).group_by(*pair)
    return Counter({Pair(payer, payee): int(cents) for payer, payee, cents in db.session.execute(added)})


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
