"""Reminding those who have still to agree, where two people have to: once for each yes that is awaited."""

from itertools import groupby

from sqlalchemy import Select, select

from app.availability import service as capacity
from app.bookings.events import ApprovalAwaited, SeriesApprovalAwaited
from app.bookings.models import Booking
from app.bookings.rules import REMINDER_AFTER
from app.bookings.turns import waits_for_manager, waits_since
from app.catalogue.models import Approval, Resource
from app.core import clock
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic


def remind_due() -> int:
    """Remind of the requests that have waited too long for a yes; give how many letters that asks for.

    Done twice, it reminds nobody twice. The dates of a series that wait are one reminder.
    """
    rows = db.session.execute(
        _due().with_only_columns(Booking.id, Booking.series_id, Booking.resource_id)
    ).all()
    keyed = sorted(rows, key=lambda row: (row.series_id or 0, row.id if row.series_id is None else 0))
    groups = [
        list(group)
        for _key, group in groupby(keyed, key=lambda row: (row.series_id, None if row.series_id else row.id))
    ]
    return sum(_remind([row.id for row in group], group[0].resource_id) for group in groups)


def _due() -> Select[Booking]:
    """Select what has waited too long: since it was asked for or moved, or since the first of both yeses.

    While something is proposed instead it is the asker's turn; then the place has all its time again.
    """
    since = clock.now() - REMINDER_AFTER
    return (
        select(Booking)
        .join(Resource, Resource.id == Booking.resource_id)
        .where(
            waits_for_manager(),
            Resource.approval == Approval.TWO_STEP,
            Booking.reminded_at.is_(None),
            Booking.changed_at <= since,
            waits_since() <= since,
        )
        .order_by(Booking.start_at, Booking.id)
    )


def _remind(booking_ids: list[int], resource_id: int) -> bool:
    with atomic() as session:
        capacity.lock([resource_id])
        fresh = _due().where(Booking.id.in_(booking_ids)).execution_options(populate_existing=True)
        due = session.scalars(fresh).all()
        if not due:
            return False  # answered while we came
        for booking in due:
            booking.reminded_at = clock.now()
        session.flush()
        first, ids = due[0], tuple(booking.id for booking in due)
        emit(
            ApprovalAwaited(first.id, None)
            if first.series_id is None
            else SeriesApprovalAwaited(first.series_id, None, ids)
        )
    return True
