"""What the coordination decides about subsidies: programmes and their budgets; who pays says yes."""

from dataclasses import dataclass, replace

from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.infra import audit
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.errors import BudgetChanged
from app.payments.events import BudgetAnswered, BudgetAsked, ProgrammeAnswered, ProgrammeAsked, ProgrammeEnded
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
from app.payments.service.locks import lock_envelopes


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


def end_programme(actor: Actor, programme_id: int) -> None:
    """Let who pays close a programme, as `close_programme`: the coordination is told. Raise the same."""
    with atomic() as session:
        programme = _locked(programme_id)
        require(actor, MoneyPermission.KEEP_ACCOUNTS, programme.organisation)
        programme.state = PROGRAMME.after("close", programme.state)
        _record(programme, "closed", actor)
        session.flush()
        emit(ProgrammeEnded(programme.id, actor.person_id))


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


# -- budgets --------------------------------------------------------------------------------------------------


def start_envelope(actor: Actor, programme: Programme, new: NewEnvelope) -> Envelope:
    """Give a programme a budget, once who pays has said yes to it: who keeps its accounts has with that.

    Raise Forbidden, BadEnvelope.
    """
    with atomic():
        require(actor, MoneyPermission.SUBSIDISE, programme)
        is_agreed = actor.keeps_accounts_of(programme.organisation_id) or not new.budget_cents
        asked = replace(new, budget_cents=0, asked_cents=new.budget_cents)
        envelope = open_envelope(new if is_agreed else asked)
        if is_agreed:
            _note(envelope, "opened", actor, budget=envelope.budget_cents)
        else:
            _ask_for(envelope, actor)
    return envelope


def set_budget(actor: Actor, envelope: Envelope, budget_cents: int) -> bool:
    """Change a budget; one that grows waits for the yes of who pays, unless they change it. Tell whether it changed.

    Raise Forbidden, BadEnvelope, BudgetTooLow.
    """
    with atomic() as session:
        require(actor, MoneyPermission.SUBSIDISE, envelope.programme)
        locked = lock_envelopes([envelope.id])[envelope.id]
        before, asked = locked.budget_cents, locked.asked_cents
        if budget_cents == (before if asked is None else asked):
            return False
        if budget_cents <= before or actor.keeps_accounts_of(locked.programme.organisation_id):
            change_budget(locked.id, budget_cents)
            _note(locked, "budget_changed", actor, before=before, budget=budget_cents)
        else:
            locked.asked_cents = budget_cents
            _ask_for(locked, actor)
        session.flush()
    return True


def answer_budget(actor: Actor, envelope_id: int, seen_cents: int, *, accepts: bool) -> None:
    """Say yes or no to a budget that is asked, for the organisation that is to pay it; a no leaves the one there was.

    Raise Forbidden, NotFound, and BudgetChanged where it is not what was seen.
    """
    with atomic() as session:
        envelope = lock_envelopes([envelope_id])[envelope_id]
        require(actor, MoneyPermission.KEEP_ACCOUNTS, envelope.programme.organisation)
        before, asked = envelope.budget_cents, envelope.asked_cents
        if asked is None or asked != seen_cents:
            raise BudgetChanged(cents=asked)
        envelope.asked_cents = None
        if accepts:
            envelope.budget_cents = asked
            _note(envelope, "budget_changed", actor, before=before, budget=asked)
        else:
            _note(envelope, "budget_declined", actor, budget=asked)
        session.flush()
        emit(BudgetAnswered(envelope.id, actor.person_id, asked, accepts))


def _ask_for(envelope: Envelope, actor: Actor) -> None:
    _note(envelope, "budget_asked", actor, budget=envelope.asked_cents or 0)
    emit(BudgetAsked(envelope.id, actor.person_id))


def _note(envelope: Envelope, act: str, actor: Actor, **facts: int) -> None:
    territory_id = envelope.programme.territory_id
    audit.record("envelope", envelope.id, act, actor, territory_id=territory_id, **facts)
