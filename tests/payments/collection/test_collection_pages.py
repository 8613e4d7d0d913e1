"""The pages of a public body's collection: who has them, what they show, what they hand over."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from io import BytesIO

import pytest
from pypdf import PdfReader

from app.accounts.models import LegalNature, Role
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.books.postings import Method, Pair
from app.payments.collection.models import CollectionBatch
from app.payments.splits.keys import alone
from app.payments.tariffs.tariff import Meter
from tests.factories import a_member
from tests.payments.books import Town

HERE = "/structures/mairie/comptes/titres"
PERIOD = {"starts_on": "2026-08-01", "ends_on": "2026-09-30"}


@pytest.fixture
def town(session, frozen):
    made = Town("mairie", "a", "b")
    payments.switch_money(Actor(coordinated=frozenset({made.territory_id})), made.territory_id, is_on=True)
    with atomic():
        made.named["mairie"].legal_nature = LegalNature.PUBLIC
        for name, each in made.named.items():
            each.slug, each.name = name, {"mairie": "Commune du Don"}.get(name, f"Asso {name}")
    terms = payments.Terms(
        "Les Glaneurs du Don", "1 rue du Four\n44110 Don", (Method.CASH,), siret="73282932000074"
    )
    payments.say_terms(Actor(memberships={made.ids["a"]: "treasurer"}), made.ids["a"], terms)
    return made


@pytest.fixture
def sign_in(client, login, town):
    def come(name, role=Role.TREASURER):
        login(client, a_member(town.named[name], role=role))

    return come


def plain(answer):
    return answer.text.replace("\u202f", " ").replace("\u00a0", " ")


def made(client, town, sign_in):
    town.owes("a", "mairie", 4063)
    sign_in("mairie")
    client.post(HERE, data=PERIOD)
    return f"{HERE}/{db.session.query(CollectionBatch).one().public_id}"


def test_others_have_no_such_page(town, client, sign_in):
    sign_in("a")
    assert client.get("/structures/a/comptes/titres").status_code == 404
    assert "Titres de recette" not in client.get("/structures/a/comptes").text
    assert client.get(HERE).status_code == 403
    sign_in("mairie", Role.MEMBER)
    assert client.get(HERE).status_code == 403
    sign_in("mairie")
    assert "Titres de recette" in client.get("/structures/mairie/comptes").text
    payments.switch_money(Actor(coordinated=frozenset({town.territory_id})), town.territory_id, is_on=False)
    assert client.get(HERE).status_code == 404


def test_a_batch_is_made_and_said_to_be_sent(town, client, sign_in):
    url = made(client, town, sign_in)
    text = plain(client.get(url))
    assert "Bordereau 2026-1" in text
    assert "40,63 €" in text
    assert client.post(f"{url}/envoi", data={"sent_on": "2026-10-01"}).status_code == 422
    assert client.post(f"{url}/envoi", data={"sent_on": "hier"}).status_code == 422
    client.post(f"{url}/envoi", data={"sent_on": "2026-09-01"})
    assert "envoyé le mar. 1 sept." in plain(client.get(HERE))
    answer = client.post(HERE, data=PERIOD)
    assert answer.status_code == 422
    assert "Rien ne vous est dû pour cette période" in plain(answer)


@pytest.mark.parametrize(
    "typed", [{}, {"starts_on": "x", "ends_on": "y"}, {"starts_on": "2026-09-30", "ends_on": "2026-08-01"}]
)
def test_a_period_that_is_none_is_refused(town, client, sign_in, typed):
    town.owes("a", "mairie", 4063)
    sign_in("mairie")
    assert client.post(HERE, data=typed).status_code == 422
    assert db.session.query(CollectionBatch).count() == 0


def test_numbers_are_entered_and_what_was_typed_is_kept_where_it_is_refused(town, client, sign_in):
    town.owes("b", "mairie", 100)
    url = made(client, town, sign_in)
    numbers = {"titre-1": "  2026   T 12 ", "titre-2": "T 13"}
    answer = client.post(f"{url}/numeros", data=numbers, follow_redirects=True)
    assert 'value="2026 T 12"' in answer.text
    answer = client.post(f"{url}/numeros", data=numbers | {"titre-2": "2026 T 12"})
    assert answer.status_code == 422
    assert answer.text.count('value="2026 T 12"') == 2
    assert "un titre a un seul débiteur" in answer.text


def test_the_papers(town, client, sign_in, frozen):
    frozen.tick(microseconds=7)
    url = made(client, town, sign_in)
    table = client.get(f"{url}/bordereau.csv")
    assert table.mimetype == "text/csv"
    assert "Les Glaneurs du Don;73282932000074;1 rue du Four 44110 Don" in table.text
    with client.session_transaction() as session:
        session["locale"] = "en"
    paper = client.get(f"{url}/etat-liquidatif.pdf")
    assert paper.headers["Content-Disposition"] == 'attachment; filename="etat-liquidatif-2026-1.pdf"'
    assert paper.data == client.get(f"{url}/etat-liquidatif.pdf").data, "the same paper each time"
    read = PdfReader(BytesIO(paper.data))
    words = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    for said in (
        "État liquidatif n° 2026-1", "Commune du Don", "Les Glaneurs du Don", "SIRET 73282932000074", "40,63 €",
        "à la somme de quarante euros et soixante-trois centimes", "L’ordonnateur",
    ):  # fmt: skip
        assert said in words.replace("\u202f", " ").replace("\u00a0", " "), said
    assert read.metadata is not None
    assert read.metadata.title == "État liquidatif n°\u00a02026-1"


def test_a_batch_that_was_made_by_mistake_is_withdrawn_from_its_page(town, client, sign_in):
    url = made(client, town, sign_in)
    assert client.post(f"{url}/retrait", data={"reason": " "}).status_code == 422
    told = plain(client.post(f"{url}/retrait", data={"reason": "Mauvais mois"}, follow_redirects=True))
    assert "Retiré" in told
    assert "Mauvais mois" in told
    assert "etat-liquidatif.pdf" not in told
    for end in ("bordereau.csv", "etat-liquidatif.pdf"):
        assert client.get(f"{url}/{end}").status_code == 404
    assert client.post(f"{url}/envoi", data={"sent_on": "2026-09-01"}).status_code == 422
    numbered = client.post(f"{url}/numeros", data={"titre-1": "2026-77"})
    assert numbered.status_code == 422
    assert "Mauvais mois" in plain(client.get(HERE))
    assert client.post(HERE, data=PERIOD).status_code == 303
    second = f"{HERE}/{db.session.query(CollectionBatch).filter_by(number=2).one().public_id}"
    client.post(f"{second}/envoi", data={"sent_on": "2026-09-01"})
    assert "Retirer ce bordereau" not in client.get(second).text
    refused = client.post(f"{second}/retrait", data={"reason": "Encore"})
    assert refused.status_code == 422
    assert "chez votre comptable" in plain(refused)


def test_each_line_says_what_it_is_made_of_and_nobody_signs_an_empty_page(town, client, sign_in):
    flat = town.line("mairie", 1875)
    hours = replace(
        flat.priced, meter=Meter.HOUR, label="Heures pleines", quantity=Fraction(3, 2), unit_cents=1250
    )
    town.charge(replace(flat, priced=hours), by=alone(town.ids["a"]))
    for _ in range(13):
        town.owes("b", "mairie", 1000)
    sign_in("mairie")
    client.post(HERE, data=PERIOD)
    url = f"{HERE}/{db.session.query(CollectionBatch).one().public_id}"
    assert "1,5 h × 12,50 €" in plain(client.get(f"{url}/bordereau.csv"))
    read = PdfReader(BytesIO(client.get(f"{url}/etat-liquidatif.pdf").data))
    pages = [page.extract_text().replace("\u202f", " ").replace("\u00a0", " ") for page in read.pages]
    assert "Heures pleines · 1,5 h × 12,50 €" in " ".join(pages[0].split())
    assert "L’ordonnateur" in pages[-1]
    assert "Débiteur" in pages[-1]
    assert "Asso b" in pages[-1], "the last line goes with the place to sign"


def test_what_was_taken_back_is_marked(town, client, sign_in):
    url = made(client, town, sign_in)
    charge_id = db.session.query(CollectionBatch).one().lines[0].due.charge_id
    payments.credit("credit", charge_id, "Erreur")
    text = plain(client.get(url))
    assert "titre à annuler" in text
    assert "Demandez à votre comptable de réduire" in text


def test_before_a_batch_is_made_the_list_tells_what_is_on_its_way_and_who_has_no_siret(town, client, sign_in):
    town.owes("a", "mairie", 1000)
    town.owes("b", "mairie", 700)
    said = payments.Said(1000, Method.TRANSFER, date(2026, 9, 1))
    payer = Actor(memberships={town.ids["a"]: "treasurer"})
    payments.announce(payer, Pair(town.ids["a"], town.ids["mairie"]), said, "a")
    sign_in("mairie")
    body = plain(client.get(HERE))
    assert "10,00 € annoncés" in body
    assert "pas encore de SIRET" in body
    assert body.count("Asso b") == 2, "named by the notice, and in the list"
    assert "leaves_announced" in body
    client.post(HERE, data=PERIOD | {"leaves_announced": "y"})
    assert [line.cents for line in db.session.query(CollectionBatch).one().lines] == [700]


def test_without_announcements_there_is_nothing_to_leave_out(town, client, sign_in):
    town.owes("a", "mairie", 1000)
    sign_in("mairie")
    body = plain(client.get(HERE))
    assert "leaves_announced" not in body
    assert "SIRET" not in body
