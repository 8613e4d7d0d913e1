"""The pages of documents: for those who keep the accounts of one of the two, with and without htmx."""

from hashlib import sha256

import pytest
from sqlalchemy import select

from app.accounts.models import Role
from app.core.policy import Actor
from app.infra import files, jobs
from app.infra.db import db
from app.payments import service as payments
from app.payments.books.postings import Method
from app.payments.documents import service
from app.payments.documents.models import Document
from app.payments.documents.service import keeping
from app.payments.models import Payment
from app.payments.tariffs.tariff import VatRegime
from tests.factories import a_coordinator, a_member
from tests.helpers import HTMX
from tests.payments.books import pay
from tests.payments.documents.schematron import broken

HERE = "/structures/kitchen/comptes/documents"


@pytest.fixture
def sign_in(client, login, town):
    """Come in as a treasurer of one of them."""

    def come(name, role=Role.TREASURER):
        login(client, a_member(town.named[name], role=role))

    return come


def issued(app, town, payer="a"):
    town.issue(payer)
    jobs.run_due(app)
    db.session.expire_all()
    return db.session.scalars(select(Document).order_by(Document.id.desc())).first()


def plain(answer):
    return answer.text.replace("\u202f", " ").replace("\u00a0", " ")


def test_nothing_of_it_is_there_while_money_is_off(app, town, client, sign_in):
    town.billed("a", 1000)
    ref = issued(app, town).public_id
    coordination = Actor(coordinated=frozenset({town.territory_id}))
    payments.switch_money(coordination, town.territory_id, is_on=False)
    sign_in("kitchen")
    for end in ("/documents", f"/documents/{ref}", f"/documents/{ref}/pdf", "/facturation"):
        assert client.get(f"/structures/kitchen/comptes{end}").status_code == 404
    assert client.post(f"{HERE}/preparer").status_code == 404


def test_documents_are_for_those_who_keep_the_accounts_of_one_of_the_two(app, town, client, sign_in, login):
    town.billed("a", 1000)
    ref = issued(app, town).public_id
    login(client, a_coordinator(town.territory))
    assert client.get(HERE).status_code == 403
    assert client.get(f"{HERE}/{ref}/pdf").status_code == 403
    sign_in("b")
    assert client.get(f"/structures/b/comptes/documents/{ref}").status_code == 404
    assert client.get(f"{HERE}/{ref}").status_code == 403
    sign_in("a", Role.MEMBER)
    assert client.get(f"/structures/a/comptes/documents/{ref}").status_code == 403
    sign_in("a")
    assert client.get(f"/structures/a/comptes/documents/{ref}/pdf").status_code == 200
    assert client.post(f"/structures/a/comptes/documents/{ref}/refaire").status_code == 303


def test_what_is_on_no_document_is_billed_from_the_page(app, town, client, sign_in):
    town.billed("a", 1000)
    town.billed("b", 250)
    sign_in("kitchen")
    shown = plain(client.get(HERE))
    assert "10,00 €" in shown
    assert "Facturer maintenant" in shown
    answer = client.post(f"{HERE}/preparer", data={"structure": "a"})
    where = answer.headers["Location"]
    going = client.get(where)
    assert "0 sur 1" in plain(going)
    assert 'hx-trigger="every 2s, click"' in going.text
    piece = client.get(where, headers=HTMX)
    assert "<html" not in piece.text
    jobs.run_due(app)
    over = client.get(where)
    assert "C’est fait : 1 sur 1." in plain(over)
    assert "FA-2026-0001" in over.text
    assert "every 2s" not in over.text
    shown = plain(client.get(HERE))
    assert "FA-2026-0001" in shown
    assert "2,50 €" in shown
    assert client.post(f"{HERE}/preparer", data={"structure": "nobody"}).status_code == 404


def test_who_gets_none_is_told_why_and_what_to_do(app, town, client, sign_in):
    town.billed("a", 1000, VatRegime.STANDARD, 2000)
    sign_in("kitchen")
    where = client.post(f"{HERE}/preparer").headers["Location"]
    jobs.run_due(app)
    shown = plain(client.get(where))
    assert "Rien pour Les Glaneurs" in shown
    assert "Comment on nous paie" in shown
    town.says("kitchen", vat_regime=VatRegime.FRANCHISE, siret="")
    answer = client.post(f"{HERE}/preparer", data={"periode": "mois"}, follow_redirects=True)
    assert "Il n’y a rien à préparer" in plain(answer), "August had nothing"


def test_who_lacks_an_address_is_asked_for_it_once_a_day(app, town, client, sign_in, frozen):
    town.billed("a", 1000)
    town.says("a", methods=(), address="")
    sign_in("kitchen")
    where = client.post(f"{HERE}/preparer").headers["Location"]
    jobs.run_due(app)
    assert "Leur demander leur adresse" in plain(client.get(where))
    answer = client.post(f"{where}/adresse", data={"structure": "a"}, follow_redirects=True)
    assert "Demandé par courriel" in plain(answer)
    assert "Leur demander leur adresse" not in answer.text
    assert "Demandé il y a moins d’un jour" in plain(answer)
    again = client.post(f"{where}/adresse", data={"structure": "a"}, follow_redirects=True)
    assert "il y a moins d’un jour. Redemandez demain" in plain(again)
    assert client.post(f"{where}/adresse", data={"structure": "b"}).status_code == 404, (
        "b got what it was to have"
    )
    frozen.tick(days=1)
    assert "Leur demander leur adresse" in plain(client.get(where))
    town.says("a", methods=())
    known = client.post(f"{where}/adresse", data={"structure": "a"}, follow_redirects=True)
    assert "a saisi son adresse entre-temps" in plain(known)


def test_a_document_is_read_downloaded_and_held_against_its_hash(app, town, client, sign_in):
    town.billed("a", 1000)
    document = issued(app, town)
    ref, digest = document.public_id, document.digest
    sign_in("a")
    here = f"/structures/a/comptes/documents/{ref}"
    shown = plain(client.get(here))
    assert digest in shown
    assert "10,00 €" in shown
    assert "/structures/a/comptes/avec/kitchen/payer" in shown
    got = client.get(f"{here}/pdf")
    assert got.mimetype == "application/pdf"
    assert got.headers["Content-Disposition"] == 'attachment; filename="FA-2026-0001.pdf"'
    assert sha256(got.data).hexdigest() == digest
    assert broken(client.get(f"{here}/xml").data) == []
    path = files.find(keeping.SHELF, keeping.file_name(digest))
    assert path is not None
    path.write_bytes(b"%PDF")
    assert "n’est pas celui qui a été émis" in plain(client.get(here))
    assert client.get(f"{here}/pdf").status_code == 409
    answer = client.post(f"{here}/refaire", follow_redirects=True)
    assert "identique à la lettre" in plain(answer)
    assert client.get(f"{here}/pdf").data == got.data


def test_a_document_whose_file_is_being_made_says_so(town, client, sign_in):
    town.billed("a", 1000)
    [document] = town.issue("a")
    ref = document.public_id
    sign_in("kitchen")
    assert "en cours de fabrication" in client.get(f"{HERE}/{ref}").text
    assert client.get(f"{HERE}/{ref}/pdf").status_code == 409


def test_a_statement_has_no_xml_and_is_listed_by_kind_and_year(app, town, client, sign_in):
    service.end_mandate(town.keeper("kitchen"), town.ids["kitchen"])
    town.billed("a", 1000)
    ref = issued(app, town).public_id
    sign_in("kitchen")
    assert client.get(f"{HERE}/{ref}/xml").status_code == 404
    assert "RC-2026-0001" in client.get(f"{HERE}?type=statement&annee=2026").text
    assert "RC-2026-0001" not in client.get(f"{HERE}?type=invoice").text
    assert "RC-2026-0001" not in client.get(f"{HERE}?annee=2025").text
    assert "RC-2026-0001" in client.get(f"{HERE}?annee={10**30}&type=none").text, "no such year: all of them"
    assert "RC-2026-0001" in client.get("/structures/kitchen/comptes/avec/a").text
    assert "/comptes/documents" in client.get("/structures/kitchen/comptes").text


def test_the_mandate_is_accepted_and_ended_on_its_page(town, client, sign_in):
    sign_in("kitchen")
    here = "/structures/kitchen/comptes/facturation"
    assert "Mettre fin au mandat" in client.get(here).text
    assert client.post(f"{here}/mandat/fin").status_code == 303
    shown = client.get(here).text
    assert "Accepter le mandat" in shown
    client.post(f"{here}/mandat")
    client.post(f"{here}/mensuel", data={"mensuel": "1"})
    shown = client.get(here).text
    assert "Mettre fin au mandat" in shown
    assert "dans la nuit" in shown
    sign_in("hall")
    hall = "/structures/hall/comptes/facturation"
    assert "Accepter" not in client.get(hall).text
    assert "organisme public" in client.post(f"{hall}/mandat", follow_redirects=True).text


def test_a_receipt_is_given_on_the_page_of_a_payment(app, town, client, sign_in):
    pay(town.billed("a", 1000), 400, Method.CHEQUE)
    ref = db.session.scalars(select(Payment)).one().public_id
    sign_in("kitchen")
    here = f"/structures/kitchen/comptes/paiements/{ref}"
    assert "Donner un reçu" in client.get(here).text
    answer = client.post(f"{here}/recu", follow_redirects=True)
    assert "RE-2026-0001" in answer.text
    jobs.run_due(app)
    assert "Reçu RE-2026-0001" in plain(client.get(here))
    sign_in("a")
    assert "RE-2026-0001" in client.get("/structures/a/comptes/documents").text


def test_a_receipt_of_an_undone_payment_says_so_wherever_it_is(app, town, client, sign_in):
    payment = pay(town.billed("a", 1000), 400, Method.CHEQUE)
    payment_id, ref = payment.id, payment.public_id
    receipt = service.issue_receipt(town.keeper("kitchen"), payment_id).public_id
    jobs.run_due(app)
    sign_in("a")
    assert "paiement annulé" not in client.get("/structures/a/comptes/documents").text
    payments.undo_payment(town.keeper("kitchen"), payment_id, "C’était un autre")
    for who in ("a", "kitchen"):
        sign_in(who)
        assert "paiement annulé" in client.get(f"/structures/{who}/comptes/documents").text
        page = client.get(f"/structures/{who}/comptes/documents/{receipt}").text
        assert "paiement annulé" in page
        assert "n’est plus valable" in page
    assert "qui n’est plus valable" in plain(client.get(f"/structures/kitchen/comptes/paiements/{ref}"))


def test_who_is_asked_for_their_address_reads_it_in_their_accounts_until_it_is_there(town, client, sign_in):
    town.billed("a", 1000)
    town.says("a", methods=(), address="")
    sign_in("a")
    here = "/structures/a/comptes"
    assert "Votre adresse est demandée" not in plain(client.get(here))
    service.ask_address(town.keeper("kitchen"), town.ids["kitchen"], town.ids["a"])
    asked = plain(client.get(here))
    assert "Votre adresse est demandée" in asked
    assert f"Demandée par : {town.named['kitchen'].name}" in asked
    town.says("a", methods=(), address="1 rue du Four, 44110 Don")
    assert "Votre adresse est demandée" not in plain(client.get(here))
