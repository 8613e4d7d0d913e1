"""Reminding places, once, of what was not measured days after a use: it is not charged before."""

from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import joinedload

from app.availability import service as capacity
from app.bookings.costs import MEASURED_WITHIN, MEASURES_REMINDED_AFTER, SUBJECT, USED, told_of
from app.bookings.events import MeasuresAwaited
from app.bookings.models import Booking
from app.bookings.queries.one import whole
from app.bookings.rules import APPROVED
from app.core import clock
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.models import CostPlan, TerritoryMoney
from app.payments.service.reckoning import missing_of


def remind_measures() -> int:
    """Remind of the uses that nobody has measured for days; give how many. Done twice, it reminds nobody twice."""
    rows = db.session.execute(_due()).all()
    late = [booking for booking, plan in rows if missing_of(plan, told_of(booking))]
    return sum(_remind(booking.id, booking.resource_id) for booking in late)


def _due() -> Select[Booking, CostPlan]:
    """Select what is over for days, before it is charged without what nobody has measured."""
    now = clock.now()
    return (
        whole()
        .add_columns(CostPlan)
        .options(joinedload(CostPlan.tariff))
        .join(CostPlan, and_(CostPlan.subject_kind == SUBJECT, CostPlan.subject_ref == Booking.ref))
        .join(TerritoryMoney, TerritoryMoney.territory_id == Booking.territory_id)
        .where(TerritoryMoney.is_on, CostPlan.closed_at.is_(None))
        .where(Booking.decision == APPROVED, Booking.use.in_(USED))
        .where(Booking.end_at <= now - MEASURES_REMINDED_AFTER, Booking.end_at > now - MEASURED_WITHIN)
        .where(or_(Booking.reminded_at.is_(None), Booking.reminded_at < Booking.end_at))
        .order_by(Booking.end_at, Booking.id)
    )


def _remind(booking_id: int, resource_id: int) -> bool:
    with atomic() as session:
        capacity.lock([resource_id])
        fresh = _due().where(Booking.id == booking_id).execution_options(populate_existing=True)
        found = session.execute(fresh).one_or_none()
        if found is None or not missing_of(found[1], told_of(found[0])):
            return False  # measured while we came
        found[0].reminded_at = clock.now()
        session.flush()
        emit(MeasuresAwaited(booking_id, None))
    return True
