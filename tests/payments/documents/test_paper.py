"""Documents on paper: French, archivable, read aloud; bills with their XML inside; the same bytes each time."""

from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from app.payments.documents import paper
from app.payments.documents.bill import read
from app.payments.documents.rules import Kind
from app.payments.tariffs.tariff import VatRegime
from tests.payments.documents.bills import bill, line
from tests.payments.documents.schematron import FRENCH, broken
from tests.payments.documents.test_bills import CASES

pytestmark = pytest.mark.usefixtures("session")
STATEMENT = bill(
    *(line(1000 + place, VatRegime.FRANCHISE) for place in range(60)),
    kind=Kind.STATEMENT, number="RC-2026-0001", mandated=False,
)  # fmt: skip
RECEIPT = bill(kind=Kind.RECEIPT, number="RE-2026-0001", amount_cents=4000, method="cheque", mandated=False)


def text_of(pdf: bytes) -> str:
    pages = [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]
    return " ".join("\n".join(pages).replace("\u202f", " ").replace("\u00a0", " ").split())


@pytest.mark.parametrize("name", CASES)
def test_a_bill_is_archivable_and_has_its_xml_inside(name):
    made = paper.pdf(CASES[name])
    opened = PdfReader(BytesIO(made))
    root: Any = opened.root_object
    told = opened.xmp_metadata
    assert told is not None
    assert (told.pdfaid_part, told.pdfaid_conformance) == ("3", "A")
    assert "EN 16931" in told.stream.get_data().decode()
    assert "/StructTreeRoot" in root
    assert root["/MarkInfo"].get_object()["/Marked"]
    [attached] = [each.get_object() for each in root["/AF"].get_object()]
    assert (attached["/UF"], attached["/AFRelationship"]) == ("factur-x.xml", "/Alternative")
    [xml] = opened.attachments["factur-x.xml"]
    assert broken(xml) == []
    assert broken(xml, FRENCH) == []
    assert CASES[name].number.encode() in xml


def test_what_is_kept_of_a_bill_gives_the_same_file():
    told = CASES["standard with two rates"]
    assert sha256(paper.pdf(told)).digest() == sha256(paper.pdf(read(told.facts()))).digest()


def test_a_bill_says_in_french_what_the_law_wants_said():
    text = text_of(paper.pdf(CASES["franchise, no VAT number"]))
    for words in (
        "Facture", "N° FA-2026-0001", "Cuisine du Don", "44460 Fégréac", "SIRET 732 829 320 00074", "Les Glaneurs",
        "01/12/2026", "du 03/11/2026 au 30/11/2026", "31/12/2026", "293 B", "trois fois", "40 €", "escompte",
        "au nom et pour le compte du vendeur, Cuisine du Don", "18,79 €", "FR76 3000 6000 0112 3456 7890 189", "1 / 1",
    ):  # fmt: skip
        assert words in text, words
    assert "TVA (hors" not in text


def test_what_has_vat_shows_it_by_rate():
    text = text_of(paper.pdf(CASES["standard with two rates"]))
    assert "49,52 €" in text
    assert "9,90 €" in text
    assert "5,5 %" in text
    assert "89,42 €" in text


def test_what_was_paid_before_is_taken_off():
    text = text_of(paper.pdf(CASES["paid in part"]))
    assert "-10,00 €" in text
    assert "8,79 €" in text
    assert "FR76" not in text_of(paper.pdf(CASES["all paid"]))


def test_a_credit_note_names_its_invoice():
    text = text_of(paper.pdf(replace(CASES["credit note"], reason="Panne de la chambre froide")))
    assert "Avoir" in text
    assert "FA-2026-0001 du 01/12/2026" in text
    assert "Panne de la chambre froide" in text


def test_a_statement_says_that_it_is_no_invoice_and_repeats_its_head():
    made = paper.pdf(STATEMENT)
    opened, text = PdfReader(BytesIO(made)), text_of(made)
    assert "n’est pas une facture" in text
    assert "293 B" not in text
    assert not opened.attachments
    assert len(opened.pages) > 2
    assert text.count("Désignation") == len(opened.pages) - (
        "Désignation" not in opened.pages[-1].extract_text()
    )


def test_why_something_was_lowered_stands_at_its_line():
    lines = [
        line(1000, VatRegime.FRANCHISE, coefficient_bp=4000),
        line(1600, VatRegime.FRANCHISE, whole_cents=2000, lowered_cents=400, reasons=("Four en panne",)),
        line(-250, VatRegime.FRANCHISE, is_taken_back=True, reasons=("Une heure de moins", "Geste")),
        line(900, VatRegime.FRANCHISE, whole_cents=900, corrects="98 km et non 100"),
        line(700, VatRegime.FRANCHISE, reference="MUT ABC"),
    ]
    invoice = text_of(paper.pdf(bill(*lines[:2], lines[3], regime=VatRegime.FRANCHISE)))
    assert "40 % du prix" in invoice
    assert "4,00 € en moins : Four en panne" in invoice
    assert "part de" not in invoice.split("en moins")[0].split("40 %")[1].split("Légumerie")[-1]
    assert "corrigé : 98 km et non 100" in invoice
    statement = text_of(paper.pdf(bill(*lines, kind=Kind.STATEMENT, mandated=False)))
    assert "annulé : Une heure de moins ; Geste" in statement
    assert "référence MUT ABC" in statement


def test_what_was_not_used_says_why_it_is_charged():
    late = line(2000, VatRegime.FRANCHISE, label="", meter="flat", quantity_milli=500, why="cancelled_late")
    missed = line(1000, VatRegime.FRANCHISE, why="absent")
    invoice = text_of(paper.pdf(bill(late, missed, regime=VatRegime.FRANCHISE)))
    assert "annulation tardive · 50 % du prix" in invoice
    assert "absence : personne n’est venu" in invoice
    used = text_of(paper.pdf(bill(line(1000, VatRegime.FRANCHISE, why="used"), regime=VatRegime.FRANCHISE)))
    assert "absence" not in used


def test_each_tier_says_between_which_quantities_its_price_holds():
    first, second, last = (
        line(1000, VatRegime.FRANCHISE, meter="km", tier=tier)
        for tier in ((0, 100_000), (100_000, 200_000), (200_000, None))
    )
    kept = read(bill(first, second, last, regime=VatRegime.FRANCHISE).facts())
    invoice = text_of(paper.pdf(kept))
    assert "jusqu’à 100 km" in invoice
    assert "de 100 km à 200 km" in invoice
    assert "au-delà de 200 km" in invoice


def test_a_statement_below_zero_says_that_nothing_is_to_be_paid():
    back = line(-2500, VatRegime.FRANCHISE, is_taken_back=True, reasons=("Fermeture",))
    text = text_of(paper.pdf(bill(line(1000), back, kind=Kind.STATEMENT, mandated=False)))
    assert "Rien n’est à payer : 15,00 € sont en faveur de la structure" in text
    assert "Total en votre faveur 15,00 €" in text
    assert "À payer" not in text
    assert "FR76" not in text


def test_a_receipt_says_who_gave_what_to_whom():
    text = text_of(paper.pdf(RECEIPT))
    assert "Les Glaneurs a versé 40,00 €, reçus par Cuisine du Don." in text
    assert "Chèque" in text
    assert "Pour" not in text, "nothing is known of what an advance is for"
    assert "Pour : Cuisine, mardi 3." in text_of(paper.pdf(replace(RECEIPT, reason="Cuisine, mardi 3")))
