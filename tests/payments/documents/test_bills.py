"""Bills: their sums to the cent, what is kept of them, and their XML held against the rules of the standards."""

import random
from dataclasses import replace
from datetime import date

import pytest
from lxml import etree

from app.payments.documents import rules
from app.payments.documents.bill import read
from app.payments.documents.factur_x import xml
from app.payments.documents.rules import Kind, net_parts
from app.payments.tariffs.tariff import VatRegime
from tests.payments.documents.bills import BUYER, SELLER, bill, line, said
from tests.payments.documents.schematron import FRENCH, broken

WITHOUT_VAT = replace(SELLER, vat_number="")
CASES = {
    "standard with two rates": bill(line(1879), line(3000, bp=550), line(4063)),
    "paid in part": bill(line(1879), paid_cents=1000),
    "all paid": bill(line(1879), paid_cents=1879),
    "franchise, no VAT number": bill(
        line(1879, VatRegime.FRANCHISE), regime=VatRegime.FRANCHISE, seller=WITHOUT_VAT
    ),
    "exempt for two reasons": bill(
        line(1879, VatRegime.EXEMPT), line(55, VatRegime.GROUP), regime=VatRegime.EXEMPT, seller=WITHOUT_VAT
    ),
    "standard, and some exempt": bill(line(1879), line(55, VatRegime.GROUP)),
    "outside the scope": bill(
        line(1879, VatRegime.OUT_OF_SCOPE), regime=VatRegime.OUT_OF_SCOPE, seller=WITHOUT_VAT
    ),
    "credit note": bill(
        line(1879),
        kind=Kind.CREDIT_NOTE,
        number="AV-2026-0001",
        amends="FA-2026-0001",
        amends_on=date(2026, 12, 1),
    ),
    "three cents, which no sum without VAT gives": bill(line(3)),
    "odd cents": bill(line(1), line(1), line(1), line(2)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_xml_of_a_bill_keeps_the_rules_of_the_standards(name):
    """EN 16931 by its own schema and rules, and the French rules on top (XP Z12-012)."""
    made = xml(CASES[name], said(CASES[name]))
    assert broken(made) == []
    assert broken(made, FRENCH) == []


def test_a_buyer_without_a_number_is_no_breach_of_the_european_rules():
    """The French ones want to know where its invoices are received, which follows from its SIREN."""
    told = bill(line(1879), buyer=replace(BUYER, siret=""))
    assert broken(xml(told, said(told))) == []


def test_the_rules_do_find_what_is_wrong():
    made = xml(CASES["paid in part"], said(CASES["paid in part"])).replace(b">8.79<", b">8.80<")
    assert any("BR-CO-16" in each for each in broken(made))
    assert broken(made.replace(b">PMT<", b">REG<"), FRENCH)


def test_the_xml_says_what_is_paid_whom_it_amends_and_how_it_is_paid():
    text = xml(CASES["paid in part"], said(CASES["paid in part"])).decode()
    assert "<ram:TotalPrepaidAmount>10.00</ram:TotalPrepaidAmount>" in text
    assert "<ram:DuePayableAmount>8.79</ram:DuePayableAmount>" in text
    assert "FR7630006000011234567890189" in text
    amending = etree.fromstring(xml(CASES["credit note"], said(CASES["credit note"])))
    assert "FA-2026-0001" in [*amending.itertext()]
    assert "FR7630006000011234567890189" not in [*amending.itertext()]


def test_the_same_bill_gives_the_same_xml():
    told = CASES["odd cents"]
    assert xml(told, said(told)) == xml(read(told.facts()), said(told))


@pytest.mark.parametrize("name", CASES)
def test_what_is_kept_of_a_bill_is_all_of_it(name):
    assert read(CASES[name].facts()) == CASES[name]


def test_taking_the_vat_out_loses_no_cent():
    """The sum is rounded once; the VAT is the rest, and within a cent of the rate."""
    dice = random.Random(4)
    for _ in range(2000):
        cents = [dice.randint(1, 20_000) for _ in range(dice.randint(1, 9))]
        bp = dice.choice([210, 550, 1000, 2000])
        parts = net_parts(cents, bp)
        vat = sum(cents) - sum(parts)
        assert all(0 <= part <= each for part, each in zip(parts, cents, strict=True))
        assert abs(vat - sum(parts) * bp / 10_000) < 1
        assert all(
            abs(part - each * 10_000 / (10_000 + bp)) < 1 for part, each in zip(parts, cents, strict=True)
        )


def test_taking_the_vat_out_by_hand():
    assert net_parts([1200], 2000) == [1000]
    assert net_parts([4063, 1879, 1], 2000) == [3386, 1566, 1]
    assert net_parts([1, 1, 1], 2000) == [1, 1, 1]
    assert net_parts([-1200, 600], 2000) == [-1000, 500]
    assert net_parts([500, 300], 0) == [500, 300]
    assert net_parts([], 2000) == []


def test_months_numbers_and_days():
    assert rules.number_words(Kind.INVOICE, 2026, 7) == "FA-2026-0007"
    assert rules.due_on(date(2026, 12, 1)) == date(2026, 12, 31)
    assert (rules.month_before("2027-01"), rules.month_after("2026-12")) == ("2026-12", "2027-01")
    with pytest.raises(ValueError, match="month"):
        rules.first_day("2026-13")
