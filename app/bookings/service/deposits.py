"""The deposit of a booking, along its life: asked for with the yes, no longer needed with a no, from hand to hand.

All of it under the guard of the booking's resource; which of several bookings has the deposit is looked up under it, so
two of them never ask for the one of the first use.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from app.availability import service as capacity
from app.bookings.costs import SUBJECT
from app.bookings.deposits import (
    Held,
    Wanted,
    alike,
    find_deposits,
    find_held,
    find_kept,
    has_begun,
    wanted_of,
)
from app.bookings.errors import BookingNotFound
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission
from app.bookings.rules import APPROVED
from app.core import clock
from app.core.policy import Actor, require
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.books.postings import Method
from app.payments.deposits import service as deposits
from app.payments.deposits.errors import BadDeposit
from app.payments.deposits.models import Deposit
from app.payments.deposits.rules import BACK_WITHIN, Occasion, State, is_asked
from app.payments.deposits.service import Kept, NewDeposit
from app.payments.models import Charge

T = TypeVar("T")
_HANDED = (State.REQUIRED, State.RECEIVED, State.RELEASED, State.WITHHELD)


def follow(booking_ids: Collection[int]) -> None:
    """Bring deposits in line with what became of bookings."""
    found = wanted_of(booking_ids)
    for wanted in found:
        if wanted.deposit is not None:
            _follow(wanted.booking, wanted.deposit)
    for wanted in _one_each(found):
        _ask_first(wanted)


def _follow(booking: Booking, deposit: Deposit) -> None:
    """Drop what is not needed any more; what was handed over for it is to be given back."""
    if booking.decision == APPROVED and deposit.payee_id == booking.resource.site.owner_id:
        return
    if deposit.state == State.REQUIRED:
        deposits.drop(deposit)
    elif deposit.state == State.RECEIVED:
        deposits.put_off(deposit, min(deposit.back_by, clock.now() + BACK_WITHIN))


def _one_each(found: Collection[Wanted]) -> list[Wanted]:
    """Of bookings that share a deposit, name one."""
    return list({_shared_by(wanted): wanted for wanted in found}.values())


def _shared_by(wanted: Wanted) -> tuple[int | None, ...]:
    booking = wanted.booking
    if wanted.terms is not None and wanted.terms.occasion == Occasion.FIRST:
        return booking.resource_id, booking.organisation_id
    return booking.resource_id, booking.series_id, None if booking.series_id else booking.id


def _ask_first(wanted: Wanted) -> None:
    """Ask for the deposit of the first of those that share it, unless one was asked for; say by when it comes back.

    What the place still has of a use that was given up is for the next one.
    """
    sharing = alike(wanted)
    known = find_deposits(sharing)
    live = next((each for each in known if each.state in _HANDED), None) or find_kept(wanted)
    first = next(iter(sharing), None)
    if first is None:
        if live is not None:
            deposits.put_off(live, min(live.back_by, clock.now() + BACK_WITHIN))
        return
    until = _until(sharing, wanted)
    if live is not None:
        if live.state in (State.REQUIRED, State.RECEIVED):
            deposits.put_off(live, until)
    elif _is_due(first, wanted):
        deposits.ask(_new(first, wanted, until), next((d for d in known if d.subject_ref == first.ref), None))


def _until(sharing: Collection[Booking], wanted: Wanted) -> datetime:
    """Tell by when it is given back: after the first use, or after all dates of a series that has one for each use."""
    ends = [booking.end_at for booking in sharing]
    is_first = wanted.terms is not None and wanted.terms.occasion == Occasion.FIRST
    return (ends[0] if is_first else max(ends)) + BACK_WITHIN


def _is_due(first: Booking, wanted: Wanted) -> bool:
    owner_id, terms = first.resource.site.owner_id, wanted.terms
    if terms is None or first.end_at <= clock.now() or first.organisation_id == owner_id:
        return False
    return is_asked(terms.cents, first.organisation.priority_class, terms.exempt)


def _new(first: Booking, wanted: Wanted, until: datetime) -> NewDeposit:
    return NewDeposit(
        SUBJECT,
        first.ref,
        first.territory_id,
        first.organisation_id,
        first.resource.site.owner_id,
        wanted.terms.cents if wanted.terms else 0,
        until,
    )


# -- from hand to hand ----------------------------------------------------------------------------------------


def receive_deposit(booking_id: int, actor: Actor, method: Method) -> None:
    """Note that the place has the deposit. Raise BookingNotFound, Forbidden, and what `receive` raises."""
    _with(booking_id, actor, lambda held: deposits.receive(held.deposit, actor, method))


def take_deposit_back(booking_id: int, actor: Actor) -> None:
    """Take back that it was received: it was noted by mistake, and what it stood for is asked for again."""
    with atomic(durable=True):
        _with(booking_id, actor, lambda held: deposits.take_back(held.deposit, actor))
        follow([booking_id])


def release_deposit(booking_id: int, actor: Actor) -> None:
    """Note that it was given back."""
    _with(booking_id, actor, lambda held: deposits.release(held.deposit, actor))


def withhold_deposit(booking_id: int, actor: Actor, kept: Kept) -> Charge:
    """Keep something of it, with a reason; the rest is given back. Raise BadDeposit before the use begins."""

    def act(held: Held) -> Charge:
        if not has_begun(held):
            raise BadDeposit(field="amount", reason="too_soon")
        return deposits.withhold(held.deposit, actor, kept)

    return _with(booking_id, actor, act)


def give_up_deposit(booking_id: int, actor: Actor, reason: str, key: str, cents: int | None = None) -> None:
    """Give back what was withheld wrongly, all of it or so many cents, with a reason."""
    _with(booking_id, actor, lambda held: deposits.give_up(held.deposit, actor, reason, key, cents))


def _with(booking_id: int, actor: Actor, act: Callable[[Held], T]) -> T:
    """Do something with the deposit of a booking, which is locked and read anew."""
    with atomic(durable=True):
        held = _locked(booking_id)
        require(actor, BookingPermission.KEEP_DEPOSIT, held)
        return act(held)


def _locked(booking_id: int) -> Held:
    resource_id = db.session.scalar(select(Booking.resource_id).filter_by(id=booking_id))
    capacity.lock([resource_id or 0])
    booking = db.session.get(Booking, booking_id, populate_existing=True)
    if booking is None or (held := find_held(booking)) is None:
        raise BookingNotFound
    db.session.refresh(held.deposit)
    return held
