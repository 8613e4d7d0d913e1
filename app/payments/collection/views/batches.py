"""What a public body is owed, and the batches that went to its accountant."""

from typing import Any

from flask import Response as Download
from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import LegalNature, Organisation
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import can
from app.payments import queries as money
from app.payments.books.standing import names_of
from app.payments.collection import papers, queries, service
from app.payments.collection.forms import BatchForm, SentForm, WithdrawForm
from app.payments.collection.models import CollectionBatch
from app.payments.collection.policy import CollectionPermission as P
from app.payments.collection.views import blueprint
from app.payments.collection.words import STATES
from app.payments.views.common import load, today
from app.web.guards import allowed
from app.web.i18n import speaking
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_LONGEST = 40  # letters of a number of an order


def load_public(slug: str, **values: Any) -> Organisation:
    """Find the public body; for others there is no such page."""
    organisation = load(slug, **values)
    if organisation.legal_nature != LegalNature.PUBLIC:
        raise NotFound(page="collection")
    return organisation


@blueprint.get("/structures/<slug>/comptes/titres")
@allowed(P.COLLECT, load=load_public)
def batches(subject: Organisation) -> Response:
    """Show what is owed and not sent, and the batches so far."""
    form = BatchForm(formdata=None)
    form.starts_on.data, form.ends_on.data = queries.first_day(subject), today(subject)
    form.leaves_announced.data = True
    return _show_all(subject, form)


def _show_all(subject: Organisation, form: BatchForm, status: int = 200) -> Response:
    lines = queries.open_lines(subject)
    debtors = queries.who_they_are(each.due.payer_id for each in lines)
    return page(
        "payments/collection/batches.html",
        status=status,
        organisation=subject,
        lines=lines,
        names=names_of(each.due.payer_id for each in lines),
        announced=queries.on_its_way(subject),
        without_siret={each: who["name"] for each, who in debtors.items() if not who["siret"]},
        batches=queries.batches_of(subject.id),
        withdrawn=queries.why_withdrawn(subject.id),
        form=form,
    )


@blueprint.post("/structures/<slug>/comptes/titres")
@allowed(P.COLLECT, load=load_public)
def make(subject: Organisation) -> Response:
    """Make a batch of what is owed for a period; its words are French, as its accountant's."""
    form, slug, issuer_id = BatchForm(), subject.slug, subject.id
    first, last = form.starts_on.data, form.ends_on.data
    if not form.validate() or first is None or last is None:
        return _show_all(subject, form, 422)
    try:
        with speaking("fr"):
            leaves_announced = bool(form.leaves_announced.data)
            made = service.make_batch(
                current_actor(), issuer_id, first, last, leaves_announced=leaves_announced
            )
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(error.facts.get("field", "starts_on"), explain(error))
        return _show_all(load_public(slug), form, 422)
    flash(_("Batch %(number)s is made. Hand its two papers to your accountant.", number=made.name), "success")
    return redirect(url_for("collection.batch", slug=slug, batch_ref=made.public_id), 303)


def _batch(subject: Organisation) -> CollectionBatch:
    return queries.get_batch(subject.id, str((request.view_args or {})["batch_ref"]))


def _with_papers(subject: Organisation) -> CollectionBatch:
    """Find a batch that has papers; one that was withdrawn has none."""
    made = _batch(subject)
    if made.is_withdrawn:
        raise NotFound(page="collection_papers")
    return made


@blueprint.get("/structures/<slug>/comptes/titres/<batch_ref>")
@allowed(P.COLLECT, load=load_public)
def batch(subject: Organisation) -> Response:
    """Show a batch: its lines, how each stands, its papers."""
    return _show(subject, _batch(subject))


def _show(
    subject: Organisation,
    made: CollectionBatch,
    form: SentForm | None = None,
    typed: dict[int, str] | None = None,
    error: str = "",
    withdrawing: WithdrawForm | None = None,
    status: int = 200,
) -> Response:
    if form is None:
        form = SentForm(formdata=None)
        form.sent_on.data = made.sent_on or today(subject)
    return page(
        "payments/collection/batch.html",
        status=status,
        organisation=subject,
        batch=made,
        form=form,
        numbers={line.due_id: line.order_number for line in made.lines} | (typed or {}),
        error=error,
        states=STATES,
        withdrawing=withdrawing or WithdrawForm(formdata=None),
        withdrawn=queries.why_withdrawn(subject.id).get(made.name) if made.is_withdrawn else None,
        without_siret=[line.facts["name"] for line in made.lines if not line.facts["siret"]],
    )


@blueprint.post("/structures/<slug>/comptes/titres/<batch_ref>/envoi")
@allowed(P.COLLECT, load=load_public)
def sent(subject: Organisation) -> Response:
    """Say when a batch went to the accountant."""
    made, form, slug, issuer_id = _batch(subject), SentForm(), subject.slug, subject.id
    ref, day = made.public_id, form.sent_on.data
    if not form.validate() or day is None:
        return _show(subject, made, form, status=422)
    try:
        service.mark_sent(current_actor(), issuer_id, ref, day)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse("sent_on", explain(error))
        subject = load_public(slug)
        return _show(subject, _batch(subject), form, status=422)
    flash(_("Noted. Enter the numbers of the orders once your accountant has given them."), "success")
    return _to(slug, ref)


@blueprint.post("/structures/<slug>/comptes/titres/<batch_ref>/numeros")
@allowed(P.COLLECT, load=load_public)
def number(subject: Organisation) -> Response:
    """Enter the numbers of the accountant's orders."""
    made, slug, issuer_id = _batch(subject), subject.slug, subject.id
    ref = made.public_id
    typed = {line.due_id: _typed(f"titre-{line.position}") for line in made.lines}
    try:
        service.number_lines(current_actor(), issuer_id, ref, typed)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        subject = load_public(slug)
        return _show(subject, _batch(subject), typed=typed, error=explain(error), status=422)
    flash(_("Saved. What comes with such a number is known by it."), "success")
    return _to(slug, ref)


@blueprint.post("/structures/<slug>/comptes/titres/<batch_ref>/retrait")
@allowed(P.COLLECT, load=load_public)
def withdraw(subject: Organisation) -> Response:
    """Withdraw a batch that was made by mistake."""
    made, form, slug, issuer_id = _batch(subject), WithdrawForm(), subject.slug, subject.id
    ref = made.public_id
    if not form.validate():
        return _show(subject, made, withdrawing=form, status=422)
    reason = form.reason.data or ""
    try:
        service.withdraw_batch(current_actor(), issuer_id, ref, reason)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        subject = load_public(slug)
        return _show(subject, _batch(subject), error=explain(error), withdrawing=form, status=422)
    flash(_("Withdrawn. What it had can go into the next batch."), "success")
    return _to(slug, ref)


def _typed(name: str) -> str:
    return " ".join(request.form.get(name, "").replace("\0", "").split())[:_LONGEST]


@blueprint.get("/structures/<slug>/comptes/titres/<batch_ref>/bordereau.csv")
@allowed(P.COLLECT, load=load_public)
def lines_csv(subject: Organisation) -> Response:
    """Hand the lines over as a table."""
    made = _with_papers(subject)
    return _download(papers.as_csv(made), "text/csv", f"bordereau-{made.name}.csv")


@blueprint.get("/structures/<slug>/comptes/titres/<batch_ref>/etat-liquidatif.pdf")
@allowed(P.COLLECT, load=load_public)
def statement(subject: Organisation) -> Response:
    """Hand the état liquidatif over."""
    made = _with_papers(subject)
    return _download(papers.statement(made), "application/pdf", f"etat-liquidatif-{made.name}.pdf")


def _download(content: str | bytes, kind: str, name: str) -> Response:
    answer = Download(content, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _to(slug: str, ref: str) -> Response:
    return redirect(url_for("collection.batch", slug=slug, batch_ref=ref), 303)


def collecting_url(organisation: Organisation) -> str | None:
    """Give the address of these pages to whoever may use them, None where there are none."""
    if not can(current_actor(), P.COLLECT, organisation) or not money.has_money(organisation.territory_id):
        return None
    return url_for("collection.batches", slug=organisation.slug)


blueprint.app_context_processor(lambda: {"collecting_url": collecting_url})
