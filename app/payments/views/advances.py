"""Noting what came from any organisation of the territory, also from who was never charged: an advance."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.core.errors import DomainError, NotFound
from app.payments import service
from app.payments.books.postings import Method, Pair
from app.payments.books.standing import neighbours
from app.payments.forms import AdvanceForm
from app.payments.paying_words import noted_words
from app.payments.policy import MoneyPermission as P
from app.payments.queries import open_dues
from app.payments.views import blueprint
from app.payments.views.common import load, today
from app.payments.views.noting import came_of, once
from app.payments.ways import is_possible
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


def _form(subject: Organisation, **how: Any) -> AdvanceForm:
    form = AdvanceForm(**how)
    form.today = today(subject)
    form.fit(None, subject)
    form.what.choices = [("", "")]
    form.payer.choices = [("", _("Choose…")), *((each.slug, each.name) for each in neighbours(subject))]
    return form


def _show(subject: Organisation, form: AdvanceForm, status: int = 200) -> Response:
    return page("payments/advance.html", status=status, organisation=subject, form=form)


@blueprint.get("/structures/<slug>/comptes/avance")
@allowed(P.KEEP_ACCOUNTS, load=load)
def advance(subject: Organisation) -> Response:
    """Ask what came, and from whom."""
    form = _form(subject, formdata=None)
    form.day.data = today(subject)
    return _show(subject, form)


@blueprint.post("/structures/<slug>/comptes/avance")
@allowed(P.KEEP_ACCOUNTS, load=load)
def note_advance(subject: Organisation) -> Response:
    """Note what came: what is owed is paid of it, and what is more is an advance."""
    form, slug = _form(subject), subject.slug
    if not form.validate():
        return _show(subject, form, 422)
    payer = next((each for each in neighbours(subject) if each.slug == form.payer.data), None)
    if payer is None:
        form.refuse("payer", _("Choose who paid."))
        return _show(subject, form, 422)
    if not is_possible(Method(form.method.data), payer, subject):
        form.refuse("method", _("%(name)s cannot pay so. Choose another way.", name=payer.name))
        return _show(subject, form, 422)
    pair, other = Pair(payer.id, subject.id), payer.slug
    try:
        made = service.note_payment(current_actor(), pair, came_of(subject, form), once(form))
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("amount", explain(error))
        return _show(load(slug), form, 422)
    flash(noted_words(sum(due.owed_cents for due in open_dues(pair)), made.free_cents), "success")
    return redirect(url_for("payments.between", slug=slug, other=other), 303)
