"""Statements of banks: read, matched with what is owed, noted once; and nothing of others is kept."""

from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import select

from app.accounts.models import Role
from app.core.policy import Actor
from app.infra.db import db
from app.payments import service
from app.payments.bank.files import Credit, Unreadable, credits_of, read_camt, table_of, text_of
from app.payments.bank.matching import Debtor, Match, match
from app.payments.models import BankLine, Payment
from tests.factories import a_member
from tests.payments.books import Town, sound

CSV = """Relevé du compte 123
Date;Libellé;Débit euros;Crédit euros
31/08/2026;VIR SEPA LES GLANEURS MUT {ref};;1 040,00
30/08/2026;PRLV EDF;-12,50;
29/08/2026;REMISE CHEQUE;;25,00
aujourd'hui;VIR X;;3,00
28/08/2026;VIR Y;;beaucoup
"""
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
<Ntry><Amt Ccy="EUR">10.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-08-31</Dt></BookgDt>
<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><Dbtr><Nm>Les Glaneurs</Nm></Dbtr>
</RltdPties><RmtInf><Ustrd>MUT ABC</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">7.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-08-31</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="EUR">x</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-08-31</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def test_a_table():
    table = table_of(CSV)
    assert table.guess == {"day": 0, "amount": 3, "text": 1}
    read = credits_of(table, table.guess)
    assert read.credits == [
        Credit(date(2026, 8, 31), 104_000, "VIR SEPA LES GLANEURS MUT {ref}"),
        Credit(date(2026, 8, 29), 2500, "REMISE CHEQUE"),
    ]
    assert read.wrong == [(6, "day"), (7, "amount")]


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("1.234,56", 123_456),
        ("1,234.56", 123_456),
        ("12", 1200),
        ("12.5 EUR", 1250),
        ("+12,50 €", 1250),
        ("10.500", 1050),
        ("−3,00", None),
        ("-3", None),
        ("1e5", None),
        ("1E999999", None),
        ("1E900000", None),
        ("٣", None),
        ("1.234", None),
        ("9999999999", None),
    ],
)
def test_amounts_as_banks_write_them(typed, cents):
    read = credits_of(table_of(f"Date\tMontant\n2026-08-31\t{typed}"), {"day": 0, "amount": 1})
    assert [each.cents for each in read.credits] == ([cents] if cents else [])


def test_a_column_that_says_which_way_it_went():
    table = table_of(
        "Date;Libellé;Montant;Sens\n2026-08-31;A;3,00;C\n2026-08-31;B;4,00;D\n2026-08-31;C;5,00;Débit"
    )
    assert table.guess == {"side": 3, "day": 0, "amount": 2, "text": 1}
    assert [each.cents for each in credits_of(table, table.guess).credits] == [300]


def test_a_file_is_read_whole_or_not_at_all():
    rows = "\n".join("2026-08-31;1,00" for _ in range(2001))
    with pytest.raises(Unreadable) as refused:
        table_of(f"Date;Montant\n{rows}")
    assert refused.value.reason == "size"
    with pytest.raises(Unreadable) as refused:
        read_camt(statement(*[entry("1.00")] * 2001))
    assert refused.value.reason == "size"


def entry(cents: str, more: str = "", currency: str = "EUR", day: str = "2026-08-31") -> str:
    return (
        f'<Ntry><Amt Ccy="{currency}">{cents}</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>{day}</Dt></BookgDt>'
        f"<NtryDtls>{more}</NtryDtls></Ntry>"
    )


def part(name: str, said: str, amount: str = "") -> str:
    return (
        f"<TxDtls>{amount}<RltdPties><Dbtr><Nm>{name}</Nm></Dbtr></RltdPties><Ustrd>{said}</Ustrd></TxDtls>"
    )


def statement(*entries: str) -> str:
    return f"<Document>{''.join(entries)}</Document>"


@pytest.mark.parametrize(
    "form", ["<Amt Ccy='EUR'>{}</Amt>", "<AmtDtls><TxAmt><Amt>{}</Amt></TxAmt></AmtDtls>"]
)
def test_several_payers_in_one_amount(form):
    ours, theirs = form.format("10.00"), form.format("20.00")
    told = read_camt(
        statement(entry("30.00", part("Glaneurs", "MUT A", ours) + part("GAEC", "MUT B", theirs)))
    )
    assert [(each.cents, each.name, each.text) for each in told.credits] == [
        (1000, "Glaneurs", "MUT A"),
        (2000, "GAEC", "MUT B"),
    ]
    for parts in (
        part("Glaneurs", "MUT A") + part("GAEC", "MUT B"),
        part("A", "", ours) + part("B", "", ours),
    ):
        vague = read_camt(statement(entry("30.00", parts)))
        assert (vague.credits, vague.wrong) == ([], [(1, "batch")])


@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        (entry("-5.00"), "amount"),
        (entry("0.00"), "amount"),
        (entry("5.00", currency="USD"), "currency"),
        (entry("5.00", day="0001-01-01"), "day"),
        (entry("5.00", day="9999-12-31"), "future"),
    ],
)
def test_entries_that_cannot_be_money_that_came(made, wrong):
    read = read_camt(statement(made, entry("1.00")), date(2026, 9, 1))
    assert (len(read.credits), read.wrong) == (1, [(1, wrong)])
    table = table_of("Date;Montant\n31/12/2098;5,00\n31/12/1999;5,00")
    assert credits_of(table, table.guess, date(2026, 9, 1)).wrong == [(2, "future"), (3, "day")]


def test_a_statement_in_xml():
    read = read_camt(CAMT)
    assert read.credits == [Credit(date(2026, 8, 31), 1050, "MUT ABC", "Les Glaneurs")]
    assert read.wrong == [(3, "amount")]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Document>&a;</Document>',
        "<Document>",
        "<Document/>",
    ],
)
def test_xml_that_is_not_read(text):
    with pytest.raises(Unreadable):
        read_camt(text)


@pytest.mark.parametrize(("data", "reason"), [(b"x" * 400_001, "size"), (b"\x81\x8d", "encoding")])
def test_files_that_are_not_read(data, reason):
    with pytest.raises(Unreadable) as refused:
        text_of(data)
    assert refused.value.reason == reason
    for text in ("", "a;b\n" * 40_000):
        with pytest.raises(Unreadable):
            table_of(text)


GLANEURS = Debtor(1, "Les Glaneurs du Don", "GGGGGGGGGGGG", (("DDDDDDDDDDDD", 1000), ("EEEEEEEEEEEE", 250)))
OTHER = Debtor(2, "GAEC du Petit Bois", "PPPPPPPPPPPP", (("FFFFFFFFFFFF", 1000),))


@pytest.mark.parametrize(
    ("cents", "text", "found"),
    [
        (5, "VIR MUT EEEE EEEE EEEE", (1, "EEEEEEEEEEEE", "sure")),
        (5, "vir mut pppppppppppp", (2, "", "sure")),
        (1000, "VIR GLANEURS DU DON", (1, "DDDDDDDDDDDD", "likely")),
        (1250, "VIR", (1, "", "possible")),
        (1000, "VIR", None),  # both owe that
        (999, "VIR PETIT BOIS", (2, "", "possible")),
        (999, "VIR", None),
        (5, "MUT EEEEEEEEEEEE MUT FFFFFFFFFFFF", None),  # of both
        (5, "MUT DDDDDDDDDDDD EEEEEEEEEEEE", (1, "", "sure")),  # several of one
    ],
)
def test_who_may_have_paid(cents, text, found):
    assert match(cents, text, [GLANEURS, OTHER]) == (found and Match(*found))


@pytest.fixture
def town(session, frozen):
    made = Town("cuisine", "glaneurs", "gaec")
    service.switch_money(Actor(coordinated=frozenset({made.territory_id})), made.territory_id, is_on=True)
    return made


@pytest.fixture
def page(town, client, login):
    login(client, a_member(town.named["cuisine"], role=Role.TREASURER))
    return f"/structures/{town.slugs['cuisine']}/comptes/banque"


def send(client, page, text):
    data = {"fichier": (BytesIO(text.encode()), "releve.csv")}
    return client.post(page, data=data, content_type="multipart/form-data", follow_redirects=True)


def the_line(town, cents=1000):
    """A treasurer of the kitchen, and the one line of their bank."""
    treasurer = Actor(memberships={town.ids["cuisine"]: "treasurer"})
    service.take_in(treasurer, town.ids["cuisine"], [Credit(date(2026, 8, 31), cents, "VIR", "Jeanne")])
    return treasurer, lines()[0]


def test_a_line_that_was_noted_as_somebody_elses_waits_again(town):
    town.owes("glaneurs", "cuisine", 1000)
    town.owes("gaec", "cuisine", 1000)
    treasurer, line = the_line(town)
    wrong = service.note_line(treasurer, line.id, town.ids["glaneurs"])
    for _twice in range(2):
        service.undo_payment(treasurer, wrong.id, "C’était le GAEC")
    assert (lines()[0].state, lines()[0].text) == ("new", "VIR")
    right = service.note_line(treasurer, line.id, town.ids["gaec"])
    assert (right.payer_id, right.allocated_cents, lines()[0].payment_id) == (
        town.ids["gaec"],
        1000,
        right.id,
    )
    assert service.note_line(treasurer, line.id, town.ids["glaneurs"]).id == right.id
    service.undo_payment(treasurer, wrong.id, "Encore")
    assert lines()[0].state == "noted"
    assert sound()


def test_what_was_noted_is_forgotten_after_some_weeks(town, frozen):
    town.owes("gaec", "cuisine", 1000)
    treasurer, line = the_line(town)
    service.note_line(treasurer, line.id, town.ids["gaec"])
    frozen.tick(days=41)
    service.forget_lines()
    assert lines()[0].name == "Jeanne"
    frozen.tick(days=2)
    service.forget_lines()
    assert (lines()[0].state, lines()[0].text, lines()[0].name) == ("noted", "", "")


def lines():
    db.session.expire_all()
    return db.session.scalars(select(BankLine).order_by(BankLine.id)).all()


def test_from_the_file_to_the_books(town, client, page):
    due = town.owes("glaneurs", "cuisine", 100_000)
    town.owes("gaec", "cuisine", 700)
    text = CSV.format(ref=due.public_id)
    columns = send(client, page, text)
    assert "À quoi sert chaque colonne" in columns.text
    chosen = {"contenu": text, "day": "0", "amount": "3", "text": "1", "name": ""}
    for added in ("2 nouvelles lignes", "2 lignes étaient déjà là"):
        shown = client.post(page, data=chosen)
        assert shown.status_code == 422  # two lines could not be read
        assert added in shown.text
        assert "Ligne 6" in shown.text
        assert "Aucun encaissement" not in shown.text
    known, unknown = lines()
    listed = client.get(page).text
    assert "Quelqu’un d’autre" in listed
    assert "la référence le dit" in listed
    assert "REMISE CHEQUE" in listed
    for _twice in range(2):
        sent = {"payeur": town.slugs["glaneurs"], "du": due.public_id}
        assert client.post(f"{page}/{known.public_id}/noter", data=sent).status_code == 303
    assert "40,00 € dépassent ce qui était dû" in client.get(page).text.replace("\u00a0", " ").replace(
        "\u202f", " "
    )
    db.session.expire_all()
    assert due.owed_cents == 0
    paid = db.session.scalars(select(Payment)).one()
    assert (paid.cents, paid.free_cents, paid.at.date()) == (104_000, 4000, date(2026, 8, 31))
    assert client.post(f"{page}/{unknown.public_id}/noter").status_code == 303
    assert "Choisissez qui a payé" in client.get(page).text
    client.post(f"{page}/{unknown.public_id}/ignorer")
    assert [(line.state, line.text) for line in lines()] == [("noted", known.text), ("ignored", "")]
    assert "Aucune ligne en attente" in client.get(page).text
    client.post(page, data=chosen)
    assert "REMISE CHEQUE" in client.get(page).text
    assert [line.state for line in lines()] == ["noted", "new"]
    assert sound()


def test_a_statement_is_read_at_once(town, client, page):
    good = CAMT.replace('<Amt Ccy="EUR">x', '<Amt Ccy="EUR">3')
    assert "2 nouvelles lignes" in send(client, page, good).text
    odd = send(client, page, statement(entry("-5.00"), entry("5.00", currency="USD"), entry("8.00")))
    assert odd.status_code == 422
    assert "Ligne 1" in odd.text
    assert "pas en euros" in odd.text
    assert "1 nouvelle ligne" in odd.text
    assert "pas un relevé CAMT.053 lisible" in send(client, page, "<Document>").text
    assert "Aucun encaissement" in send(client, page, "").text


def test_what_was_put_aside_comes_back_with_its_file(town, frozen):
    treasurer, line = the_line(town)
    twice = [Credit(line.day, line.cents, line.text, line.name)] * 2
    assert service.take_in(treasurer, line.organisation_id, twice) == 1
    service.ignore_line(treasurer, line.id)
    frozen.tick(days=1)
    assert service.take_in(treasurer, line.organisation_id, twice) == 1, "the other one waits already"
    assert [(each.state, each.text, each.name) for each in lines()] == [("new", "VIR", "Jeanne")] * 2
    assert service.take_in(treasurer, line.organisation_id, twice) == 0


def test_lines_of_others_are_not_there(town, client, page, login):
    town.owes("glaneurs", "cuisine", 1000)
    treasurer = Actor(memberships={town.ids["gaec"]: "treasurer"})
    service.take_in(treasurer, town.ids["gaec"], [Credit(date(2026, 8, 31), 100, "Don")])
    [line] = lines()
    for act in ("noter", "ignorer"):
        sent = {"payeur": town.slugs["glaneurs"]}
        assert client.post(f"{page}/{line.public_id}/{act}", data=sent).status_code == 404
    login(client, a_member(town.named["cuisine"]))
    assert client.get(page).status_code == 403


def test_what_nobody_speaks_of_is_forgotten(town, frozen):
    treasurer = Actor(memberships={town.ids["gaec"]: "treasurer"})
    service.take_in(treasurer, town.ids["gaec"], [Credit(date(2026, 8, 31), 100, "Don de Jeanne", "Jeanne")])
    service.forget_lines()
    assert lines()[0].text == "Don de Jeanne"
    frozen.tick(days=181)
    service.forget_lines()
    assert (lines()[0].state, lines()[0].text, lines()[0].name) == ("ignored", "", "")
