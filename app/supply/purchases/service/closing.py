"""The end: confirmed at the deadline where the minimum is reached, else cancelled, and all that it kept released."""

import logging
from collections.abc import Sequence

from sqlalchemy import select

from app.availability import service as capacity
from app.bookings import guards
from app.bookings import service as bookings
from app.bookings.models import Booking
from app.bookings.rules import LIVE as LIVE_BOOKINGS
from app.core import clock
from app.core.policy import Actor
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.chains.rules import Origin
from app.supply.chains.service import drop_draft, guards_of
from app.supply.offers.service.common import checked_reason
from app.supply.purchases import events, queries
from app.supply.purchases.errors import PurchaseClosed
from app.supply.purchases.models import GroupPurchase
from app.supply.purchases.rules import DRAFTED_AS, OrderState, State
from app.supply.purchases.service.common import (
    bring_to,
    come_to,
    lock_own,
    lock_purchase,
    note,
    ordered,
    orders,
)
from app.supply.purchases.service.drafting import draft, let_carriers_go

log = logging.getLogger(__name__)


def close_due(short: str) -> int:
    """Close the purchases whose deadline has passed, each in a transaction of its own; give how many.

    `short` says to the place where something was to be packed that the minimum was not reached. Raise ExceptionGroup
    at the end if some could not be closed.
    """
    failures, done = [], 0
    for purchase_id in queries.due(clock.now()):
        try:
            done += _close(purchase_id, short)
        except Exception as error:  # whatever is wrong with one, the others are to be closed too
            log.exception("The group purchase %s could not be closed.", purchase_id)
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} group purchases could not be closed", failures)
    return done


def cancel(actor: Actor, purchase_id: int, reason: str) -> None:
    """Give a purchase up, with a reason that who ordered reads; what it kept is released.

    Raise NotTakingPart, ReasonMissing, TextTooLong, PurchaseClosed, ChainJustAsked.
    """
    reason = checked_reason(reason)
    with atomic():
        _lock_kept(purchase_id)
        purchase = lock_own(actor, purchase_id)
        if purchase.state == State.CANCELLED:
            raise PurchaseClosed(state=purchase.state)
        end(purchase, actor, reason)
        _release(purchase, actor.person_id, reason)


def end(purchase: GroupPurchase, actor: Actor, reason: str, *, is_short: bool = False) -> None:
    """Cancel a purchase that is locked, and end its orders and its draft; what was handed out stays so."""
    come_to(purchase, "cancel")
    drop_draft(purchase.origin)
    purchase.reason = reason
    ended = [each for each in orders(purchase) if each.state == OrderState.ORDERED]
    for each in ended:
        bring_to(each, "end")
    note(purchase, "cancelled", actor, reason=reason)
    emit(events.PurchaseCancelled(purchase.id, actor.person_id, tuple(each.id for each in ended), is_short))


def _close(purchase_id: int, short: str) -> bool:
    with atomic():
        _lock_kept(purchase_id)
        purchase = lock_purchase(purchase_id)
        if purchase.state != State.OPEN or clock.now() < purchase.deadline_at:
            return False  # more time was given, or it was given up, this very moment
        grams = ordered(orders(purchase))
        if grams >= purchase.least_grams:
            come_to(purchase, "confirm")
            note(purchase, "confirmed", Actor(), grams=grams)
            draft(purchase)
            emit(events.PurchaseConfirmed(purchase.id, None))
        else:
            end(purchase, Actor(), "", is_short=True)
            _release(purchase, purchase.person_id, short)
    return True


def _lock_kept(purchase_id: int) -> None:
    """Lock the guards of where it is packed and of what fetches it: they come before the row of the purchase."""
    kept = select(GroupPurchase.booking_id, GroupPurchase.public_id).filter_by(id=purchase_id)
    for booking_id, ref in db.session.execute(kept):
        packing = _resources_of(booking_id) if booking_id is not None else ()
        capacity.lock([*packing, *guards_of(Origin(DRAFTED_AS, ref))])


def _resources_of(booking_id: int) -> Sequence[int]:
    own = db.session.scalars(select(Booking.resource_id).filter_by(id=booking_id)).all()
    return [*own, *guards.beside(booking_id)]


def _release(purchase: GroupPurchase, person_id: int | None, reason: str) -> None:
    """Give up what fetches it, and the booking in which it was to be packed, in the name of who organises.

    What has begun goes on.

    Whichever member asked for the booking: it is the organisation that lets go of it, so as its administrators would.
    Another one that was chosen this very moment, whose guards are not held, is left to who chose it.
    """
    let_carriers_go(purchase, person_id, reason)
    booking = purchase.booking
    if booking is None or booking.decision not in LIVE_BOOKINGS or booking.start_at <= clock.now():
        return
    if capacity.holds(_resources_of(booking.id)):
        organiser = Actor(person_id=person_id, memberships={purchase.organisation_id: "org_admin"})
        bookings.cancel(booking.id, organiser, reason)
