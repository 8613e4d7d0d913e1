"""What was taken back of charges, and why: a credit is an entry of its own, and its key says which act it was."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select

from app.infra.db import db
from app.payments.models import Charge, ChargeLine, ChargeShare, CostPlan, Credit, CreditShare, Due

# How the keys of credits begin: a gesture, or what was charged for it once more; what becomes of deposits has its own.
BY_HAND: Final = "taken_back:"
ANEW: Final = "corrected:"
KEPT: Final = "kept:"  # a gesture that stays off what is charged instead


@dataclass(frozen=True)
class TakenBack:
    """What was taken back at once of a charge, or of one due of it, in cents, and why."""

    charge_id: int
    key: str
    at: datetime
    reason: str
    cents: int

    @property
    def is_by_hand(self) -> bool:
        """Tell whether it was a gesture: it stays off what is charged instead."""
        return self.key.startswith((BY_HAND, KEPT))

    @property
    def is_kept(self) -> bool:
        """Tell whether it is a gesture of before, taken off what was charged anew."""
        return self.key.startswith(KEPT)

    @property
    def is_charged_anew(self) -> bool:
        """Tell whether it was taken back to be charged again."""
        return self.key.startswith(ANEW)


def is_gesture() -> ColumnElement[bool]:
    """Say in SQL of a credit that it was taken back by hand, or stays off what was charged anew."""
    return or_(Credit.key.startswith(BY_HAND, autoescape=True), Credit.key.startswith(KEPT, autoescape=True))


def find_credit(key: str) -> Credit | None:
    """Find what was taken back under a key."""
    return db.session.scalar(select(Credit).filter_by(key=key))


def taken_back_of(charge_ids: Collection[int]) -> list[TakenBack]:
    """List what was taken back of some charges, in the order in which it was."""
    if not charge_ids:
        return []
    cents = func.coalesce(func.sum(CreditShare.cents), 0)
    rows = db.session.execute(
        select(Credit, cents)
        .outerjoin(CreditShare, CreditShare.credit_id == Credit.id)
        .where(Credit.charge_id.in_(charge_ids))
        .group_by(Credit.id)
        .order_by(Credit.id)
    )
    return [_taken_back(credit, total) for credit, total in rows]


def taken_back_by_due(due_ids: Collection[int]) -> defaultdict[int, list[TakenBack]]:
    """List what was taken back of each of some dues, in the order in which it was."""
    found: defaultdict[int, list[TakenBack]] = defaultdict(list)
    if not due_ids:
        return found
    rows = db.session.execute(
        select(Due.id, Credit, func.sum(CreditShare.cents))
        .join(Credit, Credit.charge_id == Due.charge_id)
        .join(CreditShare, CreditShare.credit_id == Credit.id)
        .join(ChargeShare, and_(ChargeShare.id == CreditShare.share_id, ChargeShare.payer_id == Due.payer_id))
        .join(ChargeLine, and_(ChargeLine.id == ChargeShare.line_id, ChargeLine.payee_id == Due.payee_id))
        .where(Due.id.in_(due_ids))
        .group_by(Due.id, Credit.id)
        .order_by(Credit.id)
    )
    for due_id, credit, part in rows:
        found[due_id].append(_taken_back(credit, part))
    return found


def _taken_back(credit: Credit, cents: int) -> TakenBack:
    return TakenBack(credit.charge_id, credit.key, credit.at, credit.reason, int(cents))


def charges_about(plan: CostPlan) -> list[int]:
    """List (ids) what was charged by a plan: once, and each time it was charged anew."""
    first = f"{plan.subject_kind}:{plan.subject_ref}"
    keys = [first, *(f"{first}#{number}" for number in range(1, plan.corrections + 1))]
    return [*db.session.scalars(select(Charge.id).where(Charge.key.in_(keys)).order_by(Charge.id))]


def charged_cents(charge_id: int) -> int:
    """Tell what a charge came to when it was made."""
    total = select(func.coalesce(func.sum(ChargeLine.cents), 0)).where(ChargeLine.charge_id == charge_id)
    return int(db.session.scalar(total) or 0)


def credited_cents() -> ScalarSelect[int]:
    """Add up what was taken back of the charge that a query looks at."""
    return (
        select(func.coalesce(func.sum(CreditShare.cents), 0))
        .join(Credit, Credit.id == CreditShare.credit_id)
        .where(Credit.charge_id == Charge.id)
        .correlate(Charge)
        .scalar_subquery()
    )


def lines_cents() -> ScalarSelect[int]:
    """Add up the lines of the charge that a query looks at."""
    return (
        select(func.coalesce(func.sum(ChargeLine.cents), 0))
        .where(ChargeLine.charge_id == Charge.id)
        .correlate(Charge)
        .scalar_subquery()
    )
