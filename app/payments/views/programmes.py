"""The programmes that an organisation pays, or is asked to pay: it says yes or no."""

from collections.abc import Callable

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
from app.payments.subsidy_words import envelope_words, first_of, programme_words
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
    first = first_of(queries.programmes_in(subject.territory_id)) if found else None
    shown = [
        {
            "ref": each.public_id,
            "name": each.name,
            "state": each.state,
            "terms": programme_words(each, is_first=each.id == first),
            "envelopes": [
                envelope_words(one) | {"ref": one.public_id, "asked_cents": one.asked_cents}
                for one in envelopes[each.id]
            ],
        }
        for each in found
    ]
    return page("payments/programmes.html", organisation=subject, programmes=shown)


@blueprint.post("/structures/<slug>/comptes/dispositifs/<programme_ref>")
@allowed(P.KEEP_ACCOUNTS, load=load)
def answer_programme(subject: Organisation) -> Response:
    """Say yes or no to a programme."""
    programme_id, accepts = _ours(subject).id, request.form.get("reponse") == "oui"
    said = _("Accepted: it helps from now on, within its budgets.") if accepts else _("Declined.")
    return _done(
        subject, lambda: subsidising.answer_programme(current_actor(), programme_id, accepts=accepts), said
    )


@blueprint.post("/structures/<slug>/comptes/dispositifs/<programme_ref>/clore")
@allowed(P.KEEP_ACCOUNTS, load=load)
def end_programme(subject: Organisation) -> Response:
    """Close a programme that one pays."""
    programme_id = _ours(subject).id
    said = _("Closed: it promises nothing any more, and pays what it has promised.")
    return _done(subject, lambda: subsidising.end_programme(current_actor(), programme_id), said)


@blueprint.post("/structures/<slug>/comptes/enveloppes/<envelope_ref>")
@allowed(P.KEEP_ACCOUNTS, load=load)
def answer_budget(subject: Organisation) -> Response:
    """Say yes or no to a budget, or to a larger one."""
    envelope = queries.get_envelope(str((request.view_args or {})["envelope_ref"]))
    if envelope.programme.organisation_id != subject.id:
        raise NotFound(kind="envelope")
    envelope_id, accepts = envelope.id, request.form.get("reponse") == "oui"
    seen = request.form.get("vu", type=int) or 0
    said = _("Accepted: so much can be promised in your name.") if accepts else _("Declined.")
    return _done(
        subject, lambda: subsidising.answer_budget(current_actor(), envelope_id, seen, accepts=accepts), said
    )


def _ours(subject: Organisation) -> Programme:
    programme = queries.get_programme(str((request.view_args or {})["programme_ref"]))
    if programme.organisation_id != subject.id:
        raise NotFound(kind="programme")
    return programme


def _done(subject: Organisation, act: Callable[[], object], said: str) -> Response:
    slug = subject.slug
    tell(act, said)
    return redirect(url_for("payments.programmes", slug=slug), 303)
