"""The coordination's budgets for helping others to pay: programmes, envelopes, what is promised, spent and left."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.accounts.identity import reach
from app.accounts.models import Organisation, OrganisationState, Person, Territory
from app.accounts.queries import territories
from app.accounts.words import person_name
from app.catalogue.kinds.words import kinds_name
from app.core.errors import DomainError, Forbidden, NotFound
from app.infra import audit
from app.infra.db import db
from app.payments.envelope_forms import BudgetForm, EnvelopeForm, ProgrammeForm
from app.payments.models import Envelope, Programme
from app.payments.policy import MoneyPermission as P
from app.payments.queries import has_money
from app.payments.service import subsidising
from app.payments.views import blueprint
from app.web.errors import status_of
from app.web.format import day, money, number
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@dataclass(frozen=True)
class Budgeted:
    """The territory whose budgets are shown, and those there are besides."""

    territory: Territory
    among: list[Territory]

    @property
    def territory_id(self) -> int:
        """What the permission table asks."""
        return self.territory.id


def _budgeted() -> Budgeted:
    """Find the territory asked for, the first of them where none is; none where nobody reckons with money."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    mine = [each for each in territories(reach(current_actor())) if has_money(each.id)]
    slug = request.values.get("territoire", "")
    found = next((each for each in mine if each.slug == slug or not slug), None)
    if found is None:
        raise NotFound(kind="territory")
    return Budgeted(found, mine)


def _programme(public_id: str) -> Programme:
    found = db.session.scalar(select(Programme).filter_by(public_id=public_id))
    if found is None or not has_money(found.territory_id):
        raise NotFound(kind="programme")
    return found


@dataclass(frozen=True)
class Subject:
    """An envelope, as the permission table asks about it."""

    envelope: Envelope

    @property
    def territory_id(self) -> int:
        """Where its programme pays."""
        return self.envelope.programme.territory_id


def _subject(public_id: str) -> Subject:
    found = db.session.scalar(select(Envelope).filter_by(public_id=public_id))
    if found is None or not has_money(found.programme.territory_id):
        raise NotFound(kind="envelope")
    return Subject(found)


@blueprint.get("/pat/enveloppes")
@allowed(P.SUBSIDISE, load=_budgeted)
def envelopes(budgeted: Budgeted) -> Response:
    """Show what programmes pay, and what is left of their budgets."""
    return _page(budgeted)


@blueprint.post("/pat/enveloppes")
@allowed(P.SUBSIDISE, load=_budgeted)
def start_programme(budgeted: Budgeted) -> Response:
    """Let an organisation help to pay."""
    form, payers = ProgrammeForm(), _payers(budgeted.territory_id)
    form.offer(payers)
    ids = {each.public_id: each.id for each in payers}
    new = form.new(budgeted.territory_id, ids[form.organisation.data]) if form.validate() else None
    if new is None:
        return _page(budgeted, programme_form=form, status=422)
    programme = subsidising.start_programme(current_actor(), new)
    flash(_("Saved. It pays once you give it a budget."), "success")
    return redirect(_url(budgeted.territory, f"p-{programme.public_id}"), 303)


@blueprint.post("/pat/dispositifs/<public_id>/enveloppes")
@allowed(P.SUBSIDISE, load=_programme)
def start_envelope(programme: Programme) -> Response:
    """Give a programme a budget for a period."""
    form, budgeted = EnvelopeForm(), _of(programme)
    new = form.new(programme.id) if form.validate() else None
    typed = {programme.public_id: form}
    if new is None:
        return _page(budgeted, envelope_forms=typed, status=422)
    try:
        subsidising.start_envelope(current_actor(), programme, new)
    except DomainError as error:
        form.refuse(
            {"period": "ends_on", "overlap": "starts_on"}.get(error.facts.get("reason", ""), ""),
            explain(error),
        )
        return _page(budgeted, envelope_forms=typed, status=status_of(error))
    flash(_("The budget is open: what is accepted from now on is helped by it."), "success")
    return redirect(_url(budgeted.territory, f"p-{programme.public_id}"), 303)


@blueprint.post("/pat/enveloppes/<public_id>/budget")
@allowed(P.SUBSIDISE, load=_subject)
def set_budget(subject: Subject) -> Response:
    """Change a budget, not below what is promised and spent of it."""
    envelope, form = subject.envelope, BudgetForm()
    budgeted, public_id = _of(envelope.programme), envelope.public_id
    cents = form.hundredths(form.budget) if form.validate() else None
    if cents is None:
        return _page(budgeted, budget_forms={public_id: form}, status=422)
    try:
        is_new = subsidising.set_budget(current_actor(), envelope, cents)
    except DomainError as error:
        form.refuse("budget", explain(error))
        return _page(budgeted, budget_forms={public_id: form}, status=status_of(error))
    if is_new:
        flash(_("The budget is changed."), "success")
    else:
        flash(_("Nothing was changed."), "info")
    return redirect(_url(budgeted.territory, f"e-{public_id}"), 303)


# -- the page -----------------------------------------------------------------------------------------------


def _of(programme: Programme) -> Budgeted:
    mine = [each for each in territories(reach(current_actor())) if has_money(each.id)]
    return Budgeted(next(each for each in mine if each.id == programme.territory_id), mine)


def _url(territory: Territory, anchor: str) -> str:
    return url_for("payments.envelopes", territoire=territory.slug, _anchor=anchor)


def _payers(territory_id: int) -> list[Organisation]:
    active = select(Organisation).where(
        Organisation.territory_id == territory_id, Organisation.state == OrganisationState.ACTIVE
    )
    return [*db.session.scalars(active.order_by(Organisation.name, Organisation.id))]


def _page(
    budgeted: Budgeted,
    *,
    programme_form: ProgrammeForm | None = None,
    envelope_forms: dict[str, EnvelopeForm] | None = None,
    budget_forms: dict[str, BudgetForm] | None = None,
    status: int = 200,
) -> Response:
    payers = _payers(budgeted.territory_id)
    form = programme_form or ProgrammeForm(formdata=None)
    form.offer(payers)
    return page(
        "payments/envelopes.html",
        status=status,
        territory=budgeted.territory,
        others=_others(budgeted),
        programmes=_programmes(budgeted.territory_id, envelope_forms or {}, budget_forms or {}),
        form=form,
    )


def _others(budgeted: Budgeted) -> list[dict[str, Any]]:
    tabs = [
        {
            "label": each.name,
            "href": url_for("payments.envelopes", territoire=each.slug),
            "current": each.id == budgeted.territory_id,
        }
        for each in budgeted.among
    ]
    return tabs if len(tabs) > 1 else []


def _programmes(
    territory_id: int, envelope_forms: dict[str, EnvelopeForm], budget_forms: dict[str, BudgetForm]
) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(Programme, Organisation.name)
        .join(Organisation, Organisation.id == Programme.organisation_id)
        .where(Programme.territory_id == territory_id)
        .order_by(Programme.priority, Programme.id)
    ).all()
    ids = [programme.id for programme, _name in rows]
    envelopes = db.session.scalars(
        select(Envelope).where(Envelope.programme_id.in_(ids)).order_by(Envelope.starts_on.desc())
    ).all()
    history = _history([envelope.id for envelope in envelopes])
    return [
        {
            "public_id": programme.public_id,
            "name": programme.name,
            "payer": payer,
            "terms": _terms_words(programme),
            "envelopes": [
                _envelope_words(each, budget_forms.get(each.public_id), history.get(each.id, []))
                for each in envelopes
                if each.programme_id == programme.id
            ],
            "form": envelope_forms.get(programme.public_id) or EnvelopeForm(formdata=None),
        }
        for programme, payer in rows
    ]


def _terms_words(programme: Programme) -> list[str]:
    found = [_("Pays %(rate)s %% of what those before it leave.", rate=number(programme.rate_bp / 100))]
    if programme.most_cents is not None:
        found.append(_("At most %(most)s for one booking.", most=money(programme.most_cents)))
    if programme.most_each_cents is not None:
        found.append(_("At most %(most)s for one organisation.", most=money(programme.most_each_cents)))
    if programme.kinds:
        names = ", ".join(kinds_name(kind) for kind in programme.kinds)
        found.append(_("For the use of: %(kinds)s.", kinds=names))
    return found


def _envelope_words(envelope: Envelope, form: BudgetForm | None, history: list[str]) -> dict[str, Any]:
    last = envelope.ends_on - timedelta(days=1)
    return {
        "public_id": envelope.public_id,
        "period": _(
            "From %(first)s to %(last)s",
            first=day(envelope.starts_on, year=True),
            last=day(last, year=True),
        ),
        "budget": money(envelope.budget_cents),
        "held": money(envelope.held_cents),
        "spent": money(envelope.spent_cents),
        "left": money(envelope.left_cents),
        "form": form or BudgetForm(formdata=None),
        "history": history,
    }


def _history(envelope_ids: list[int]) -> dict[int, list[str]]:
    """Write who opened each budget and changed it, the last first."""
    lines = audit.lines_about("envelope", envelope_ids)
    ids = {line.actor_id for line in lines if line.actor_id}
    names = {
        person_id: person_name(name)
        for person_id, name in db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    }
    found: dict[int, list[str]] = {}
    for line in reversed(lines):
        found.setdefault(line.subject_id, []).append(_line_words(line, names.get(line.actor_id or 0, "–")))
    return found


def _line_words(line: audit.AuditEntry, who: str) -> str:
    when, budget = day(line.at, tz="Europe/Paris", year=True), money(line.facts["budget"])
    if line.act == "opened":
        return _("%(day)s, %(who)s: opened with %(budget)s", day=when, who=who, budget=budget)
    before = money(line.facts["before"])
    return _(
        "%(day)s, %(who)s: from %(before)s to %(budget)s", day=when, who=who, before=before, budget=budget
    )
