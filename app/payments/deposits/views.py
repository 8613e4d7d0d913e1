"""What a resource asks for as a deposit, for whoever answers for its place."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.catalogue.models import Resource
from app.catalogue.queries import get_resource
from app.core.errors import NotFound
from app.payments import queries as money
from app.payments.deposits import queries, service
from app.payments.deposits.forms import DepositTermsForm
from app.payments.deposits.rules import Occasion
from app.payments.deposits.words import before_words, terms_words
from app.payments.policy import MoneyPermission
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page

blueprint = Blueprint("deposits", __name__)


def priced(slug: str) -> Resource:
    """Find a resource whose territory reckons with money: elsewhere there is no such page."""
    resource = get_resource(slug)
    if not money.has_money(resource.territory_id):
        raise NotFound(kind="resource", slug=slug)
    return resource


@blueprint.get("/ressources/<slug>/caution")
@allowed(MoneyPermission.SET_TARIFF, load=priced)
def terms(subject: Resource) -> Response:
    """Show what is asked for, to change it."""
    form = DepositTermsForm(formdata=None)
    form.show(queries.find_deposit_terms(subject.id))
    return _page(subject, form)


@blueprint.post("/ressources/<slug>/caution")
@allowed(MoneyPermission.SET_TARIFF, load=priced)
def say_terms(subject: Resource) -> Response:
    """Ask for another deposit from now on, or for none."""
    form, slug = DepositTermsForm(), subject.slug
    if not form.validate():
        return _page(subject, form, 422)
    occasion, exempt = Occasion(form.occasion.data), form.exempt.data or ()
    service.say_deposit(current_actor(), subject.id, form.amount.cents, occasion, exempt)
    flash(_("Saved. What was asked for already keeps its amount."), "success")
    return redirect(url_for("payments.tariffs", slug=slug), 303)


def _page(resource: Resource, form: DepositTermsForm, status: int = 200) -> Response:
    return page(
        "payments/deposit_terms.html", status=status, resource=resource, site=resource.site, form=form
    )


def deposit_words(resource: Resource) -> dict[str, Any]:
    """Say on other pages what a resource asks for, and where that is changed."""
    url = url_for("deposits.terms", slug=resource.slug)
    return {"said": terms_words(queries.find_deposit_terms(resource.id)), "url": url}


def deposit_before(resource_id: int) -> str:
    """Say on the page of a resource what is asked for beside its price; nothing where that is nothing."""
    terms = queries.terms_in_force(resource_id)
    return before_words(terms) if terms else ""


blueprint.app_context_processor(lambda: {"deposit_words": deposit_words, "deposit_before": deposit_before})
