"""Letters about documents, word for word, to those who keep the accounts of the recipient."""

from datetime import UTC, datetime

import pytest

from app.accounts.models import Role
from app.infra.db import db
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.payments import service as payments
from app.payments.books.postings import Method
from app.payments.documents import service, tasks
from app.payments.documents.models import Document
from app.payments.documents.service import issuing
from tests.factories import a_member
from tests.notifications.goldens import same_as_golden
from tests.payments.books import pay
from tests.payments.documents.town import BillingTown

pytestmark = pytest.mark.usefixtures("session", "frozen")
TREASURER = "tresor@glaneurs.example"


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


@pytest.fixture
def town(locale):
    with quiet():
        made = BillingTown()
        with atomic():
            made.territory.name = "PAT du pays de Blain"
        a_member(made.named["a"], name="Jeanne Moreau", email=TREASURER, locale=locale, role=Role.TREASURER)
        a_member(made.named["a"], email="membre@glaneurs.example", locale=locale)
        a_member(made.named["kitchen"], email="cuisine@exemple.org", locale=locale, role=Role.TREASURER)
    return made


def issue(town, monkeypatch, **how):
    """Issue, and give the last document an address that is the same each time."""
    with monkeypatch.context() as patched:
        patched.setattr(issuing, "new_public_id", lambda: "D7M2PQ4XKZWA")
        [document] = town.issue("a", **how)
    return document


def test_an_invoice_is_told(post, town, locale, monkeypatch):
    with quiet():
        due = town.billed("a", 1879)
        pay(due, 500, Method.TRANSFER)
    issue(town, monkeypatch)
    [mail] = post.run()
    assert mail.to == TREASURER
    same_as_golden(locale, "document_invoice", mail)


def test_a_credit_note_is_told(post, town, locale, monkeypatch):
    with quiet():
        due = town.billed("a", 1879)
        [invoice] = town.issue("a")
        tasks.make_file(invoice.id)
        payments.credit("cr", due.charge_id, "Panne de la chambre froide", 400)
    issue(town, monkeypatch)
    same_as_golden(locale, "document_credit_note", post.to(TREASURER))


def test_a_statement_is_told(post, town, locale, monkeypatch):
    service.end_mandate(town.keeper("kitchen"), town.ids["kitchen"])
    town.billed("a", 1879)
    issue(town, monkeypatch)
    same_as_golden(locale, "document_statement", post.to(TREASURER))


def test_a_statement_below_zero_asks_for_nothing(post, town, locale):
    with quiet():
        service.end_mandate(town.keeper("kitchen"), town.ids["kitchen"])
        due = town.billed("a", 1879)
        [statement] = town.issue("a")
        tasks.make_file(statement.id)
        payments.credit("cr", due.charge_id, "Panne de la chambre froide", 400)
    town.issue("a")
    text = post.to(TREASURER).text.replace("\u00a0", " ")
    assert ("Rien n’est à payer : 4,00 €" if locale == "fr" else "Nothing is to be paid: €4.00") in text
    assert ("comment payer" if locale == "fr" else "how to pay") not in text


def test_only_who_keeps_the_accounts_is_asked_for_the_address(post, town):
    with quiet():
        town.billed("a", 1879)
        town.says("a", methods=(), address="")
    service.ask_address(town.keeper("kitchen"), town.ids["kitchen"], town.ids["a"])
    [mail] = post.run()
    assert mail.to == TREASURER
    assert "/structures/a/comptes/reception" in mail.text


def test_a_receipt_is_handed_over_not_sent(post, town):
    paid = pay(town.billed("a", 1879), method=Method.CHEQUE)
    service.issue_receipt(town.keeper("kitchen"), paid.id)
    assert post.run() == []
    assert db.session.query(Document).one().digest


def test_a_document_is_told_once_however_often_its_job_runs(post, town, frozen):
    town.billed("a", 1879)
    [document] = town.issue("a")
    tasks.make_file(document.id)
    frozen.move_to(datetime(2026, 9, 2, tzinfo=UTC))
    tasks.make({"document_id": document.id})
    assert len(post.run()) == 1
