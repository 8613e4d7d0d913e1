"""The page on which an organisation says how it is paid."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import LegalNature, Organisation
from app.payments import service
from app.payments.books.standing import find_terms
from app.payments.forms import TermsForm
from app.payments.policy import MoneyPermission as P
from app.payments.views import blueprint
from app.payments.views.common import load
from app.payments.views.regimes import Clashes, clashes_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_PAGE = "payments/terms.html"


@blueprint.get("/structures/<slug>/comptes/reception")
@allowed(P.KEEP_ACCOUNTS, load=load)
def terms(subject: Organisation) -> Response:
    """Ask how the organisation is paid."""
    form = TermsForm(formdata=None)
    form.show(subject, find_terms(subject.id))
    return _show(subject, form, clashes=clashes_of(subject))


@blueprint.post("/structures/<slug>/comptes/reception")
@allowed(P.KEEP_ACCOUNTS, load=load)
def say_terms(subject: Organisation) -> Response:
    """Keep how the organisation is paid."""
    form, slug = TermsForm(), subject.slug
    form.fit(subject, find_terms(subject.id))
    is_valid = form.validate()
    for error in service.wrong_with(subject, form.terms()):
        field, is_valid = error.facts["field"], False
        if not form[field].errors:
            form.refuse(field, explain(error))
    if not is_valid:
        return _show(subject, form, status=422)
    service.say_terms(current_actor(), subject.id, form.terms())
    flash(_("Saved. Who owes you something reads this from now on."), "success")
    where = "payments.terms" if clashes_of(load(slug)) else "payments.accounts"  # to read what contradicts it
    return redirect(url_for(where, slug=slug), 303)


def _show(
    subject: Organisation, form: TermsForm, clashes: Clashes | None = None, status: int = 200
) -> Response:
    is_public = _is_public(subject)
    return page(_PAGE, form=form, organisation=subject, is_public=is_public, clashes=clashes, status=status)


def _is_public(organisation: Organisation) -> bool:
    return organisation.legal_nature == LegalNature.PUBLIC
