"""Subsidies: programmes and their envelopes, what is held of them at approval, and what is spent."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import func, select

from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_public_id
from app.core.money import EUR
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.errors import BadEnvelope, BudgetTooLow, EnvelopeShort, HoldEnded
from app.payments.models import (
    Charge,
    ChargeLine,
    ChargeShare,
    CreditShare,
    Envelope,
    EnvelopeHold,
    HoldState,
    Programme,
)
from app.payments.service.locks import lock_envelopes
from app.payments.service.posting import refuse_other
from app.payments.splits.subsidies import Subsidy


@dataclass(frozen=True)
class NewProgramme:
    """What an organisation pays for others: see Subsidy."""

    territory_id: int
    organisation_id: int
    name: str
    rate_bp: int
    priority: int = 0
    most_cents: int | None = None
    most_each_cents: int | None = None
    currency: str = EUR
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewEnvelope:
    """A budget from a day up to, not including, another; `asked_cents` is what waits for the yes of who pays."""

    programme_id: int
    starts_on: date
    ends_on: date
    budget_cents: int
    asked_cents: int | None = None


def open_programme(new: NewProgramme) -> Programme:
    """Let an organisation subsidise others; raise BadSubsidy for a rate or a ceiling that cannot be."""
    refuse_bad(new.organisation_id, new.rate_bp, new.most_cents, new.most_each_cents)
    with atomic() as session:
        row = Programme(public_id=new_public_id(), **vars(new) | {"kinds": list(new.kinds)})
        session.add(row)
        session.flush()
    return row


def refuse_bad(
    organisation_id: int, rate_bp: int, most_cents: int | None, most_each_cents: int | None
) -> None:
    """Raise BadSubsidy for a rate or a ceiling that cannot be."""
    Subsidy(organisation_id, rate_bp, most_cents=most_cents, left_for_organisation=most_each_cents)


def open_envelope(new: NewEnvelope) -> Envelope:
    """Give a programme a budget for a period; raise NotFound, BadEnvelope."""
    if new.ends_on <= new.starts_on:
        raise BadEnvelope(reason="period")
    if min(new.budget_cents, new.asked_cents or 0) < 0:
        raise BadEnvelope(reason="budget")
    with atomic() as session:
        if session.get(Programme, new.programme_id, with_for_update=True) is None:
            raise NotFound(programme=new.programme_id)
        overlap = Envelope.starts_on < new.ends_on, Envelope.ends_on > new.starts_on
        if session.scalar(select(Envelope.id).filter_by(programme_id=new.programme_id).where(*overlap)):
            raise BadEnvelope(reason="overlap")
        row = Envelope(public_id=new_public_id(), **vars(new))
        session.add(row)
        session.flush()
    return row


def change_budget(envelope_id: int, budget_cents: int) -> Envelope:
    """Set another budget, not below what is promised and spent; none is asked any more.

    Raise NotFound, BudgetTooLow.
    """
    with atomic():
        envelope = lock_envelopes([envelope_id])[envelope_id]
        least = envelope.held_cents + envelope.spent_cents
        if budget_cents < least:
            raise BudgetTooLow(asked=budget_cents, least=least)
        envelope.budget_cents, envelope.asked_cents = budget_cents, None
    return envelope


def hold_envelope(key: str, envelope_id: int, organisation_id: int, cents: int) -> EnvelopeHold:
    """Promise so much of an envelope to an organisation, until it is charged or released.

    Told twice under one key, it is held once. Raise NotFound, EnvelopeShort, KeyReused.
    """
    with atomic() as session:
        envelope = lock_envelopes([envelope_id])[envelope_id]
        held = session.scalar(select(EnvelopeHold).filter_by(key=key))
        if held is not None:
            same = {"envelope_id": envelope_id, "organisation_id": organisation_id, "cents": cents}
            refuse_other(key, held, same)
            return held
        _take(envelope, cents)
        envelope.held_cents += cents
        held = EnvelopeHold(
            key=key,
            envelope_id=envelope_id,
            organisation_id=organisation_id,
            cents=cents,
            held_at=clock.now(),
        )
        session.add(held)
        session.flush()
    return held


def release_envelope(key: str) -> None:
    """Give up what is held under a key; nothing where it was given up before. Raise NotFound, HoldEnded when spent."""
    with atomic():
        [hold] = _lock_holds([key])
        if hold.state == HoldState.SPENT:
            raise HoldEnded(state=hold.state)
        if hold.state == HoldState.HELD:
            _end(hold, HoldState.RELEASED)


class Promised(Protocol):
    """How much a programme pays: as it is today, or as it was promised."""

    @property
    def rate_bp(self) -> int:
        """Of what those before it leave."""

    @property
    def priority(self) -> int:
        """Who pays first."""

    @property
    def most_cents(self) -> int | None:
        """For one charge."""

    @property
    def most_each_cents(self) -> int | None:
        """For one organisation, of one envelope."""


def lock_subsidies(
    organisation_id: int,
    envelope_ids: Collection[int],
    *,
    hold_keys: Collection[str] = (),
    promised: Mapping[int, Promised] | None = None,
) -> dict[int, Subsidy]:
    """Tell by envelope what may be paid for an organisation now; nobody spends of them until the use case ends.

    What is held under `hold_keys` counts as left: it is held for this. `promised` are terms by programme that hold
    whatever became of it. Raise NotFound.
    """
    return subsidies_of(lock_envelopes(envelope_ids).values(), organisation_id, hold_keys, promised)


def subsidies_of(
    envelopes: Iterable[Envelope],
    organisation_id: int,
    hold_keys: Collection[str] = (),
    promised: Mapping[int, Promised] | None = None,
) -> dict[int, Subsidy]:
    """Tell, as `lock_subsidies` does, what may be paid as it stands: an estimate, where they are not locked."""
    own, known = held_by(hold_keys), promised or {}
    return {
        each.id: subsidy_of(each, organisation_id, own.get(each.id, 0), known.get(each.programme_id))
        for each in envelopes
    }


def subsidy_of(
    envelope: Envelope, organisation_id: int, own: int = 0, promised: Promised | None = None
) -> Subsidy:
    """Tell what an envelope could pay for an organisation as it is read; `own` is held for what is being reckoned."""
    terms: Promised = promised or envelope.programme
    left = None
    if terms.most_each_cents is not None:
        used = spent_for(envelope.id, organisation_id) + promised_to(envelope.id, organisation_id) - own
        left = max(terms.most_each_cents - used, 0)
    return Subsidy(
        payer_id=envelope.programme.organisation_id,
        rate_bp=terms.rate_bp,
        priority=terms.priority,
        most_cents=terms.most_cents,
        left_for_organisation=left,
        envelope_left=envelope.left_cents + own,
        envelope_id=envelope.id,
    )


def spent_for(envelope_id: int, organisation_id: int) -> int:
    """Tell what an envelope has paid for an organisation, less what was taken back."""
    shares = (
        select(ChargeShare.id, ChargeShare.cents)
        .join(ChargeLine, ChargeLine.id == ChargeShare.line_id)
        .join(Charge, Charge.id == ChargeLine.charge_id)
        .where(ChargeShare.envelope_id == envelope_id, Charge.organisation_id == organisation_id)
        .subquery()
    )
    credited = select(func.sum(CreditShare.cents)).join(shares, shares.c.id == CreditShare.share_id)
    paid, taken_back = db.session.scalar(select(func.sum(shares.c.cents))), db.session.scalar(credited)
    return int(paid or 0) - int(taken_back or 0)  # PostgreSQL adds up to a Decimal


def promised_to(envelope_id: int, organisation_id: int) -> int:
    """Tell what is held of an envelope for an organisation."""
    theirs = EnvelopeHold.envelope_id == envelope_id, EnvelopeHold.organisation_id == organisation_id
    held = select(func.sum(EnvelopeHold.cents)).where(*theirs, EnvelopeHold.state == HoldState.HELD)
    return int(db.session.scalar(held) or 0)


def held_by(keys: Collection[str]) -> dict[int, int]:
    """Tell by envelope what is held under some keys."""
    if not keys:
        return {}
    live = EnvelopeHold.key.in_(keys), EnvelopeHold.state == HoldState.HELD
    held = select(EnvelopeHold.envelope_id, func.sum(EnvelopeHold.cents)).where(*live)
    return {row[0]: int(row[1]) for row in db.session.execute(held.group_by(EnvelopeHold.envelope_id))}


def envelopes_of(hold_keys: Collection[str]) -> set[int]:
    """Tell which envelopes some holds are of; raise NotFound for a key nobody has used."""
    if not hold_keys:
        return set()
    found = db.session.execute(
        select(EnvelopeHold.key, EnvelopeHold.envelope_id).where(EnvelopeHold.key.in_(hold_keys))
    ).all()
    for missing in set(hold_keys) - {row.key for row in found}:
        raise NotFound(hold=missing)
    return {row.envelope_id for row in found}


def spend(envelopes: Mapping[int, Envelope], parts: Mapping[int, int], hold_keys: Collection[str]) -> None:
    """Spend of locked envelopes; holds that were for this end, whatever of them was needed.

    Raise EnvelopeShort, HoldEnded.
    """
    for hold in _lock_holds(hold_keys):
        if hold.state != HoldState.HELD:
            raise HoldEnded(state=hold.state)
        _end(hold, HoldState.SPENT)
    for envelope_id, cents in parts.items():
        _take(envelopes[envelope_id], cents)
        envelopes[envelope_id].spent_cents += cents


def give_back(envelopes: Mapping[int, Envelope], parts: Mapping[int, int]) -> None:
    """Give locked envelopes back what was taken back of what they paid."""
    for envelope_id, cents in parts.items():
        envelopes[envelope_id].spent_cents -= cents


def _take(envelope: Envelope, cents: int) -> None:
    if not 0 <= cents <= envelope.left_cents:
        raise EnvelopeShort(name=envelope.programme.name, left=envelope.left_cents, asked=cents)


def _lock_holds(keys: Collection[str]) -> list[EnvelopeHold]:
    if not keys:
        return []
    lock_envelopes(envelopes_of(keys))
    rows = select(EnvelopeHold).where(EnvelopeHold.key.in_(keys)).order_by(EnvelopeHold.id)
    return [*db.session.scalars(rows, execution_options={"populate_existing": True})]


def _end(hold: EnvelopeHold, state: HoldState) -> None:
    """End a hold whose envelope is locked."""
    hold.state, hold.ended_at = state, clock.now()
    db.session.get_one(Envelope, hold.envelope_id).held_cents -= hold.cents
