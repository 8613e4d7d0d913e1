"""What is paid for a part of an offer: its price is promised when it is taken, and charged once it was collected.

All of it under the lock of the offer. What is charged is in a transaction of its own, on the disk before anybody is
told.
"""

import logging
from datetime import timedelta
from typing import Final

from sqlalchemy import Select, and_, select

from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.models import FOOD, Charge, CostPlan, Credit, TerritoryMoney
from app.payments.service import NewPlan
from app.supply.offers.errors import NotTakingPart, PartCharged
from app.supply.offers.goods import SUBJECT, is_charged, tariff_of, told_of
from app.supply.offers.models import SurplusClaim
from app.supply.offers.rules import ClaimState
from app.supply.offers.service.common import lock_claim, note

SETTLED_AFTER: Final = timedelta(
    hours=1
)  # what was noted as collected by mistake can be taken back until then

log = logging.getLogger(__name__)


def promise_price(claim: SurplusClaim) -> None:
    """Promise the price of a part that was just taken, and what programmes pay of it."""
    offer = claim.offer
    if not is_charged(offer):
        return
    new = NewPlan(
        SUBJECT,
        claim.public_id,
        offer.territory_id,
        claim.organisation_id,
        offer.organisation_id,
        payments.price_goods(tariff_of(claim)),
        claim.organisation.priority_class,
        FOOD,
    )
    payments.promise(payments.make_plan(new), told_of(claim))


def let_go(claim: SurplusClaim) -> None:
    """Nothing is to be paid any more for a part that has ended."""
    plan = plan_of(claim)
    if plan is not None and not plan.is_closed:
        payments.drop_plan(plan)


def refuse_charged(claim: SurplusClaim) -> None:
    """Raise PartCharged where a part was charged: it was collected, and what is wrong with it is put right as money."""
    plan = plan_of(claim)
    if plan is not None and plan.is_closed:
        raise PartCharged


def plan_of(claim: SurplusClaim) -> CostPlan | None:
    """Read what a part costs as it is now; None where it is given, or paid without us."""
    return next(iter(payments.plans_of(SUBJECT, [claim.public_id])), None)


def charge_due() -> int:
    """Charge what was collected a while ago; give how much. Raise ExceptionGroup at the end if some could not be."""
    failures, done = [], 0
    for claim_id in [*db.session.scalars(_due())]:
        try:
            done += bool(charge(claim_id))
        except Exception as error:  # whatever is wrong with one, the others are to be charged too
            log.exception("The part %s of a surplus could not be charged.", claim_id)
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} parts could not be charged", failures)
    return done


def charge(claim_id: int) -> Charge | None:
    """Charge a part; None where that is done, or it was not collected, or a moment ago."""
    with atomic(durable=True):
        claim = lock_claim(claim_id)
        plan = plan_of(claim)
        if plan is None or claim.collected_at is None or claim.collected_at > clock.now() - SETTLED_AFTER:
            return None
        return payments.charge_plan(plan, told_of(claim))


def _due() -> Select[int]:
    settled = (
        SurplusClaim.state == ClaimState.COLLECTED,
        SurplusClaim.collected_at <= clock.now() - SETTLED_AFTER,
    )
    return (
        select(SurplusClaim.id)
        .join(
            CostPlan, and_(CostPlan.subject_kind == SUBJECT, CostPlan.subject_ref == SurplusClaim.public_id)
        )
        .join(TerritoryMoney, TerritoryMoney.territory_id == CostPlan.territory_id)
        .where(*settled, CostPlan.closed_at.is_(None), TerritoryMoney.is_on)
        .order_by(SurplusClaim.id)
    )


def take_back(actor: Actor, claim_id: int, reason: str, key: str, cents: int | None = None) -> Credit:
    """Take back what was charged for a part, all of it or so many cents, with a reason, by who is paid.

    Raise NotFound, NotTakingPart, and what app.payments.service.take_back does.
    """
    with atomic(durable=True):
        claim = lock_claim(claim_id)
        plan = plan_of(claim)
        if plan is None:
            raise NotFound(kind="surplus_claim")
        if not (actor.keeps_accounts_of(plan.payee_id) or actor.belongs_to(plan.payee_id)):
            raise NotTakingPart(organisation=plan.payee_id)
        made = payments.take_back(plan, actor, reason, key, cents)
        note(claim.offer, "part_credited", actor, part=claim.public_id, reason=reason.strip())
    return made
