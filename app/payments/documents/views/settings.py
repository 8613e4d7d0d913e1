"""Who lets the platform issue bills in its name, and what is prepared by itself."""

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import LegalNature, Organisation
from app.accounts.views.common import tell
from app.payments.books.standing import find_terms
from app.payments.documents import queries, service
from app.payments.documents.service.mandates import VERSION
from app.payments.documents.views import blueprint
from app.payments.policy import MoneyPermission as P
from app.payments.views.common import load
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page


@blueprint.get("/structures/<slug>/comptes/facturation")
@allowed(P.KEEP_ACCOUNTS, load=load)
def settings(subject: Organisation) -> Response:
    """Show the mandate with its words, and what is prepared by itself."""
    mandates = queries.mandates_of(subject.id)
    return page(
        "payments/documents/settings.html",
        organisation=subject,
        is_public=subject.legal_nature == LegalNature.PUBLIC,
        mandate=queries.find_mandate(subject.id),
        mandates=mandates,
        people=queries.people_of(mandates),
        version=VERSION,
        terms=find_terms(subject.id),
        is_monthly=queries.is_monthly(subject.id),
    )


@blueprint.post("/structures/<slug>/comptes/facturation/mandat")
@allowed(P.KEEP_ACCOUNTS, load=load)
def accept(subject: Organisation) -> Response:
    """Accept the mandate."""
    slug, organisation_id = subject.slug, subject.id
    tell(
        lambda: service.accept_mandate(current_actor(), organisation_id),
        _("Accepted: invoices are issued in your name from now on."),
    )
    return _back(slug)


@blueprint.post("/structures/<slug>/comptes/facturation/mandat/fin")
@allowed(P.KEEP_ACCOUNTS, load=load)
def end(subject: Organisation) -> Response:
    """End the mandate."""
    slug, organisation_id = subject.slug, subject.id
    tell(
        lambda: service.end_mandate(current_actor(), organisation_id),
        _("Ended: from now on there are statements of costs, which are no invoices."),
    )
    return _back(slug)


@blueprint.post("/structures/<slug>/comptes/facturation/mensuel")
@allowed(P.KEEP_ACCOUNTS, load=load)
def choose(subject: Organisation) -> Response:
    """Choose whether documents are prepared every month."""
    slug, organisation_id = subject.slug, subject.id
    is_monthly = request.form.get("mensuel") == "1"
    tell(
        lambda: service.choose_monthly(current_actor(), organisation_id, is_monthly=is_monthly),
        _("Saved: prepared by themselves when a month is over.")
        if is_monthly
        else _("Saved: prepared when you ask."),
    )
    return _back(slug)


def _back(slug: str) -> Response:
    return redirect(url_for("documents.settings", slug=slug), 303)
