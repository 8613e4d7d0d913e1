"""What the coordination decides about subsidies: programmes, their budgets, and the history of both."""

from app.core.policy import Actor, require
from app.infra import audit
from app.infra.uow import atomic
from app.payments.models import Envelope, Programme
from app.payments.policy import MoneyPermission
from app.payments.service.envelopes import (
    NewEnvelope,
    NewProgramme,
    change_budget,
    open_envelope,
    open_programme,
)


def start_programme(actor: Actor, new: NewProgramme) -> Programme:
    """Let an organisation help to pay from now on; raise Forbidden, BadSubsidy."""
    with atomic():
        require(actor, MoneyPermission.SUBSIDISE, new)
        programme = open_programme(new)
        audit.record("programme", programme.id, "opened", actor, territory_id=new.territory_id)
    return programme


def start_envelope(actor: Actor, programme: Programme, new: NewEnvelope) -> Envelope:
    """Give a programme a budget; raise Forbidden, BadEnvelope."""
    with atomic():
        require(actor, MoneyPermission.SUBSIDISE, programme)
        envelope = open_envelope(new)
        _note(envelope, "opened", actor, budget=envelope.budget_cents)
    return envelope


def set_budget(actor: Actor, envelope: Envelope, budget_cents: int) -> bool:
    """Change a budget; tell whether it changed. Raise Forbidden, BadEnvelope, BudgetTooLow."""
    with atomic():
        require(actor, MoneyPermission.SUBSIDISE, envelope.programme)
        before = envelope.budget_cents
        after = change_budget(envelope.id, budget_cents).budget_cents
        if before != after:
            _note(envelope, "budget_changed", actor, before=before, budget=after)
    return before != after


def _note(envelope: Envelope, act: str, actor: Actor, **facts: int) -> None:
    territory_id = envelope.programme.territory_id
    audit.record("envelope", envelope.id, act, actor, territory_id=territory_id, **facts)
