"""Documents of an organisation: those it issued and those it received, each with its file and the hash of it."""

from io import BytesIO
from typing import Any

from flask import Response as Download
from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from pypdf import PdfReader
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.accounts.views.common import tell
from app.core.errors import DomainError, NotFound
from app.core.policy import can
from app.payments.books.standing import names_of
from app.payments.documents import paper, queries, service
from app.payments.documents.bill import read
from app.payments.documents.factur_x import FILE
from app.payments.documents.models import Document
from app.payments.documents.queries import Wanted
from app.payments.documents.rules import BILLS, Kind
from app.payments.documents.views import blueprint
from app.payments.documents.words import STANDINGS, has_xml, standing
from app.payments.models import PayeeTerms, Payment
from app.payments.policy import MoneyPermission as P
from app.payments.views.common import FIRST_YEAR, load, payment_of, today
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@blueprint.get("/structures/<slug>/comptes/documents")
@allowed(P.SEE_ACCOUNTS, load=load)
def documents(subject: Organisation) -> Response:
    """List what was issued and received, by kind and year, and what is on no document yet."""
    year, kind = _asked_year(subject), _asked_kind()
    found = queries.documents_in(Wanted(subject.id, kind, year))
    unbilled = queries.unbilled(subject.id)
    ids = [each.id for each in found]
    owed, undone = queries.owed_on(ids), queries.undone_receipts(ids)
    others = {each.issuer_id for each in found} | {each.recipient_id for each in found} | set(unbilled)
    return page(
        "payments/documents/documents.html",
        organisation=subject,
        documents=found,
        names=names_of(others),
        kinds=paper.KINDS,
        kind=kind,
        year=year,
        years=[(str(each), str(each)) for each in range(today(subject).year, FIRST_YEAR - 1, -1)],
        standings={
            each.id: STANDINGS[standing(each, owed.get(each.id, (0, 0)), is_undone=each.id in undone)]
            for each in found
        },
        unbilled=sorted(unbilled.items(), key=lambda each: -each[1].cents),
        run=queries.open_run(subject.id),
        mandate=queries.find_mandate(subject.id),
        is_filtered=bool(year or kind),
    )


def _asked_year(organisation: Organisation) -> int | None:
    """Read which year is asked for; all of them where none (or none that there was) is."""
    year = request.args.get("annee", 0, type=int)
    return year if FIRST_YEAR <= year <= today(organisation).year else None


def _asked_kind() -> Kind | None:
    asked = request.args.get("type", "")
    return Kind(asked) if asked in {*Kind} else None


def _document(organisation: Organisation) -> Document:
    return queries.get_document(organisation.id, str((request.view_args or {})["document_ref"]))


@blueprint.get("/structures/<slug>/comptes/documents/<document_ref>")
@allowed(P.SEE_ACCOUNTS, load=load)
def document(subject: Organisation) -> Response:
    """Show a document: what it says in short, its file, and the hash by which the file is known."""
    return _show(subject, _document(subject))


def _show(subject: Organisation, row: Document, problem: str = "", status: int = 200) -> Response:
    owed = queries.owed_on([row.id]).get(row.id, (0, 0))
    is_undone = row.id in queries.undone_receipts([row.id])
    if row.digest and not problem:
        problem = _problem(row)
    amended = queries.find_document(row.amends_id) if row.amends_id else None
    return page(
        "payments/documents/document.html",
        status=status,
        organisation=subject,
        document=row,
        names=names_of([row.issuer_id, row.recipient_id]),
        kind=paper.KINDS[Kind(row.kind)],
        bill=read(row.facts),
        named=paper.named,
        detail=paper.detail,
        in_favour=paper.in_favour,
        is_undone=is_undone,
        standing=STANDINGS[standing(row, owed, is_undone=is_undone)],
        owed_cents=owed[0],
        amended=amended,
        amending=queries.amending(row.id),
        has_xml=has_xml(row),
        problem=problem,
    )


def _problem(row: Document) -> str:
    try:
        service.read_file(row)
    except DomainError as error:
        return explain(error)
    return ""


@blueprint.get("/structures/<slug>/comptes/documents/<document_ref>/pdf")
@allowed(P.SEE_ACCOUNTS, load=load)
def pdf(subject: Organisation) -> Response:
    """Hand over the file, if it is the one that was issued."""
    row = _document(subject)
    return _hand_over(subject, row, "application/pdf", "pdf")


@blueprint.get("/structures/<slug>/comptes/documents/<document_ref>/xml")
@allowed(P.SEE_ACCOUNTS, load=load)
def xml(subject: Organisation) -> Response:
    """Hand over what software reads: the XML that lies in the file."""
    row = _document(subject)
    if row.kind not in BILLS:
        raise NotFound(page="xml")
    return _hand_over(subject, row, "application/xml", "xml")


def _hand_over(subject: Organisation, row: Document, mimetype: str, ending: str) -> Response:
    try:
        content = service.read_file(row)
    except DomainError as error:
        return _show(subject, row, explain(error), 409)
    if ending == "xml":
        [content] = PdfReader(BytesIO(content)).attachments[FILE]
    answer = Download(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.number}.{ending}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/structures/<slug>/comptes/documents/<document_ref>/refaire")
@allowed(P.KEEP_ACCOUNTS, load=load)
def mend(subject: Organisation) -> Response:
    """Make a file again that was lost or changed; it is kept only if it is the same."""
    row, slug = _document(subject), subject.slug
    ref, made = row.public_id, paper.pdf(read(row.facts))
    tell(lambda: service.mend(row, made), _("The file is there again, the same to the letter."))
    return redirect(url_for("documents.document", slug=slug, document_ref=ref), 303)


@blueprint.post("/structures/<slug>/comptes/paiements/<payment_ref>/recu")
@allowed(P.KEEP_ACCOUNTS, load=load)
def give_receipt(subject: Organisation) -> Response:
    """Give a receipt for a payment that came."""
    payment, slug = payment_of(subject), subject.slug
    payment_id, payment_ref = payment.id, payment.public_id
    try:
        made = service.issue_receipt(current_actor(), payment_id)
    except DomainError as error:
        flash(explain(error), "warning")
        return redirect(url_for("payments.payment", slug=slug, payment_ref=payment_ref), 303)
    return redirect(url_for("documents.document", slug=slug, document_ref=made.public_id), 303)


def documents_between(organisation: Organisation, other: Organisation) -> list[Document]:
    """List the documents of two, for the page of their accounts."""
    return queries.documents_in(Wanted(organisation.id, other_id=other.id))


def receipt_of(payment: Payment) -> Document | None:
    """Find the receipt of a payment, for its page."""
    return queries.find_receipt(payment.id)


def documents_url(organisation: Organisation) -> str | None:
    """Give the address of the documents to whoever may see them."""
    if not can(current_actor(), P.SEE_ACCOUNTS, organisation):
        return None
    return url_for("documents.documents", slug=organisation.slug)


def address_wanted_by(organisation: Organisation, terms: PayeeTerms | None) -> list[str]:
    """List who waits for the address of an organisation to bill it; nobody once it is said."""
    return [] if terms is not None and terms.address else queries.who_asked_address(organisation.id)


def _context() -> dict[str, Any]:
    return {
        "address_wanted_by": address_wanted_by,
        "documents_between": documents_between,
        "documents_url": documents_url,
        "receipt_of": receipt_of,
        "document_kinds": paper.KINDS,
    }


blueprint.app_context_processor(_context)
