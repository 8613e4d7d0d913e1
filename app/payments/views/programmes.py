"""The programmes that an organisation pays, or is asked to pay: it says yes or no."""

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.accounts.views.common import tell
from app.core.errors import NotFound
from app.payments import queries
from app.payments.models import Programme
from app.payments.policy import MoneyPermission as P
from app.payments.service import subsidising
from app.payments.subsidy_words import envelope_words, programme_words
from app.payments.views import blueprint
from app.payments.views.common import load
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page


@blueprint.get("/structures/<slug>/comptes/dispositifs")
@allowed(P.SEE_ACCOUNTS, load=load)
def programmes(subject: Organisation) -> Response:
    """Show what an organisation pays for others, and what it is asked to pay."""
    found = queries.programmes_of(subject.id)
    envelopes = queries.envelopes_by_programme(found)
    shown = [_words(each) | {"envelopes": [*map(envelope_words, envelopes[each.id])]} for each in found]
    return page("payments/programmes.html", organisation=subject, programmes=shown)


@blueprint.post("/structures/<slug>/comptes/dispositifs/<programme_ref>")
@allowed(P.KEEP_ACCOUNTS, load=load)
def answer_programme(subject: Organisation) -> Response:
    """Say yes or no to a programme."""
    programme = queries.get_programme(str((request.view_args or {})["programme_ref"]))
    if programme.organisation_id != subject.id:
        raise NotFound(kind="programme")
    programme_id, slug, accepts = programme.id, subject.slug, request.form.get("reponse") == "oui"
    said = _("Accepted: it helps from now on, within its budgets.") if accepts else _("Declined.")
    tell(lambda: subsidising.answer_programme(current_actor(), programme_id, accepts=accepts), said)
    return redirect(url_for("payments.programmes", slug=slug), 303)


def _words(programme: Programme) -> dict[str, Any]:
    terms = programme_words(programme)
    return {"ref": programme.public_id, "name": programme.name, "state": programme.state, "terms": terms}
