"""Ordering: so many kilos for an organisation, changed or withdrawn until the deadline; handed out afterwards."""

from dataclasses import dataclass

from app.accounts.service.locks import keep_organisation, keep_person
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_public_id
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.cargo import cost_cents
from app.supply.offers.errors import NothingTaken, NotTakingPart
from app.supply.offers.service.common import checked
from app.supply.purchases.errors import FarAboveMinimum, PurchaseClosed, TooMuchOrdered, WrongStep
from app.supply.purchases.models import GroupPurchase, PurchaseOrder
from app.supply.purchases.rules import FAR_ABOVE, OrderState, State
from app.supply.purchases.service.common import bring_to, lock_own, lock_purchase, note, ordered, orders
from app.supply.purchases.service.drafting import draft


@dataclass(frozen=True)
class Wanted:
    """What an organisation orders; `is_sure`: they have confirmed that they mean far more than the minimum."""

    organisation_id: int
    grams: int
    message: str = ""
    is_sure: bool = False


def order(actor: Actor, purchase_id: int, wanted: Wanted) -> PurchaseOrder:
    """Order for an organisation; again, to order more or less.

    Raise NotTakingPart, OrganisationInactive, PurchaseClosed, NothingTaken, WrongStep, TooMuchOrdered, FarAboveMinimum,
    TextTooLong.
    """
    if not actor.belongs_to(wanted.organisation_id):
        raise NotTakingPart(organisation=wanted.organisation_id)
    message = checked(wanted.message, "message")
    with atomic() as session:
        organisation = keep_organisation(wanted.organisation_id)
        person = keep_person(actor.person_id)
        purchase = _open(purchase_id)
        if organisation.territory_id != purchase.territory_id:
            raise NotTakingPart(organisation=organisation.id)
        those = orders(purchase)
        own = next((each for each in those if each.organisation_id == organisation.id), None)
        others = ordered([each for each in those if each is not own])
        _refuse_wrong(purchase, wanted.grams, others)
        if not wanted.is_sure:
            _ask_whether_sure(purchase, wanted.grams, own)
        if own is None:
            own = PurchaseOrder(
                public_id=new_public_id(), purchase_id=purchase.id, organisation_id=organisation.id,
                state=OrderState.ORDERED, created_at=clock.now(),
            )  # fmt: skip
            session.add(own)
        own.grams, own.message, own.person_id = wanted.grams, message, person.id
        bring_to(own, "order")
        note(purchase, "ordered", actor, order=own.public_id, grams=own.grams)
        draft(purchase)
    return own


def withdraw(actor: Actor, order_id: int) -> None:
    """Order nothing after all, until the deadline. Raise NotFound, NotTakingPart, PurchaseClosed, IllegalMove."""
    with atomic():
        purchase = _open(_purchase_of(order_id))
        own = db.session.get_one(PurchaseOrder, order_id, populate_existing=True)
        if not actor.belongs_to(own.organisation_id):
            raise NotTakingPart(organisation=own.organisation_id)
        bring_to(own, "withdraw")
        note(purchase, "order_withdrawn", actor, order=own.public_id, grams=own.grams)
        draft(purchase)


def hand_out(actor: Actor, order_id: int) -> None:
    """Note that an organisation has what it ordered. Raise NotFound, NotTakingPart, IllegalMove, PurchaseClosed."""
    _note_hand_out(actor, order_id, "hand_out")


def take_back(actor: Actor, order_id: int) -> None:
    """Take back that an organisation has it. Raise NotFound, NotTakingPart, IllegalMove, PurchaseClosed."""
    _note_hand_out(actor, order_id, "take_back")


def _note_hand_out(actor: Actor, order_id: int, act: str) -> None:
    with atomic():
        purchase = lock_own(actor, _purchase_of(order_id))
        if purchase.state != State.CONFIRMED:
            raise PurchaseClosed(state=purchase.state)
        theirs = db.session.get_one(PurchaseOrder, order_id, populate_existing=True)
        bring_to(theirs, act)
        note(purchase, act, actor, order=theirs.public_id, grams=theirs.grams)


def _open(purchase_id: int) -> GroupPurchase:
    purchase = lock_purchase(purchase_id)
    if not purchase.is_open_at(clock.now()):
        raise PurchaseClosed(state=purchase.state)
    return purchase


def _purchase_of(order_id: int) -> int:
    found = db.session.get(PurchaseOrder, order_id)
    if found is None:
        raise NotFound(kind="purchase_order")
    return found.purchase_id


def _refuse_wrong(purchase: GroupPurchase, grams: int, others: int) -> None:
    """Refuse what is no whole number of packages, or more than is left."""
    step = purchase.per_package
    if grams <= 0:
        raise NothingTaken(field="amount")
    if grams % step:
        fewer = grams // step * step
        raise WrongStep(field="amount", step=step, fewer=fewer, more=fewer + step)
    if purchase.most_grams is not None and others + grams > purchase.most_grams:
        left = (purchase.most_grams - others) // step * step
        raise TooMuchOrdered(field="amount", left=max(left, 0))


def _ask_whether_sure(purchase: GroupPurchase, grams: int, own: PurchaseOrder | None) -> None:
    """Refuse far more than the minimum, unless as much was ordered already."""
    known = own.grams if own is not None and own.state == OrderState.ORDERED else 0
    if grams > max(known, FAR_ABOVE * purchase.least_grams):
        raise FarAboveMinimum(
            field="sure", grams=grams, times=FAR_ABOVE, cents=cost_cents(grams, purchase.price_cents)
        )
