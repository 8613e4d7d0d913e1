"""What the coordination decides about subsidies: programmes and their budgets; who pays says yes."""

from dataclasses import dataclass

from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.infra import audit
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.events import ProgrammeAnswered, ProgrammeAsked
from app.payments.models import PROGRAMME, Envelope, Programme
from app.payments.policy import MoneyPermission
from app.payments.service.envelopes import (
    NewEnvelope,
    NewProgramme,
    change_budget,
    open_envelope,
    open_programme,
    refuse_bad,
)


@dataclass(frozen=True)
class ProgrammeTerms:
    """What a programme pays: see Programme."""

    name: str
    rate_bp: int
    priority: int
    most_cents: int | None
    most_each_cents: int | None
    kinds: tuple[str, ...]


def start_programme(actor: Actor, new: NewProgramme) -> Programme:
    """Let an organisation help to pay, once it has said yes: who keeps its accounts has with that.

    Raise Forbidden, BadSubsidy.
    """
    with atomic() as session:
        require(actor, MoneyPermission.SUBSIDISE, new)
        programme = open_programme(new)
        _record(programme, "opened", actor)
        if not actor.keeps_accounts_of(new.organisation_id):
            _ask(programme, actor)
        session.flush()
    return programme


def change_programme(actor: Actor, programme_id: int, terms: ProgrammeTerms) -> bool:
    """Let a programme pay something else from now on; tell whether anything changed.

    What was promised stays. Who pays is asked again, unless only its name or its turn has changed. Raise Forbidden,
    NotFound, BadSubsidy, IllegalMove where it is closed.
    """
    with atomic() as session:
        programme = _locked(programme_id)
        require(actor, MoneyPermission.SUBSIDISE, programme)
        refuse_bad(programme.organisation_id, terms.rate_bp, terms.most_cents, terms.most_each_cents)
        after = vars(terms) | {"kinds": list(terms.kinds)}
        before = {name: getattr(programme, name) for name in after}
        changed = {name: before[name] for name in after if before[name] != after[name]}
        if not changed:
            return False
        PROGRAMME.after("ask", programme.state)
        for name in changed:
            setattr(programme, name, after[name])
        _record(programme, "changed", actor, before=changed, after={name: after[name] for name in changed})
        if changed.keys() - {"name", "priority"} and not actor.keeps_accounts_of(programme.organisation_id):
            _ask(programme, actor)
        session.flush()
    return True


def close_programme(actor: Actor, programme_id: int) -> None:
    """Let a programme promise nothing any more; what it has promised stays. Raise Forbidden, NotFound, IllegalMove."""
    with atomic() as session:
        programme = _locked(programme_id)
        require(actor, MoneyPermission.SUBSIDISE, programme)
        programme.state = PROGRAMME.after("close", programme.state)
        _record(programme, "closed", actor)
        session.flush()


def answer_programme(actor: Actor, programme_id: int, *, accepts: bool) -> None:
    """Say yes or no for the organisation that is to pay. Raise Forbidden, NotFound, IllegalMove."""
    with atomic() as session:
        programme = _locked(programme_id)
        require(actor, MoneyPermission.KEEP_ACCOUNTS, programme.organisation)
        programme.state = PROGRAMME.after("accept" if accepts else "decline", programme.state)
        _record(programme, "accepted" if accepts else "declined", actor)
        session.flush()
        emit(ProgrammeAnswered(programme.id, actor.person_id, accepts))


def _ask(programme: Programme, actor: Actor) -> None:
    programme.state = PROGRAMME.after("ask", programme.state)
    emit(ProgrammeAsked(programme.id, actor.person_id))


def _locked(programme_id: int) -> Programme:
    found = db.session.get(Programme, programme_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(kind="programme")
    return found


def _record(programme: Programme, act: str, actor: Actor, **facts: object) -> None:
    audit.record("programme", programme.id, act, actor, territory_id=programme.territory_id, **facts)


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
