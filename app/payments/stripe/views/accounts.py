"""How an organisation comes to be paid online: its own account at Stripe, and what is still missing there."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from app.accounts.asks import reckons_with_money
from app.accounts.models import Organisation
from app.core.errors import NotFound
from app.core.policy import can
from app.payments.stripe import connection, queries, service
from app.payments.stripe.errors import StripeSilent
from app.payments.stripe.policy import StripePermission as P
from app.payments.stripe.service.accounts import refuse_public
from app.payments.stripe.views import blueprint
from app.payments.stripe.words import missing_words
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


def _payee(slug: str) -> Organisation:
    """Find who is to be paid; a public body is told at once why it cannot be, and what it does instead.

    Raise NotFound where nothing of Stripe, or of money, is shown.
    """
    connection.get()
    organisation = queries.get_organisation(slug)
    if not _has_money(organisation):
        raise NotFound(page="stripe")
    if current_actor().administers(organisation.id):
        refuse_public(organisation)
    return organisation


def _has_money(organisation: Organisation) -> bool:
    return any(reckons_with_money.ask(organisation.territory_id))


@blueprint.get("/structures/<slug>/paiement-en-ligne")
@allowed(P.RECEIVE, load=_payee)
def account(subject: Organisation) -> Response:
    """Show where the organisation's account stands."""
    found = queries.find_account(subject.id)
    return page(
        "payments/account.html",
        organisation=subject,
        account=found,
        missing=missing_words(found.missing) if found else [],
        is_simulated=connection.get().is_simulated,
    )


@blueprint.post("/structures/<slug>/paiement-en-ligne")
@allowed(P.RECEIVE, load=_payee)
def begin(subject: Organisation) -> Response:
    """Begin an account, and try at once what the job does otherwise."""
    slug = subject.slug
    row_id = service.begin_account(current_actor(), subject.id)
    try:
        service.open_account(row_id)
    except (connection.Unreachable, connection.Refused):
        flash(explain(StripeSilent()), "warning")
    return redirect(url_for("stripe.account", slug=slug), 303)


@blueprint.get("/structures/<slug>/paiement-en-ligne/continuer")
@allowed(P.RECEIVE, load=_payee)
def onboard(subject: Organisation) -> Response:
    """Lead to Stripe's own form. It is a link and no form of ours: a form may not lead to another site."""
    slug, organisation_id = subject.slug, subject.id
    here = url_for("stripe.onboard", slug=slug, _external=True)
    back = url_for("stripe.back", slug=slug, _external=True)
    try:
        return redirect(service.onboarding_url(organisation_id, here, back), 303)
    except (connection.Unreachable, connection.Refused):
        flash(explain(StripeSilent()), "warning")
        return redirect(url_for("stripe.account", slug=slug), 303)


@blueprint.get("/structures/<slug>/paiement-en-ligne/retour")
@allowed(P.RECEIVE, load=_payee)
def back(subject: Organisation) -> Response:
    """Look at the account when somebody comes back from Stripe: coming back does not say that all is done."""
    slug, found = subject.slug, queries.find_account(subject.id)
    try:
        if found and found.account_id:
            service.look_at_account(found.account_id)
    except connection.Unreachable:
        flash(explain(StripeSilent()), "warning")
    return redirect(url_for("stripe.account", slug=slug), 303)


def receiving_url(organisation: Organisation) -> str | None:
    """Give the address of the account's page to whoever may set it up, None where nothing of Stripe is shown."""
    if connection.find() is None or not can(current_actor(), P.RECEIVE, organisation):
        return None
    if not _has_money(organisation):
        return None
    return url_for("stripe.account", slug=organisation.slug)


blueprint.app_context_processor(
    lambda: {"receiving_url": receiving_url, "has_stripe": connection.find() is not None}
)
