"""The authorisation for food aid of an organisation: entered by its administrators, confirmed by the coordination."""

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries, service
from app.accounts.food_aid import Basis
from app.accounts.food_aid_words import authorisation_words, standing_words
from app.accounts.forms import AuthorisationForm
from app.accounts.models import FoodAidAuthorisation, Organisation
from app.accounts.policy import AccountPermission
from app.accounts.views import blueprint
from app.accounts.views.common import refuse, tell
from app.core import clock
from app.core.errors import DomainError, Invalid
from app.core.policy import can
from app.core.span import to_wall
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_PAGE = "accounts/authorisation.html"


def _organisation(slug: str, **_rest: str) -> Organisation:
    return queries.get_organisation(slug)


@blueprint.get("/structures/<slug>/habilitation")
@allowed(AccountPermission.KEEP_AUTHORISATION, load=_organisation)
def authorisation(subject: Organisation) -> Response:
    """Show what was entered, and the form for one more."""
    return _page(subject)


@blueprint.post("/structures/<slug>/habilitation")
@allowed(AccountPermission.KEEP_AUTHORISATION, load=_organisation)
def enter_authorisation(subject: Organisation) -> Response:
    """Enter an authorisation."""
    form, slug = AuthorisationForm(), subject.slug
    confirms = can(current_actor(), AccountPermission.CONFIRM_AUTHORISATION, subject)
    if not form.validate():
        return _page(subject, 422, form=form)
    try:
        service.enter_authorisation(current_actor(), slug, form.facts())
    except DomainError as error:
        return refuse(form, error, _PAGE, **_shown(queries.get_organisation(slug)))
    said = _("Saved and confirmed.") if confirms else _("Saved. The coordination is asked to confirm it.")
    flash(said, "success")
    return redirect(url_for("accounts.authorisation", slug=slug), 303)


@blueprint.post("/structures/<slug>/habilitation/<authorisation_ref>/confirmer")
@allowed(AccountPermission.CONFIRM_AUTHORISATION, load=_organisation)
def confirm_authorisation(subject: Organisation) -> Response:
    """Say that the decision was seen."""
    number, said = _row(subject).id, _("Confirmed. The organisation is told by e-mail.")
    return _done(subject.slug, lambda: service.confirm_authorisation(current_actor(), number), said)


@blueprint.post("/structures/<slug>/habilitation/<authorisation_ref>/renvoyer")
@allowed(AccountPermission.CONFIRM_AUTHORISATION, load=_organisation)
def send_back_authorisation(subject: Organisation) -> Response:
    """Not let it count, with a reason."""
    row, slug, reason = _row(subject), subject.slug, request.form.get("reason", "")
    ref = row.public_id
    try:
        service.send_back_authorisation(current_actor(), row.id, reason)
    except Invalid as error:  # about the reason: said beside it
        return _page(queries.get_organisation(slug), 422, line=ref, line_error=explain(error))
    except DomainError as error:
        flash(explain(error), "warning")
    else:
        flash(_("Sent back. The organisation reads your reason by e-mail."), "success")
    return redirect(url_for("accounts.authorisation", slug=slug), 303)


@blueprint.post("/structures/<slug>/habilitation/<authorisation_ref>/retirer")
@allowed(AccountPermission.KEEP_AUTHORISATION, load=_organisation)
def withdraw_authorisation(subject: Organisation) -> Response:
    """Take back what was entered by mistake."""
    number, said = _row(subject).id, _("Removed.")
    return _done(subject.slug, lambda: service.withdraw_authorisation(current_actor(), number), said)


def local_day(subject: Organisation) -> date:
    """Tell which day it is where an organisation is."""
    return to_wall(clock.now(), ZoneInfo(subject.territory.timezone)).date()


def _row(subject: Organisation) -> FoodAidAuthorisation:
    return queries.get_authorisation(subject.id, str((request.view_args or {})["authorisation_ref"]))


def _page(subject: Organisation, status: int = 200, **typed: Any) -> Response:
    """Show what was entered; `typed` is what was refused, the form or the reason of a line."""
    facts = {"form": AuthorisationForm(formdata=None)} | _shown(subject) | typed
    return page(_PAGE, status=status, **facts)


def _done(slug: str, act: Callable[[], object], said: str) -> Response:
    tell(act, said)
    return redirect(url_for("accounts.authorisation", slug=slug), 303)


def _shown(subject: Organisation) -> dict[str, Any]:
    standing = queries.food_aid_standing(subject.id, local_day(subject))
    return {
        "organisation": subject,
        "standing": standing,
        "standing_words": standing_words(standing),
        "needs_none": standing.basis == Basis.LAW,
        "rows": [authorisation_words(each) for each in queries.authorisations_of(subject.id)],
        "confirms": can(current_actor(), AccountPermission.CONFIRM_AUTHORISATION, subject),
    }
