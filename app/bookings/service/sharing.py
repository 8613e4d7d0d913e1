"""Who bears what a booking costs, or all elements of a request: shared by a key, and agreed by each who is asked."""

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.models import Organisation
from app.availability import service as capacity
from app.bookings import guards
from app.bookings.costs import SUBJECT, Costs, find_all_costs
from app.bookings.goods import Sold, goods_of
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission
from app.bookings.rules import LOST
from app.bookings.service.costs import locked_costs
from app.bookings.shared_alike import model_of
from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.errors import CostsCharged, ShareChanged
from app.payments.events import SharesAccepted, SharesAsked, SharesDeclined
from app.payments.models import CostPlan, PartyState
from app.payments.policy import MoneyPermission
from app.payments.service import Part
from app.payments.splits.keys import KeyKind


def share_costs(
    booking_id: int, actor: Actor, kind: KeyKind, parts: Sequence[Part], residual_id: int | None = None
) -> list[int]:
    """Share what a booking costs in another way; tell who is asked to say yes. Raise what `share` raises."""
    with atomic():
        costs = locked_costs(booking_id, actor, BookingPermission.SHARE_COSTS)
        return payments.share(costs.plan, actor, kind, parts, residual_id)


def answer_costs(
    booking_id: int, actor: Actor, organisation_id: int, *, accepts: bool, seen_cents: int | None = None
) -> None:
    """Say yes (to what was seen) or no, for an organisation that was asked, to a part of what a booking costs."""
    with atomic():
        costs = locked_costs(booking_id, actor, BookingPermission.SEE_COSTS)
        party = costs.plan.party(organisation_id)
        if party is None:
            raise NotFound(kind="cost_party")
        require(actor, MoneyPermission.KEEP_ACCOUNTS, party.organisation)
        payments.answer_share(
            costs.plan, organisation_id, actor, costs.told, accepts=accepts, seen_cents=seen_cents
        )


def share_bundle_costs(
    bundle_id: int, actor: Actor, kind: KeyKind, parts: Sequence[Part], residual_id: int | None = None
) -> list[int]:
    """Share all elements of a request alike, and ask each organisation once for all of them; give who is asked.

    What is charged already stays as it is. Raise CostsCharged where all is, Forbidden, and what `share` raises.
    """
    with atomic():
        asked: dict[int, list[int]] = {}
        for costs in _open_of_bundle(bundle_id):
            require(actor, BookingPermission.SHARE_COSTS, costs)
            for organisation_id in payments.share(costs.plan, actor, kind, parts, residual_id, tells=False):
                asked.setdefault(organisation_id, []).append(costs.plan.id)
        for organisation_id, plan_ids in sorted(asked.items()):
            emit(SharesAsked(tuple(plan_ids), organisation_id, actor.person_id))
    return sorted(asked)


def share_on(lost: Booking, leg: Booking, actor: Actor) -> None:
    """Share what takes the place of a lost element as `model_of` says: whoever is to bear a part of it is asked anew.

    Whoever replaces it holds the guards of all elements.
    """
    plans, model = payments.plans_of(SUBJECT, [leg.ref]), model_of(lost, leg)
    if model is not None:
        for plan in plans:
            payments.share_alike(plan, model, actor, replaces=model.subject_ref == lost.ref)


def answer_bundle_costs(
    bundle_id: int,
    actor: Actor,
    organisation_id: int,
    *,
    accepts: bool,
    seen_cents: int | None = None,
    was: PartyState = PartyState.INVITED,
) -> None:
    """Say yes (to what was seen of all of them) or no, for an organisation, to the parts it is asked to bear.

    Elements it has declined are left alone, unless it is these it says yes to after all (`was`). Raise CostsCharged,
    NotFound where there are none, Forbidden, ShareChanged.
    """
    with atomic():
        asked = [each for each in _open_of_bundle(bundle_id) if _stands(each.plan, organisation_id, was)]
        if not asked:
            raise NotFound(kind="cost_party")
        require(actor, MoneyPermission.KEEP_ACCOUNTS, db.session.get_one(Organisation, organisation_id))
        cents = sum(
            payments.answer_share(each.plan, organisation_id, actor, each.told, accepts=accepts, tells=False)
            for each in asked
        )
        if accepts and seen_cents is not None and seen_cents != cents:
            raise ShareChanged(cents=cents)
        told = SharesAccepted if accepts else SharesDeclined
        emit(told(tuple(each.plan.id for each in asked), organisation_id, actor.person_id))


def _stands(plan: CostPlan, organisation_id: int, state: PartyState) -> bool:
    party = plan.party(organisation_id)
    return party is not None and party.state == state


def _open_of_bundle(bundle_id: int) -> list[Costs | Sold]:
    """Lock a bundle and read what its elements and its goods cost, where that is something and not charged.

    Raise CostsCharged where nothing is left. Guards are locked first, then what it carries (docs/locking.md).
    """
    capacity.lock(guards.of_bundle(bundle_id))
    legs = select(Booking).where(Booking.bundle_id == bundle_id, Booking.leg_number.is_not(None))
    fresh = legs.order_by(Booking.leg_number).execution_options(populate_existing=True)
    found = find_all_costs(db.session.scalars(fresh).all())
    for costs in found:
        db.session.refresh(costs.plan)
    wanted = [costs for costs in found if costs.booking.decision not in LOST]
    parts: list[Costs | Sold] = [*wanted, *goods_of(bundle_id, locked=True)]
    live = [each for each in parts if each.plan.is_priced and not each.plan.is_closed]
    if not live:
        raise CostsCharged
    return live
