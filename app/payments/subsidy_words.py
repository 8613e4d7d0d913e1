"""Words for programmes and their budgets, for the coordination and for who pays."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.catalogue.kinds.words import kinds_name
from app.infra.audit import AuditEntry
from app.payments.models import FOOD, Envelope, Programme, ProgrammeState
from app.web.format import day, money, number

_ACTS: Final[Mapping[str, Any]] = {
    "opened": _l("%(day)s, %(who)s: begun"),
    "changed": _l("%(day)s, %(who)s: changed"),
    "closed": _l("%(day)s, %(who)s: closed"),
    "accepted": _l("%(day)s, %(who)s: accepted by who pays"),
    "declined": _l("%(day)s, %(who)s: declined by who was to pay"),
}
_BUDGETS: Final[Mapping[str, Any]] = {
    "opened": _l("%(day)s, %(who)s: opened with %(budget)s"),
    "budget_asked": _l("%(day)s, %(who)s: %(budget)s asked of who pays"),
    "budget_declined": _l("%(day)s, %(who)s: %(budget)s declined by who was to pay"),
}


def programme_words(programme: Programme, *, is_first: bool) -> list[str]:
    """Say what a programme pays; of the first there is, none comes before it."""
    facts = {name: getattr(programme, name) for name in ("rate_bp", "most_cents", "most_each_cents", "kinds")}
    return terms_words(facts, is_first=is_first)


def first_of(programmes: Iterable[Programme]) -> int | None:
    """Tell (id) which of all programmes of a territory, in their order, comes before the others."""
    return next((each.id for each in programmes if each.state != ProgrammeState.CLOSED), None)


def terms_words(terms: Mapping[str, Any], *, is_first: bool = False) -> list[str]:
    """Say what some terms of a programme are; those that are not there are left out."""
    found = []
    if "rate_bp" in terms:
        rate = number(terms["rate_bp"] / 100)
        found.append(
            _("Pays %(rate)s %% of the cost.", rate=rate)
            if is_first
            else _("Pays %(rate)s %% of what those before it leave.", rate=rate)
        )
    if terms.get("most_cents") is not None:
        found.append(_("At most %(most)s for one booking.", most=money(terms["most_cents"])))
    if terms.get("most_each_cents") is not None:
        found.append(_("At most %(most)s for one organisation.", most=money(terms["most_each_cents"])))
    if terms.get("kinds"):
        names = ", ".join(helped_name(kind) for kind in terms["kinds"])
        found.append(_("For: %(kinds)s.", kinds=names))
    return found


def helped_name(kind: str) -> str:
    """Name what a programme helps to pay: the use of resources of a kind, or food."""
    return _("Food that is sold") if kind == FOOD else kinds_name(kind)


def envelope_words(envelope: Envelope) -> dict[str, str]:
    """Say what a budget is for, and what is left of it."""
    last = envelope.ends_on - timedelta(days=1)
    return {
        "period": _(
            "From %(first)s to %(last)s",
            first=day(envelope.starts_on, year=True),
            last=day(last, year=True),
        ),
        "budget": money(envelope.budget_cents),
        "held": money(envelope.held_cents),
        "spent": money(envelope.spent_cents),
        "left": money(envelope.left_cents),
        "asked": money(envelope.asked_cents) if envelope.asked_cents is not None else "",
        "agreed": money(envelope.budget_cents) if envelope.budget_cents else "",
    }


def line_words(line: AuditEntry, who: str, tz: str) -> str:
    """Write a line of the history of a programme or a budget, as the clock of its territory goes."""
    when = day(line.at, tz=tz, year=True)
    if line.subject_kind == "programme":
        said = str(_ACTS[line.act]) % {"day": when, "who": who}
        before = " ".join(terms_words(line.facts.get("before", {})))
        return _("%(said)s. Before: %(before)s", said=said, before=before) if before else said
    budget = money(line.facts["budget"])
    if line.act in _BUDGETS:
        return str(_BUDGETS[line.act]) % {"day": when, "who": who, "budget": budget}
    before = money(line.facts["before"])
    return _(
        "%(day)s, %(who)s: from %(before)s to %(budget)s", day=when, who=who, before=before, budget=budget
    )
