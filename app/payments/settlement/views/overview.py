"""Who owes whom, month by month, and what can be settled without any money moving."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import LegalNature, Organisation
from app.accounts.views.common import tell
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.ids import new_secret
from app.payments.books.standing import get_between, standings
from app.payments.policy import MoneyPermission as P
from app.payments.settlement import service
from app.payments.settlement.queries import opposites, settlements_of
from app.payments.settlement.views import blueprint
from app.payments.settlement.words import STATES
from app.payments.views.common import load
from app.web.format import month_words
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_MOST = 12  # digits of an amount


@blueprint.get("/structures/<slug>/comptes/reglement")
@allowed(P.SEE_ACCOUNTS, load=load)
def overview(subject: Organisation) -> Response:
    """Show what an organisation owes and is owed by each other, and what was settled."""
    rows, settlements = opposites(subject), settlements_of(subject.id)
    return page(
        "payments/settlement/overview.html",
        organisation=subject,
        opposites=rows,
        settlements=settlements,
        standings=standings(subject.id),
        proposal=next((each for each in settlements if each.is_open), None),
        is_public=subject.legal_nature == LegalNature.PUBLIC,
        once=new_secret(),
        month_words=month_words,
        states=STATES,
    )


@blueprint.post("/structures/<slug>/comptes/reglement/compenser/<other>")
@allowed(P.KEEP_ACCOUNTS, load=load)
def set_off(subject: Organisation) -> Response:
    """Set off what two owe each other, if it is what was shown."""
    other = get_between(subject.id, str((request.view_args or {})["other"])).other
    slug, our_id, other_id, name = subject.slug, subject.id, other.id, other.name
    shown = request.form.get("montant", "")
    cents = int(shown) if shown.isdecimal() and len(shown) <= _MOST else 0
    key = f"{_once()}:{other_id}"  # the forms of a page share one secret
    tell(
        lambda: service.set_off(current_actor(), our_id, other_id, cents, key),
        _("Set off. %(name)s is told by e-mail.", name=name),
    )
    return _back(slug)


@blueprint.post("/structures/<slug>/comptes/reglement/proposer")
@allowed(P.KEEP_ACCOUNTS, load=load)
def propose(subject: Organisation) -> Response:
    """Propose to settle with several at once."""
    slug, our_id = subject.slug, subject.id
    try:
        made = service.propose(current_actor(), our_id, _once())
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        flash(explain(error), "warning")
        return _back(slug)
    flash(_("Proposed: the other parties are asked by e-mail."), "success")
    return redirect(url_for("settlement.show", slug=slug, settlement_ref=made.public_id), 303)


def _once() -> str:
    """Give what tells a form that is sent twice from another one."""
    return (request.form.get("once") or new_secret())[:64]


def _back(slug: str) -> Response:
    return redirect(url_for("settlement.overview", slug=slug), 303)
