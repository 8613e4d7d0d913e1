"""The legs of a bundle are held as one: all that waits of it ends at one moment, and so does what is proposed for it.

A leg that waits again (moved, a decision taken back, a proposal declined) has what is left of that moment: who asked
can so not keep the other places longer by moving one leg again and again. What gives all their time anew takes a
place's own act: a lost leg that is replaced, and a proposal, which whoever asked needs time to answer.

Who calls has locked the guards beside (app.bookings.guards): a leg whose guard it does not hold is being answered or
asked for this very moment, and is left as it is.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, select

from app.availability import service as capacity
from app.bookings.models import Booking, Proposal
from app.bookings.rules import OPEN, PENDING, expiry_of_legs, last_answer
from app.bookings.service.holding import epoch_of, expiry_of
from app.catalogue.models import Approval
from app.core import clock
from app.core.span import Span
from app.infra.db import db


def wait_as_one(legs: Sequence[Booking]) -> None:
    """Give those of these legs that wait one deadline, counted from now; their guards are held."""
    waiting = [leg for leg in legs if leg.decision == PENDING]
    _end_as_one(waiting, (), expiry_of_legs(clock.now(), map(_last_answer, waiting)))


def renew(leg: Booking) -> None:
    """Let a leg that takes the place of a lost one wait, and give all that waits with it their time anew.

    The guards of the bundle are held.
    """
    if leg.decision == PENDING:
        waiting = [leg, *_beside(leg)]
        _end_as_one(waiting, _offered_beside(leg), expiry_of_legs(clock.now(), map(_last_answer, waiting)))


def offer_as_one(leg: Booking, span: Span, left: datetime | None = None) -> datetime:
    """Tell until when what is proposed for a leg can be accepted, and give all that waits with it their time anew.

    None of it waits longer than the leg itself could. A proposal that begins sooner ends when it does; the others keep
    their time. `left` is what was left of a proposal that it replaces: then nobody has more. The guards of the bundle
    are held.
    """
    waiting, now = _beside(leg), clock.now()
    until = expiry_of_legs(now, map(_last_answer, [leg, *waiting]), left)
    _end_as_one(waiting, _offered_beside(leg), until)
    return min(until, last_answer(now, span, of_two=False))


def let_wait(booking: Booking) -> None:
    """Give a request that waits again its deadline: of a bundle, that of the legs that wait, or 48 hours.

    Where it begins sooner than they end, they end with it.
    """
    if booking.bundle_id is None or booking.leg_number is None:
        booking.expires_at = expiry_of(booking.resource, booking.span)
        return
    waiting = _beside(booking)
    left = min((other.expires_at for other in waiting if other.expires_at), default=None)
    booking.expires_at = until = expiry_of_legs(clock.now(), [_last_answer(booking)], left)
    sooner = [each for each in _offered_beside(booking) if each.expires_at > until]
    _end_as_one(waiting, sooner, until)


def is_to_end(booking: Booking) -> bool:
    """Tell whether other legs of its bundle wait for their places that are to end now, and a booking with them."""
    due = _others(booking).where(Booking.expires_at <= clock.now()).limit(1)
    return db.session.scalars(due).first() is not None


def legs_ending_with(booking_ids: Iterable[int]) -> Sequence[Booking]:
    """List the legs beside some that end now for which something is proposed that was to be answered by then, too."""
    bundle = select(Booking.bundle_id).where(Booking.id.in_(list(booking_ids)))
    due = (
        select(Booking)
        .join(Proposal, Proposal.booking_id == Booking.id)
        .where(Booking.bundle_id.in_(bundle), Booking.leg_number.is_not(None), Booking.decision == PENDING)
        .where(Proposal.state == OPEN, Proposal.expires_at <= clock.now())
    )
    return db.session.scalars(due.order_by(Booking.id).execution_options(populate_existing=True)).all()


def _end_as_one(waiting: Iterable[Booking], offered: Iterable[Proposal], until: datetime) -> None:
    """Let legs end at one moment, and what is proposed then or, where it begins sooner, when it does."""
    for leg in waiting:
        _end_at(leg, until)
    for proposal in offered:
        _end_at(proposal, min(until, last_answer(clock.now(), proposal.span, of_two=False)))


def _end_at(waiting: Booking | Proposal, until: datetime) -> None:
    if waiting.expires_at == until:
        return
    waiting.expires_at = until
    if waiting.hold_id is not None:
        capacity.put_off(waiting.hold_id, epoch_of(until) or 0)


def _last_answer(leg: Booking) -> datetime:
    of_two = leg.resource.approval == Approval.TWO_STEP
    return last_answer(clock.now(), leg.span, of_two=of_two)


def _beside(leg: Booking) -> Sequence[Booking]:
    """Read the other legs of a bundle that wait for their places, as they are now.

    Those whose time is over are left to end; those whose asker has a proposal to answer have no deadline meanwhile.
    """
    fresh = _others(leg).where(Booking.expires_at > clock.now()).order_by(Booking.id)
    found = db.session.scalars(fresh.execution_options(populate_existing=True)).all()
    return [other for other in found if capacity.holds([other.resource_id])]


def _others(leg: Booking) -> Select[Booking]:
    return select(Booking).where(
        Booking.bundle_id == leg.bundle_id,
        Booking.leg_number.is_not(None),
        Booking.leg_number != leg.leg_number,
        Booking.decision == PENDING,
    )


def _offered_beside(leg: Booking) -> Sequence[Proposal]:
    """Read what is proposed for the other legs of a bundle and can still be accepted, as it is now."""
    offered = (
        select(Proposal)
        .join(Proposal.booking)
        .where(Booking.bundle_id == leg.bundle_id, Booking.leg_number.is_not(None), Booking.id != leg.id)
        .where(Proposal.state == OPEN, Proposal.expires_at > clock.now())
    )
    fresh = offered.order_by(Proposal.id).execution_options(populate_existing=True)
    found = db.session.scalars(fresh).all()
    return [each for each in found if capacity.holds([each.resource_id, each.booking.resource_id])]
