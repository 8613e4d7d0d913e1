"""Putting right what was charged: a part of it is taken back, or all of it, and it is charged anew as it truly was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.core.errors import ReasonMissing
from app.core.policy import Actor
from app.infra import audit
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.books.credited import ANEW, BY_HAND, KEPT, charged_cents, find_credit, taken_back_of
from app.payments.books.postings import Pair
from app.payments.errors import NotCharged, TakenBackWhole
from app.payments.events import PutRight
from app.payments.models import Charge, CostPlan, Credit
from app.payments.queries import dues_of
from app.payments.service.allocating import allocations_of
from app.payments.service.credits import credit
from app.payments.service.locks import lock_charge, lock_pairs
from app.payments.service.paying import allocate
from app.payments.service.plans import charge_plan, lock_budgets
from app.payments.service.posting import refuse_other
from app.payments.service.sharing import measure
from app.payments.tariffs.tariff import Meter
from app.payments.tariffs.told import Told

LET_OFF: Final = "let_off"  # in what is kept of a charge: what was let off before it


@dataclass(frozen=True)
class Correction:
    """Why something is charged anew, by which figures where it is by others, and whether what was let off is too.

    Told twice under one key, it is done once.
    """

    key: str
    reason: str
    milli: Mapping[Meter, int] | None = None
    in_full: bool = False


def take_back(plan: CostPlan, actor: Actor, reason: str, key: str, cents: int | None = None) -> Credit:
    """Take back what was charged, all that is left of it or so many cents; what was paid for it becomes an advance.

    It is a gesture, which stays off where the rest is charged anew. Told twice under one key, it is done once. Raise
    NotCharged, and what `credit` raises.
    """
    with atomic(durable=True):
        charge_id = _charge_of(plan)
        before, known = _borne(charge_id), find_credit(f"{BY_HAND}{key}")
        made = credit(f"{BY_HAND}{key}", charge_id, reason, cents)
        if known is not None:
            return made
        facts = {"reason": reason.strip(), "cents": cents}
        audit.record("cost_plan", plan.id, "taken_back", actor, territory_id=plan.territory_id, **facts)
        _tell(plan, actor, reason, before)
    return made


def charge_anew(plan: CostPlan, actor: Actor, correction: Correction, told: Told) -> Charge:
    """Take back all that was charged, and charge it again as it was, by other figures where some are given.

    What was paid for it pays the new charge, as far as it goes; what was taken back by hand stays off the new one, as
    far as it goes. A meter that was left out is left out again. All of it or nothing. Raise NotCharged, ReasonMissing,
    CannotMeasure, KeyReused, and TakenBackWhole where nothing is left of it and that is to stay so.
    """
    if not correction.reason.strip():
        raise ReasonMissing(field="reason")
    with atomic(durable=True) as session:
        charge_id = _charge_of(plan)
        if plan.charge is not None and find_credit(f"{ANEW}{correction.key}") is not None:
            _refuse_other_figures(plan, correction)
            return plan.charge
        lock_charge(charge_id)
        lock_budgets(plan.territory_id)
        lock_pairs(_pairs(plan))
        kept = 0 if correction.in_full else _kept_off(plan.charge, charge_id)
        paid, before = _paid_for(charge_id), _borne(charge_id)
        credit(f"{ANEW}{correction.key}", charge_id, correction.reason)
        plan.corrections += 1
        plan.charge_id = plan.closed_at = None
        session.flush()
        reason = correction.reason.strip()
        audit.record("cost_plan", plan.id, "corrected", actor, territory_id=plan.territory_id, reason=reason)
        if correction.milli is not None:
            measure(plan, actor, correction.milli, is_final=True)
        charge = charge_plan(plan, told, leave_out_missing=True, corrects={"corrects": reason, LET_OFF: kept})
        if charge is None:
            raise NotCharged  # nobody else charges it meanwhile: who calls holds the lock of its subject
        _keep_off(charge, charge_id, kept)
        _pay_again(charge, paid)
        _tell(plan, actor, reason, before, kept_off=bool(kept))
    return charge


def _refuse_other_figures(plan: CostPlan, correction: Correction) -> None:
    figures = {meter.value: value for meter, value in (correction.milli or {}).items()}
    refuse_other(correction.key, plan.measures, figures)


# -- what was taken back by hand ------------------------------------------------------------------------------


def _kept_off(charge: Charge | None, charge_id: int) -> int:
    """Tell how much stays off the charge that takes the place of another one; raise TakenBackWhole if all of it.

    What was let off of the charges before stays what it was, however little of it their last one could be lowered.
    """
    there = taken_back_of([charge_id])
    own = sum(each.cents for each in there if each.is_by_hand and not each.is_kept)
    if own and charged_cents(charge_id) == sum(each.cents for each in there):
        raise TakenBackWhole(field="in_full", cents=sum(each.cents for each in there if each.is_by_hand))
    return own + (charge.snapshot.get(LET_OFF, 0) if charge is not None else 0)


def _keep_off(charge: Charge, before_id: int, cents: int) -> None:
    """Take the same off a new charge, all of it at most, for the reasons there were."""
    if most := min(cents, charged_cents(charge.id)):
        reasons = dict.fromkeys(each.reason for each in taken_back_of([before_id]) if each.is_by_hand)
        credit(f"{KEPT}{before_id}", charge.id, "\n".join(reasons), most)


# -- what was paid --------------------------------------------------------------------------------------------


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


# -- telling --------------------------------------------------------------------------------------------------


def _borne(charge_id: int) -> dict[int, int]:
    """Tell what each payer is charged, less what was taken back of it."""
    return {due.payer_id: due.cents - due.credited_cents for due in dues_of(charge_id)}


def _tell(
    plan: CostPlan, actor: Actor, reason: str, before: Mapping[int, int], *, kept_off: bool = False
) -> None:
    """Tell each payer for whom it is another amount now."""
    after = _borne(_charge_of(plan))
    for payer in sorted(before.keys() | after.keys()):
        if before.get(payer, 0) != after.get(payer, 0):
            emit(
                PutRight(
                    plan.id,
                    payer,
                    actor.person_id,
                    reason.strip(),
                    before.get(payer, 0),
                    after.get(payer, 0),
                    kept_off,
                )
            )


def _charge_of(plan: CostPlan) -> int:
    if plan.charge_id is None:
        raise NotCharged
    return plan.charge_id


def _pairs(plan: CostPlan) -> set[Pair]:
    """List all between whom the two charges can be: locked together, since the second may be shared in another way."""
    payers = {plan.organisation_id, *(party.organisation_id for party in plan.parties)}
    payers |= {subsidy.programme.organisation_id for subsidy in plan.subsidies}
    return {Pair(payer, plan.payee_id) for payer in payers - {plan.payee_id}}
