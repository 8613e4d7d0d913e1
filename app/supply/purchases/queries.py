"""Reads of group purchases: what is bought together around, who ordered how much, where it is packed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import Organisation, OrganisationState
from app.bookings.models import Booking
from app.bookings.rules import LIVE as LIVE_BOOKINGS
from app.catalogue.models import Resource
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.db import db
from app.supply.purchases.models import GroupPurchase, PurchaseOrder
from app.supply.purchases.rules import LIVE, NOT_PACKED_IN, PACKED_IN, OrderState, State

_MOST_OWN: Final = 30
_MOST_SUPPLIERS: Final = 200


@dataclass(frozen=True)
class Viewed:
    """A purchase as somebody sees it: `ours` are the organisations of its territory (ids) that they belong to."""

    purchase: GroupPurchase
    ours: frozenset[int]


@dataclass(frozen=True)
class Found:
    """A purchase on a list, and how much of it is ordered."""

    purchase: GroupPurchase
    ordered: int


def get_viewed(ref: str, actor: Actor) -> Viewed:
    """Find a purchase as a person sees it; raise NotFound."""
    wanted = select(GroupPurchase).where(GroupPurchase.public_id == ref)
    purchase = db.session.scalar(wanted.options(*_WHOLE))
    if purchase is None:
        raise NotFound(kind="group_purchase", ref=ref)
    here = select(Organisation.id).where(
        Organisation.id.in_(actor.memberships), Organisation.territory_id == purchase.territory_id
    )
    return Viewed(purchase, frozenset(db.session.scalars(here)))


def seen_among(refs: Collection[str], actor: Actor) -> list[GroupPurchase]:
    """List those of some purchases that are of a territory of somebody's, as a member or as its coordination."""
    here = select(Organisation.territory_id).where(Organisation.id.in_(actor.memberships))
    seen = or_(GroupPurchase.territory_id.in_(here), GroupPurchase.territory_id.in_(actor.coordinated))
    return [*db.session.scalars(select(GroupPurchase).where(GroupPurchase.public_id.in_(refs), seen))]


def orders_of(purchase_id: int) -> Sequence[PurchaseOrder]:
    """List what is ordered of a purchase, the first first."""
    rows = select(PurchaseOrder).filter_by(purchase_id=purchase_id)
    return db.session.scalars(
        rows.options(joinedload(PurchaseOrder.organisation)).order_by(PurchaseOrder.id)
    ).all()


def find_order(purchase_id: int, ref: str) -> PurchaseOrder | None:
    """Find an order of a purchase."""
    return db.session.scalar(select(PurchaseOrder).filter_by(purchase_id=purchase_id, public_id=ref))


def ordered_of(purchase_ids: Collection[int]) -> dict[int, int]:
    """Add up what is ordered of purchases, in grams; what ended with them, too, so that one sees what was missing."""
    counted = (*LIVE, OrderState.ENDED)
    rows = (
        select(PurchaseOrder.purchase_id, func.sum(PurchaseOrder.grams))
        .where(PurchaseOrder.purchase_id.in_(purchase_ids), PurchaseOrder.state.in_(counted))
        .group_by(PurchaseOrder.purchase_id)
    )
    return {purchase_id: int(grams) for purchase_id, grams in db.session.execute(rows)}


def open_in(territory_ids: Collection[int]) -> list[Found]:
    """List what can be ordered now in territories, what ends first first."""
    rows = select(GroupPurchase).where(
        GroupPurchase.territory_id.in_(territory_ids),
        GroupPurchase.state == State.OPEN,
        GroupPurchase.deadline_at > clock.now(),
    )
    ordered = rows.options(*_WHOLE).order_by(GroupPurchase.deadline_at, GroupPurchase.id)
    return _found(db.session.scalars(ordered).all())


def organised_by(organisation_ids: Collection[int]) -> list[Found]:
    """List what organisations opened, what is open first, then the newest."""
    mine = select(GroupPurchase).where(GroupPurchase.organisation_id.in_(organisation_ids)).options(*_WHOLE)
    is_open = GroupPurchase.state == State.OPEN
    rows = mine.order_by(is_open.desc(), GroupPurchase.id.desc()).limit(_MOST_OWN)
    return _found(db.session.scalars(rows).all())


def orders_by(organisation_ids: Collection[int]) -> Sequence[PurchaseOrder]:
    """List what organisations ordered and do not have yet, what ends first first."""
    whole = joinedload(PurchaseOrder.purchase).options(*_WHOLE), joinedload(PurchaseOrder.organisation)
    rows = (
        select(PurchaseOrder)
        .join(PurchaseOrder.purchase)
        .where(PurchaseOrder.organisation_id.in_(organisation_ids), PurchaseOrder.state == OrderState.ORDERED)
        .options(*whole)
        .order_by(GroupPurchase.deadline_at, PurchaseOrder.id)
    )
    return db.session.scalars(rows.limit(_MOST_OWN)).all()


def packing_slots(organisation_id: int, after: datetime) -> Sequence[Booking]:
    """List the bookings of an organisation where something could be packed: live, and beginning after an instant."""
    rows = (
        select(Booking)
        .join(Booking.resource)
        .where(
            Booking.organisation_id == organisation_id,
            Booking.decision.in_(LIVE_BOOKINGS),
            Booking.start_at > after,
            Resource.kind.in_(PACKED_IN),
            Resource.subtype.not_in(NOT_PACKED_IN),
        )
    )
    whole = contains_eager(Booking.resource).joinedload(Resource.site)
    return db.session.scalars(rows.options(whole).order_by(Booking.start_at, Booking.id).limit(50)).all()


def suppliers_in(territory_id: int) -> list[str]:
    """List the organisations of a territory by name: each may supply something."""
    rows = select(Organisation.name).filter_by(territory_id=territory_id, state=OrganisationState.ACTIVE)
    return [*db.session.scalars(rows.order_by(Organisation.name).limit(_MOST_SUPPLIERS))]


def find_supplier(purchase: GroupPurchase) -> Organisation | None:
    """Find the organisation of the territory that has the name of the supplier."""
    wanted = select(Organisation).filter_by(territory_id=purchase.territory_id, name=purchase.supplier)
    return db.session.scalar(wanted.order_by(Organisation.id).limit(1))


def _found(purchases: Sequence[GroupPurchase]) -> list[Found]:
    ordered = ordered_of([each.id for each in purchases])
    return [Found(each, ordered.get(each.id, 0)) for each in purchases]


# -- upkeep ---------------------------------------------------------------------------------------------------


def due(now: datetime) -> list[int]:
    """List the open purchases (ids) whose deadline has passed."""
    rows = select(GroupPurchase.id).where(GroupPurchase.state == State.OPEN, GroupPurchase.deadline_at <= now)
    return [*db.session.scalars(rows.order_by(GroupPurchase.id))]


def packed_in(booking_ids: Collection[int]) -> list[int]:
    """List the purchases (ids) that take place and are packed in bookings, or were to be."""
    rows = select(GroupPurchase.id).where(
        GroupPurchase.booking_id.in_(booking_ids), GroupPurchase.state != State.CANCELLED
    )
    return [*db.session.scalars(rows.order_by(GroupPurchase.id))]


def touched_by(organisation_id: int) -> list[int]:
    """List the purchases (ids) in which something of an organisation is going on: its own, and what it ordered of."""
    ordered = select(PurchaseOrder.purchase_id).filter_by(
        organisation_id=organisation_id, state=OrderState.ORDERED
    )
    its_own = and_(GroupPurchase.organisation_id == organisation_id, GroupPurchase.state != State.CANCELLED)
    rows = select(GroupPurchase.id).where(or_(its_own, GroupPurchase.id.in_(ordered)))
    return [*db.session.scalars(rows.order_by(GroupPurchase.id))]


_WHOLE: Final = (
    joinedload(GroupPurchase.organisation),
    joinedload(GroupPurchase.territory),
    joinedload(GroupPurchase.booking).joinedload(Booking.resource).joinedload(Resource.site),
)
