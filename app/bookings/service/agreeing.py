"""Saying yes, alone or as one of two: whether an approval is complete, and what a taken back yes leaves."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.accounts.functions import Function
from app.accounts.models import RoleGrant
from app.bookings.errors import AlreadyAgreed, FunctionGiven, NoFunction, NotYourYes, TooLateToUndo
from app.bookings.models import Booking, BookingApproval
from app.bookings.policy import BookingPermission, in_whose_place
from app.bookings.rules import PENDING, may_undo
from app.bookings.service.common import by_delegation, changed, record
from app.bookings.two_step import Seat, choose_seat, seat_of
from app.catalogue.models import Approval
from app.core import clock
from app.core.errors import DomainError
from app.core.policy import Actor, can
from app.infra.db import db


@dataclass(frozen=True)
class Yes:
    """What somebody's yes amounts to; `is_enough` tells that nobody else has to agree.

    `for_id` is in whose place it is said, by delegation.
    """

    for_id: int | None
    is_enough: bool = True


def say_yes(booking: Booking, actor: Actor, note: str) -> Yes:
    """Note, where two people have to agree, that one does. Raise NoFunction, AlreadyAgreed, FunctionGiven."""
    if booking.resource.approval != Approval.TWO_STEP:
        return Yes(in_whose_place(actor, booking))
    read_yeses([booking])
    return _agree(booking, actor, seats_of(actor, booking.resource.site_id), note)


def _agree(booking: Booking, actor: Actor, seats: Sequence[Seat], note: str) -> Yes:
    given = [seat_of(each) for each in booking.approvals]
    seat = choose_seat(seats, given)
    booking.approvals.append(
        BookingApproval(
            person_id=seat.person_id,
            for_id=seat.for_id,
            at=clock.now(),
            is_technical=Function.TECHNICAL in seat.functions,
            is_elected=Function.ELECTED in seat.functions,
        )
    )
    booking.reminded_at = None
    if not given:
        changed(booking)
        facts = by_delegation(seat.for_id) | {"functions": sorted(seat.functions)}
        record(booking, "half_approved", actor, reason=note, **facts)
    return Yes(seat.for_id, is_enough=bool(given))


def say_yes_to_dates(
    dates: Sequence[Booking], actor: Actor, note: str
) -> tuple[list[tuple[Booking, Yes]], list[Booking]]:
    """Say one yes to dates of a series: give those that need no other with it, and those that wait for the second.

    Dates to which this person has nothing to add are left as they are; raise why when there is no other.
    """
    if dates[0].resource.approval != Approval.TWO_STEP:
        return [(each, Yes(in_whose_place(actor, each))) for each in dates], []
    read_yeses(dates)
    seats = seats_of(actor, dates[0].resource.site_id)
    agreed: list[tuple[Booking, Yes]] = []
    half: list[Booking] = []
    against: DomainError | None = None
    for booking in dates:
        try:
            yes = _agree(booking, actor, seats, note)
            if yes.is_enough:
                agreed.append((booking, yes))
            else:
                half.append(booking)
        except (NoFunction, AlreadyAgreed, FunctionGiven) as error:
            against = error
    if against is not None and not (agreed or half):
        raise against
    return agreed, half


def unsay_yes(bookings: Sequence[Booking], actor: Actor) -> None:
    """Drop somebody's yes to what cannot be had any more: it goes on waiting as it did."""
    for booking in bookings:
        for own in [each for each in booking.approvals if each.person_id == actor.person_id]:
            booking.approvals.remove(own)


def why_not_yes(booking: Booking, actor: Actor) -> DomainError | None:
    """Tell what stands against somebody's yes where two people have to agree, for who may decide."""
    if booking.resource.approval != Approval.TWO_STEP:
        return None
    try:
        seats = seats_of(actor, booking.resource.site_id)
        choose_seat(seats, [seat_of(each) for each in booking.approvals])
    except DomainError as error:
        return error
    return None


def waits_for(booking: Booking, actor: Actor) -> bool:
    """Tell whether a request waits for this person's yes: app.bookings.turns says the same in SQL."""
    waits = booking.decision == PENDING and booking.proposal is None and booking.end_at > clock.now()
    return waits and can(actor, BookingPermission.DECIDE, booking) and why_not_yes(booking, actor) is None


def take_yes_back(booking: Booking, actor: Actor) -> Yes | None:
    """Forget somebody's own yes while it is fresh, and give it; None where there were no yeses at all.

    Raise NotYourYes, TooLateToUndo.
    """
    read_yeses([booking])
    if not booking.approvals:
        return None
    own = next((each for each in booking.approvals if each.person_id == actor.person_id), None)
    if own is None:
        raise NotYourYes
    if not may_undo(own.at, clock.now()):
        raise TooLateToUndo
    booking.approvals.remove(own)
    booking.reminded_at = None
    return Yes(own.for_id, is_enough=False)


def forget_yeses(booking: Booking) -> None:
    """Let everybody agree anew: what they had agreed to is something else now."""
    booking.approvals.clear()
    booking.reminded_at = None


def seats_of(actor: Actor, site_id: int) -> list[Seat]:
    """List the seats from which somebody may say yes at a site: their own first, then those they stand in for."""
    me = actor.person_id or 0
    people = [me, *actor.delegations.get(site_id, ())]
    held = select(RoleGrant).where(RoleGrant.site_id == site_id, RoleGrant.person_id.in_(people))
    functions = {grant.person_id: grant.functions for grant in db.session.scalars(held)}
    return [
        Seat(me, functions[person], None if person == me else person)
        for person in people
        if person in functions
    ]


def read_yeses(bookings: Sequence[Booking]) -> None:
    """Read the yeses afresh, in two statements: where the guard is locked there will be no other meanwhile."""
    fresh = select(Booking).where(Booking.id.in_([each.id for each in bookings]))
    fresh = fresh.options(selectinload(Booking.approvals)).execution_options(populate_existing=True)
    db.session.scalars(fresh).all()
