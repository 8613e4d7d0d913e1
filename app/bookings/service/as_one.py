"""The legs of a bundle are held as one: all that waits of it ends at one moment.

A leg that waits again (moved, a decision taken back, a proposal declined) has what is left of that moment: who asked
can so not keep the other places longer by moving one leg again and again. Only a lost leg that is replaced gives all
their time anew, and losing one takes a place's own act.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.availability import service as capacity
from app.bookings.models import Booking
from app.bookings.rules import PENDING, expiry_of_legs, last_answer
from app.bookings.service.holding import epoch_of, expiry_of
from app.catalogue.models import Approval
from app.core import clock
from app.infra.db import db


def guards_beside(booking_id: int) -> Sequence[int]:
    """List the resources of all legs of the bundle a booking is part of, to be locked before several are touched.

    None for a booking that stands alone.
    """
    bundle = select(Booking.bundle_id).where(Booking.id == booking_id, Booking.bundle_id.is_not(None))
    legs = select(Booking.resource_id).where(Booking.bundle_id.in_(bundle))
    return db.session.scalars(legs.distinct()).all()


def wait_as_one(legs: Sequence[Booking]) -> None:
    """Give those of these legs that wait one deadline, counted from now; their guards are held."""
    waiting = [leg for leg in legs if leg.decision == PENDING]
    until = expiry_of_legs(clock.now(), map(_last_answer, waiting))
    for leg in waiting:
        _end_at(leg, until)


def renew(leg: Booking) -> None:
    """Let a leg that takes the place of a lost one wait, and give all that waits with it their time anew.

    The guards of the bundle are held.
    """
    if leg.decision == PENDING:
        wait_as_one([leg, *_beside(leg)])


def let_wait(booking: Booking) -> None:
    """Give a request that waits again its deadline: of a bundle, that of the legs that wait, or 48 hours.

    Where it begins sooner than they end, they end with it: their guards must be held for that.
    """
    if booking.bundle_id is None or booking.leg_number is None:
        booking.expires_at = expiry_of(booking.resource, booking.span)
        return
    beside = _beside(booking)
    left = min((other.expires_at for other in beside if other.expires_at), default=None)
    booking.expires_at = until = expiry_of_legs(clock.now(), [_last_answer(booking)], left)
    for other in beside:
        _end_at(other, until)


def _end_at(leg: Booking, until: datetime) -> None:
    if leg.expires_at == until:
        return
    leg.expires_at = until
    if leg.hold_id is not None:
        capacity.put_off(leg.hold_id, epoch_of(until) or 0)


def _last_answer(leg: Booking) -> datetime:
    of_two = leg.resource.approval == Approval.TWO_STEP
    return last_answer(clock.now(), leg.span, of_two=of_two)


def _beside(leg: Booking) -> Sequence[Booking]:
    """Read the other legs of a bundle that wait for their places, as they are now.

    Those whose time is over are left to end; those whose asker has a proposal to answer have no deadline meanwhile.
    """
    others = select(Booking).where(
        Booking.bundle_id == leg.bundle_id,
        Booking.leg_number.is_not(None),
        Booking.leg_number != leg.leg_number,
        Booking.decision == PENDING,
        Booking.expires_at > clock.now(),
    )
    fresh = others.order_by(Booking.id).execution_options(populate_existing=True)
    return db.session.scalars(fresh).all()
