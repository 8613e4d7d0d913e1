"""Putting right what was charged: a part of it is taken back, or all of it, and it is charged anew as it truly was."""

from collections.abc import Mapping

from app.core.errors import ReasonMissing
from app.core.policy import Actor
from app.infra import audit
from app.infra.uow import atomic
from app.payments.books.postings import Pair
from app.payments.errors import NotCharged
from app.payments.models import Charge, CostPlan, Credit
from app.payments.queries import dues_of
from app.payments.service.allocating import allocations_of
from app.payments.service.credits import credit
from app.payments.service.locks import lock_charge, lock_pairs
from app.payments.service.paying import allocate
from app.payments.service.plans import charge_plan, lock_budgets
from app.payments.service.sharing import measure
from app.payments.tariffs.tariff import Meter
from app.payments.tariffs.told import Told


def take_back(plan: CostPlan, actor: Actor, reason: str, key: str, cents: int | None = None) -> Credit:
    """Take back what was charged, all that is left of it or so many cents; what was paid for it becomes an advance.

    Told twice under one key, it is done once. Raise NotCharged, and what `credit` raises.
    """
    with atomic(durable=True):
        charge_id = _charge_of(plan)
        made = credit(f"taken_back:{key}", charge_id, reason, cents)
        facts = {"reason": reason.strip(), "cents": cents}
        audit.record("cost_plan", plan.id, "taken_back", actor, territory_id=plan.territory_id, **facts)
    return made


def charge_anew(
    plan: CostPlan, actor: Actor, reason: str, told: Told, milli: Mapping[Meter, int] | None = None
) -> Charge | None:
    """Take back all that was charged, and charge it again as it was, by other figures where some are given.

    What was paid for it pays the new charge, as far as it goes. All of it or nothing; None where something has to be
    measured first. Raise NotCharged, ReasonMissing, CannotMeasure.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with atomic(durable=True) as session:
        charge_id = _charge_of(plan)
        lock_charge(charge_id)
        lock_budgets(plan.territory_id)
        lock_pairs(_pairs(plan))
        paid = _paid_for(charge_id)
        credit(f"corrected:{charge_id}", charge_id, reason)
        plan.corrections += 1
        plan.charge_id = plan.closed_at = None
        session.flush()
        audit.record(
            "cost_plan", plan.id, "corrected", actor, territory_id=plan.territory_id, reason=reason.strip()
        )
        if milli is not None:
            measure(plan, actor, milli, is_final=True)
        charge = charge_plan(plan, told, corrects=reason.strip())
        if charge is not None:
            _pay_again(charge, paid)
    return charge


def _paid_for(charge_id: int) -> dict[Pair, list[int]]:
    """Read which payments a charge was paid by, by who paid whom."""
    return {
        Pair(due.payer_id, due.payee_id): [payment.id for payment, _cents in allocations_of(due)]
        for due in dues_of(charge_id)
    }


def _pay_again(charge: Charge, paid: Mapping[Pair, list[int]]) -> None:
    """Use what the credit has freed for what is owed instead: nobody pays twice for having been corrected."""
    for due in dues_of(charge.id):
        for payment_id in sorted(paid.get(Pair(due.payer_id, due.payee_id), ())):
            allocate(payment_id, [due.id])


def _charge_of(plan: CostPlan) -> int:
    if plan.charge_id is None:
        raise NotCharged
    return plan.charge_id


def _pairs(plan: CostPlan) -> set[Pair]:
    """List all between whom the two charges can be: locked together, since the second may be shared in another way."""
    payers = {plan.organisation_id, *(party.organisation_id for party in plan.parties)}
    payers |= {subsidy.programme.organisation_id for subsidy in plan.subsidies}
    return {Pair(payer, plan.payee_id) for payer in payers - {plan.payee_id}}
