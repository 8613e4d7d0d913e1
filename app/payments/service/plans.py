"""The plan of a cost: made when something is asked for, promised when it is approved, closed when it is charged.

Whoever calls these holds the lock of the subject: nobody else changes its plan meanwhile. Envelopes are locked after
it, all of the territory together, so that several plans in one use case lock them in one order.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core import clock
from app.core.ids import new_public_id
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import queries
from app.payments.models import (
    Charge,
    CostParty,
    CostPlan,
    Envelope,
    EnvelopeHold,
    HoldState,
    PartyState,
    PlanSubsidy,
    Programme,
    ProgrammeState,
    TariffVersion,
)
from app.payments.service.charges import NewCharge, NewLine, post_charge
from app.payments.service.envelopes import hold_envelope, lock_subsidies, release_envelope
from app.payments.service.locks import lock_envelopes
from app.payments.service.reckoning import lines_of, missing_of, shared, terms_of
from app.payments.splits.parties import alone
from app.payments.splits.splitting import Split
from app.payments.tariffs.told import Told, Why


@dataclass(frozen=True)
class NewPlan:
    """What is promised of a cost when it is asked for: `organisation_id` is for whom, `kind` of what resource."""

    subject_kind: str
    subject_ref: str
    territory_id: int
    organisation_id: int
    payee_id: int
    tariff: TariffVersion
    priority: str
    kind: str


def make_plan(new: NewPlan) -> CostPlan:
    """Promise a tariff, and the programmes that help to pay; whoever it is for bears all of it at first."""
    now = clock.now()
    with atomic() as session:
        plan = CostPlan(
            public_id=new_public_id(),
            subject_kind=new.subject_kind,
            subject_ref=new.subject_ref,
            territory_id=new.territory_id,
            organisation_id=new.organisation_id,
            payee_id=new.payee_id,
            tariff=new.tariff,
            priority=new.priority,
            key_kind=alone(new.organisation_id).kind,
            measures={},
            waiver_reason="",
            made_at=now,
        )
        own = alone(new.organisation_id).parties[0]
        plan.parties = [
            CostParty(
                organisation_id=own.organisation_id,
                weight=own.weight,
                state=PartyState.ACCEPTED,
                asked_at=now,
                answered_at=now,
            )
        ]
        plan.subsidies = _subsidies(plan, new.kind)
        session.add(plan)
        session.flush()
    return plan


def replan(plan: CostPlan, payee_id: int, tariff: TariffVersion, kind: str) -> None:
    """Promise another tariff: it became another resource, whose place has its own.

    What was held is given up, and what the place before it would not be paid for is not what this one gives.
    """
    with atomic() as session:
        give_up(plan)
        plan.payee_id, plan.tariff, plan.measures = payee_id, tariff, {}
        plan.waiver_reason, plan.made_at = "", clock.now()
        plan.subsidies = []
        session.flush()
        plan.subsidies = _subsidies(plan, kind)
        session.flush()


def drop_plan(plan: CostPlan) -> None:
    """Take a plan back: nothing is to be paid any more for what it became."""
    with atomic() as session:
        give_up(plan)
        session.delete(plan)
        session.flush()


def _subsidies(plan: CostPlan, kind: str) -> list[PlanSubsidy]:
    """Find who helps to pay: nobody what is one's own or has no price, and no programme helps its own payer."""
    if plan.organisation_id == plan.payee_id or not plan.is_priced:
        return []
    return [
        PlanSubsidy(
            programme=each,
            rate_bp=each.rate_bp,
            priority=each.priority,
            most_cents=each.most_cents,
            most_each_cents=each.most_each_cents,
        )
        for each in helping(plan, kind)
    ]


def helping(plan: CostPlan, kind: str) -> list[Programme]:
    """List the programmes that help to pay, as of now, what is planned for the use of resources of a kind."""
    programmes = db.session.scalars(
        select(Programme)
        .where(
            Programme.territory_id == plan.territory_id,
            Programme.state == ProgrammeState.OPEN,
            Programme.organisation_id != plan.organisation_id,
        )
        .order_by(Programme.id)
    )
    return [each for each in programmes if each.is_for(kind)]


# -- envelopes ------------------------------------------------------------------------------------------------


def promise(plan: CostPlan, told: Told) -> None:
    """Hold of the envelopes what they pay as it stands, too little included; nothing where that is held already."""
    if not plan.subsidies:
        return
    with atomic() as session:
        lock_budgets(plan.territory_id)
        held = {hold.envelope_id: hold.cents for hold in holds_of(plan)}
        envelopes = envelopes_on(plan, told.on)
        wanted = _paid_by_envelopes(_with_subsidies(plan, lines_of(plan, told), envelopes))
        if wanted == held:
            return
        give_up(plan)
        for subsidy in plan.subsidies:
            envelope = envelopes.get(subsidy.programme_id)
            if envelope is not None and wanted[envelope.id]:
                plan.holds += 1
                subsidy.hold_key = f"plan:{plan.public_id}:{plan.holds}"
                hold_envelope(subsidy.hold_key, envelope.id, plan.organisation_id, wanted[envelope.id])
        session.flush()


def give_up(plan: CostPlan) -> None:
    """Release what is held for it."""
    if not any(subsidy.hold_key for subsidy in plan.subsidies):
        return
    with atomic() as session:
        lock_budgets(plan.territory_id)
        for subsidy in plan.subsidies:
            if subsidy.hold_key is not None:
                release_envelope(subsidy.hold_key)
                subsidy.hold_key = None
        session.flush()


def hold_keys_of(plan: CostPlan) -> tuple[str, ...]:
    """List the holds that are live for it."""
    return tuple(subsidy.hold_key for subsidy in plan.subsidies if subsidy.hold_key is not None)


def holds_of(plan: CostPlan) -> list[EnvelopeHold]:
    """Read what is held for it."""
    keys = hold_keys_of(plan)
    live = EnvelopeHold.key.in_(keys), EnvelopeHold.state == HoldState.HELD
    return [*db.session.scalars(select(EnvelopeHold).where(*live))] if keys else []


def envelopes_on(plan: CostPlan, day: date) -> dict[int, Envelope]:
    """Find, by programme, the envelopes that pay on a day."""
    return queries.envelopes_on([subsidy.programme_id for subsidy in plan.subsidies], day)


def promised_by(plan: CostPlan) -> dict[int, PlanSubsidy]:
    """Give, by programme, the terms that were promised."""
    return {subsidy.programme_id: subsidy for subsidy in plan.subsidies}


def lock_budgets(territory_id: int) -> None:
    """Let nobody else hold or spend of the envelopes of a territory until the use case ends."""
    theirs = select(Envelope.id).join(Envelope.programme).where(Programme.territory_id == territory_id)
    lock_envelopes(db.session.scalars(theirs).all())


def _with_subsidies(plan: CostPlan, lines: tuple[NewLine, ...], envelopes: dict[int, Envelope]) -> Split:
    ids = [envelope.id for envelope in envelopes.values()]
    subsidies = lock_subsidies(
        plan.organisation_id, ids, hold_keys=hold_keys_of(plan), promised=promised_by(plan)
    )
    return shared(plan, lines, subsidies.values())


def _paid_by_envelopes(split: Split) -> Counter[int]:
    paid = Counter[int]()
    for share in split.shares:
        if share.envelope_id is not None:
            paid[share.envelope_id] += share.cents
    return paid


# -- charging -------------------------------------------------------------------------------------------------


def charge_plan(
    plan: CostPlan,
    told: Told,
    *,
    leave_out_missing: bool = False,
    corrects: Mapping[str, object] | None = None,
) -> Charge | None:
    """Charge what a plan comes to and close it; None where it was, or where somebody has something to measure yet.

    Where nobody ever measured it, what is missing can be left out: nothing of that meter is charged. `corrects` says
    why it is charged anew (who pays reads it), and what was let off before.
    """
    with atomic(durable=True) as session:
        if plan.is_closed or (missing_of(plan, told) and not leave_out_missing):
            return None
        if told.why is not Why.USED:
            give_up(plan)  # an envelope helps to use something; it pays for nobody's absence
        lock_budgets(plan.territory_id)
        envelopes = envelopes_on(plan, told.on) if told.why is Why.USED else {}
        lines = lines_of(plan, told.as_read)
        split = _with_subsidies(plan, lines, envelopes)
        new = _charge_of(plan, told, lines, split)
        charge = post_charge(replace(new, snapshot={**new.snapshot, **(corrects or {})}))
        plan.charge_id, plan.closed_at = charge.id, clock.now()
        for subsidy in plan.subsidies:
            subsidy.hold_key = None
        session.flush()
    return charge


def _charge_of(plan: CostPlan, told: Told, lines: tuple[NewLine, ...], split: Split) -> NewCharge:
    return NewCharge(
        plan.key,
        plan.territory_id,
        plan.organisation_id,
        plan.subject_kind,
        plan.subject_ref,
        lines,
        split,
        hold_keys_of(plan),
        _snapshot(plan, told),
    )


def _snapshot(plan: CostPlan, told: Told) -> dict[str, object]:
    sharing = terms_of(plan).sharing()
    return {
        "why": told.why.value,
        "on": told.on.isoformat(),
        "key": plan.key_kind,
        "weights": {str(who): weight for who, weight in sorted(sharing.key.weights.items())},
        "ceilings": {str(who): cents for who, cents in sorted(sharing.ceilings.items())},
        "residual": sharing.residual_payer,
        "priority": plan.priority,
        "tariff": plan.tariff.public_id,
        "measures": plan.measures,
        "names": {str(each.organisation_id): each.organisation.name for each in plan.parties},
    }


def plans_of(subject_kind: str, refs: Collection[str]) -> list[CostPlan]:
    """Read the plans of some subjects as they are now, in the order they were made."""
    if not refs:
        return []
    mine = select(CostPlan).options(selectinload(CostPlan.subsidies), selectinload(CostPlan.parties))
    mine = mine.where(CostPlan.subject_kind == subject_kind, CostPlan.subject_ref.in_(refs))
    rows = db.session.scalars(mine.order_by(CostPlan.id), execution_options={"populate_existing": True})
    return [*rows]
