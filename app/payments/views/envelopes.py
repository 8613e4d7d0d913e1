"""The coordination's budgets for helping others to pay: programmes, envelopes, what is promised, spent and left."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.identity import reach
from app.accounts.models import Territory
from app.accounts.queries import territories
from app.accounts.views.common import tell
from app.accounts.words import person_name
from app.core.errors import DomainError, Forbidden, NotFound
from app.infra import audit
from app.payments import queries
from app.payments.envelope_forms import LAST, BudgetForm, EnvelopeForm, ProgrammeForm, TermsForm
from app.payments.models import Envelope, Programme, ProgrammeState
from app.payments.policy import MoneyPermission as P
from app.payments.service import subsidising
from app.payments.subsidy_words import envelope_words, first_of, line_words, programme_words
from app.payments.views import blueprint
from app.web.errors import status_of
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
    mine = [each for each in territories(reach(current_actor())) if queries.has_money(each.id)]
    slug = request.values.get("territoire", "")
    found = next((each for each in mine if each.slug == slug or not slug), None)
    if found is None:
        raise NotFound(kind="territory")
    return Budgeted(found, mine)


@dataclass(frozen=True)
class Subject:
    """An envelope, as the permission table asks about it."""

    envelope: Envelope

    @property
    def territory_id(self) -> int:
        """Where its programme pays."""
        return self.envelope.programme.territory_id


def _subject(public_id: str) -> Subject:
    return Subject(queries.get_envelope(public_id))


@blueprint.get("/pat/enveloppes")
@allowed(P.SUBSIDISE, load=_budgeted)
def envelopes(budgeted: Budgeted) -> Response:
    """Show what programmes pay, and what is left of their budgets."""
    return _page(budgeted)


@blueprint.post("/pat/enveloppes")
@allowed(P.SUBSIDISE, load=_budgeted)
def start_programme(budgeted: Budgeted) -> Response:
    """Let an organisation help to pay."""
    form, payers = ProgrammeForm(), queries.payers_in(budgeted.territory_id)
    form.offer(payers)
    ids = {each.public_id: each.id for each in payers}
    new = form.new(budgeted.territory_id, ids[form.organisation.data]) if form.validate() else None
    if new is None:
        return _page(budgeted, programme_form=form, status=422)
    programme = subsidising.start_programme(current_actor(), new)
    if programme.state == ProgrammeState.ASKED:
        flash(_("Saved. Who is to pay is asked by e-mail: it helps nobody before they accept."), "success")
    else:
        flash(_("Saved. It pays once you give it a budget."), "success")
    return redirect(_url(budgeted.territory, f"p-{programme.public_id}"), 303)


@blueprint.post("/pat/dispositifs/<public_id>")
@allowed(P.SUBSIDISE, load=queries.get_programme)
def change_programme(programme: Programme) -> Response:
    """Let a programme pay something else from now on."""
    form, budgeted, public_id = TermsForm(), _of(programme), programme.public_id
    terms = form.terms() if form.validate() else None
    if terms is None:
        return _page(budgeted, terms_forms={public_id: form}, status=422)
    programme_id = programme.id
    try:
        is_new = subsidising.change_programme(current_actor(), programme_id, terms)
    except DomainError as error:
        form.refuse("", explain(error))
        return _page(budgeted, terms_forms={public_id: form}, status=status_of(error))
    if not is_new:
        flash(_("Nothing was changed."), "info")
    elif queries.get_programme(public_id).state == ProgrammeState.ASKED:
        flash(_("Saved. Who pays is asked again by e-mail; what was promised stays."), "success")
    else:
        flash(_("Saved. What was promised stays as it was promised."), "success")
    return redirect(_url(budgeted.territory, f"p-{public_id}"), 303)


@blueprint.post("/pat/dispositifs/<public_id>/clore")
@allowed(P.SUBSIDISE, load=queries.get_programme)
def close_programme(programme: Programme) -> Response:
    """Let a programme promise nothing any more."""
    budgeted, programme_id, anchor = _of(programme), programme.id, f"p-{programme.public_id}"
    tell(
        lambda: subsidising.close_programme(current_actor(), programme_id),
        _("Closed: it promises nothing any more, and pays what it has promised."),
    )
    return redirect(_url(budgeted.territory, anchor), 303)


@blueprint.post("/pat/dispositifs/<public_id>/enveloppes")
@allowed(P.SUBSIDISE, load=queries.get_programme)
def start_envelope(programme: Programme) -> Response:
    """Give a programme a budget for a period."""
    form, budgeted = EnvelopeForm(), _of(programme)
    new = form.new(programme.id) if form.validate() else None
    typed = {programme.public_id: form}
    if new is None:
        return _page(budgeted, envelope_forms=typed, status=422)
    try:
        envelope = subsidising.start_envelope(current_actor(), programme, new)
    except DomainError as error:
        form.refuse(
            {"period": "ends_on", "overlap": "starts_on"}.get(error.facts.get("reason", ""), ""),
            explain(error),
        )
        return _page(budgeted, envelope_forms=typed, status=status_of(error))
    if envelope.asked_cents is not None:
        flash(
            _("Saved. Who pays is asked by e-mail: nothing is promised of it before they accept."), "success"
        )
    else:
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
    if is_new and queries.get_envelope(public_id).asked_cents is not None:
        flash(
            _("Saved. Who pays is asked by e-mail: until they accept, the budget stays as it was."), "success"
        )
    elif is_new:
        flash(_("The budget is changed."), "success")
    else:
        flash(_("Nothing was changed."), "info")
    return redirect(_url(budgeted.territory, f"e-{public_id}"), 303)


# -- the page -----------------------------------------------------------------------------------------------


def _of(programme: Programme) -> Budgeted:
    mine = [each for each in territories(reach(current_actor())) if queries.has_money(each.id)]
    return Budgeted(next(each for each in mine if each.id == programme.territory_id), mine)


def _url(territory: Territory, anchor: str) -> str:
    return url_for("payments.envelopes", territoire=territory.slug, _anchor=anchor)


def _page(
    budgeted: Budgeted,
    *,
    programme_form: ProgrammeForm | None = None,
    terms_forms: dict[str, TermsForm] | None = None,
    envelope_forms: dict[str, EnvelopeForm] | None = None,
    budget_forms: dict[str, BudgetForm] | None = None,
    status: int = 200,
) -> Response:
    payers = queries.payers_in(budgeted.territory_id)
    form = programme_form or _next_programme(budgeted.territory_id)
    form.offer(payers)
    return page(
        "payments/envelopes.html",
        status=status,
        territory=budgeted.territory,
        others=_others(budgeted),
        programmes=_programmes(
            budgeted.territory, Typed(terms_forms or {}, envelope_forms or {}, budget_forms or {})
        ),
        form=form,
    )


def _next_programme(territory_id: int) -> ProgrammeForm:
    """Propose that another programme pays after those there are."""
    form = ProgrammeForm(formdata=None)
    taken = [
        each.priority for each in queries.programmes_in(territory_id) if each.state != ProgrammeState.CLOSED
    ]
    form.priority.data = min(max(taken, default=0) + 1, LAST)
    return form


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


@dataclass(frozen=True)
class Typed:
    """What was typed and is not right yet, by what it is about."""

    terms: dict[str, TermsForm]
    envelopes: dict[str, EnvelopeForm]
    budgets: dict[str, BudgetForm]


def _programmes(territory: Territory, typed: Typed) -> list[dict[str, Any]]:
    programmes, tz = queries.programmes_in(territory.id), territory.timezone
    envelopes = queries.envelopes_by_programme(programmes)
    history = _history("envelope", [each.id for mine in envelopes.values() for each in mine], tz)
    changes = _history("programme", [each.id for each in programmes], tz)
    first = first_of(programmes)
    return [
        {
            "public_id": programme.public_id,
            "name": programme.name,
            "payer": programme.organisation.name,
            "state": programme.state,
            "terms": programme_words(programme, is_first=programme.id == first),
            "history": changes.get(programme.id, []),
            "terms_form": typed.terms.get(programme.public_id) or _shown(programme),
            "envelopes": [
                _envelope_words(each, typed.budgets.get(each.public_id), history.get(each.id, []))
                for each in envelopes[programme.id]
            ],
            "form": typed.envelopes.get(programme.public_id) or EnvelopeForm(formdata=None),
        }
        for programme in programmes
    ]


def _shown(programme: Programme) -> TermsForm:
    form = TermsForm(formdata=None)
    form.show(programme)
    return form


def _envelope_words(envelope: Envelope, form: BudgetForm | None, history: list[str]) -> dict[str, Any]:
    if form is None:
        form = BudgetForm(formdata=None)
        form.show(envelope)
    shown = {"form": form, "history": history}
    return {"public_id": envelope.public_id, **envelope_words(envelope), **shown}


def _history(kind: str, ids: list[int], tz: str) -> dict[int, list[str]]:
    """Write who opened and changed each, the last first."""
    lines = audit.lines_about(kind, ids)
    names = queries.actor_names(lines)
    found: dict[int, list[str]] = {}
    for line in reversed(lines):
        found.setdefault(line.subject_id, []).append(
            line_words(line, person_name(names.get(line.actor_id or 0, "")) or "–", tz)
        )
    return found
