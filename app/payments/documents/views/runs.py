"""Preparing documents: a job does it, and a page tells how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.accounts.views.common import tell
from app.core import clock
from app.core.errors import DomainError, NotFound
from app.payments.books.standing import names_of
from app.payments.documents import paper, queries, service
from app.payments.documents.errors import NotBillable
from app.payments.documents.models import Document, DocumentRun
from app.payments.documents.rules import first_day, month_before, month_of
from app.payments.documents.service.asking import AGAIN_AFTER
from app.payments.documents.views import blueprint
from app.payments.policy import MoneyPermission as P
from app.payments.views.common import load, today
from app.web.format import month_words
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain, sentence


@dataclass(frozen=True)
class Progress:
    """How far a run is: for how many of its recipients all is there."""

    run: DocumentRun
    documents: list[Document]

    @property
    def done(self) -> int:
        """Of how many recipients nothing is left to do."""
        unmade = {each.recipient_id for each in self.documents if not each.digest}
        return self.run.total - len(self.run.waiting) - len(unmade)

    @property
    def is_over(self) -> bool:
        """Tell whether all is done."""
        return self.done == self.run.total


@blueprint.post("/structures/<slug>/comptes/documents/preparer")
@allowed(P.KEEP_ACCOUNTS, load=load)
def prepare(subject: Organisation) -> Response:
    """Begin to prepare documents: of last month, or of all there is; for one recipient, or for all."""
    slug, organisation_id = subject.slug, subject.id
    month = last_month(subject) if request.form.get("periode") == "mois" else ""
    wanted = request.form.get("structure", "")
    try:
        recipient_id = _recipient(organisation_id, wanted) if wanted else None
        run = service.begin_run(current_actor(), organisation_id, month=month, recipient_id=recipient_id)
    except NotFound:
        raise
    except DomainError as error:
        flash(explain(error), "info")
        return redirect(url_for("documents.documents", slug=slug), 303)
    return redirect(url_for("documents.run", slug=slug, run_ref=run.public_id), 303)


def _recipient(organisation_id: int, slug: str) -> int:
    """Find who is to have a document now; raise NotFound where nothing was ever owed."""
    others = names_of(queries.unbilled(organisation_id))
    found = next((each.id for each in others.values() if each.slug == slug), None)
    if found is None:
        raise NotFound(kind="organisation", id=slug)
    return found


@blueprint.get("/structures/<slug>/comptes/documents/lots/<run_ref>")
@allowed(P.SEE_ACCOUNTS, load=load)
def run(subject: Organisation) -> Response:
    """Tell how far a run is, and who got none for which reason."""
    found = queries.get_run(subject.id, str((request.view_args or {})["run_ref"]))
    issued = queries.documents_of_run(found.id)
    refused = {int(each): sentence(why["code"], why["facts"]) for each, why in found.refused.items()}
    unknown = {int(each) for each, why in found.refused.items() if _lacks_address(why)}
    return page(
        "payments/documents/run.html",
        "payments/documents/_run.html",
        organisation=subject,
        progress=Progress(found, issued),
        title=run_title(found),
        refused=refused,
        unknown=unknown,
        asked=queries.addresses_asked(subject.id, unknown, clock.now() - AGAIN_AFTER) if unknown else set(),
        names=names_of({*refused, *(each.recipient_id for each in issued)}),
        kinds=paper.KINDS,
    )


def _lacks_address(why: Mapping[str, Any]) -> bool:
    """Tell whether the recipient got nothing because it has not said its address."""
    return bool(why["code"] == NotBillable.code and why["facts"].get("side") == "buyer")


@blueprint.post("/structures/<slug>/comptes/documents/lots/<run_ref>/adresse")
@allowed(P.KEEP_ACCOUNTS, load=load)
def ask_address(subject: Organisation) -> Response:
    """Ask one who got nothing for their address."""
    slug, issuer_id = subject.slug, subject.id
    found = queries.get_run(issuer_id, str((request.view_args or {})["run_ref"]))
    ref, who = found.public_id, names_of(int(each) for each in found.refused)
    wanted = next((each for each in who.values() if each.slug == request.form.get("structure", "")), None)
    if wanted is None:
        raise NotFound(kind="organisation", id=request.form.get("structure", ""))
    recipient_id, name = wanted.id, wanted.name
    tell(
        lambda: service.ask_address(current_actor(), issuer_id, recipient_id),
        _("Asked by e-mail: %(name)s. Prepare the bill again once the address is there.", name=name),
    )
    return redirect(url_for("documents.run", slug=slug, run_ref=ref), 303)


def run_title(found: DocumentRun) -> str:
    """Name a run by its month."""
    if not found.month:
        return _("Documents of what was not billed yet")
    return _("Documents of the month: %(month)s", month=month_words(first_day(found.month)))


def last_month(organisation: Organisation) -> str:
    """Name the month that is over."""
    return month_before(month_of(today(organisation)))


def last_month_words(organisation: Organisation) -> str:
    """Name it in words."""
    return month_words(first_day(last_month(organisation)))


blueprint.app_context_processor(lambda: {"last_month_words": last_month_words})
