"""The books as text: CSV, FEC and beancount, each of which adds up to nothing."""

import csv
import io
import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.core import clock
from app.core.policy import Actor
from app.infra.uow import atomic
from app.payments import service
from app.payments.books.chart import CHART, KINDS
from app.payments.books.exporting import FEC_FIELDS
from app.payments.books.postings import SETTLEMENT, Account, EntryKind, Method
from app.payments.deposits import service as deposits
from app.payments.splits.keys import alone
from app.payments.splits.splitting import split
from app.payments.tariffs.tariff import VatRegime
from tests.payments.books import Town


@pytest.fixture
def town(fresh_database, frozen):
    with fresh_database.app.app_context():
        town = Town("kitchen", "a", "b")
        with atomic() as session:
            session.merge(town.named["a"]).name = '=Les "Amis"\tdu port'
        due = town.owes("a", "kitchen", 1000)
        frozen.tick(days=1)
        came_at = clock.now() - timedelta(hours=12)  # the evening before, in Paris
        paid = service.record_payment("pi_1", [due.id], 1000, Method.CARD, at=came_at)
        service.fee("txn", paid.id, 40)
        frozen.tick(days=1)
        service.credit("cr", due.charge_id, "Erreur", 300)
        service.refund("re", paid.id, 300)
        return town


def export(fresh_database, town, form: str, first: str = "2026-09-01", last: str = "2026-09-30") -> str:
    args = [
        "payments",
        "export",
        form,
        "--organisation",
        town.slugs["kitchen"],
        "--from",
        first,
        "--to",
        last,
    ]
    done = fresh_database.app.test_cli_runner().invoke(args=args)
    assert done.exit_code == 0, done.output
    return done.output


def test_every_account_has_a_number():
    assert set(CHART) == set(Account)


def test_the_csv_adds_up_and_holds_no_formula(fresh_database, town):
    text = export(fresh_database, town, "csv")
    assert text.startswith("\ufeff")
    lines = [*csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";")]
    balance = Counter[str]()
    for line in lines:
        debit, credit = (int((line[side] or "0").replace(",", "")) for side in ("Débit", "Crédit"))
        balance[line["Compte"]] += debit - credit
    assert +balance == {"511700": 660, "627000": 40}
    assert -balance == {"706000": 700}
    assert {line["Tiers"] for line in lines} == {'\'=Les "Amis"\tdu port', ""}
    assert [line["Numéro"] for line in lines] == sorted(line["Numéro"] for line in lines)
    assert (lines[0]["Date"], lines[0]["Nature"], lines[0]["Compte"]) == (
        "2026-09-01",
        "Mise à disposition",
        "411000",
    )


def test_the_fec_has_eighteen_fields_and_balances(fresh_database, town):
    head, *lines = export(fresh_database, town, "fec").splitlines()
    assert tuple(head.split("\t")) == FEC_FIELDS
    rows = [dict(zip(FEC_FIELDS, line.split("\t"), strict=True)) for line in lines]
    by_entry = Counter[str]()
    for row in rows:
        for side, sign in (("Debit", 1), ("Credit", -1)):
            assert re.fullmatch(r"\d+,\d\d", row[side])
            by_entry[row["EcritureNum"]] += sign * int(row[side].replace(",", ""))
        assert re.fullmatch(r"202609\d\d", row["EcritureDate"])
    assert not any(by_entry.values())
    assert [*by_entry] == [str(number) for number in range(1, len(by_entry) + 1)]
    paid = [row for row in rows if row["EcritureLib"] == "Paiement"]
    assert {len(row["PieceRef"]) for row in rows} == {12}  # public ids
    assert {(row["PieceDate"], row["EcritureDate"]) for row in paid} == {("20260901", "20260902")}
    assert rows[0]["CompAuxLib"] == '=Les "Amis" du port'


def test_what_has_vat_in_it_says_so(fresh_database, town):
    plain = town.line("kitchen", 1200)
    taxed = replace(plain, priced=replace(plain.priced, vat_regime=VatRegime.STANDARD, vat_bp=2000))
    with fresh_database.app.app_context():
        town.charge(taxed, by=alone(town.ids["a"]))
    for form in ("fec", "csv"):
        marked = [
            line
            for line in export(fresh_database, town, form).splitlines()
            if "TTC, TVA non ventilée" in line
        ]
        assert [("1200" in line.replace(",", ""), "Mise à disposition" in line) for line in marked] == [
            (True, True)
        ] * 2


def test_every_kind_of_entry_has_words():
    assert set(KINDS) == set(EntryKind)


def test_numbers_go_on_from_what_came_before(fresh_database, town):
    whole = [line.split("\t") for line in export(fresh_database, town, "fec").splitlines()[1:]]
    pieces = []
    for days in range(3):
        day = str(date(2026, 9, 1) + timedelta(days=days))
        pieces += [
            line.split("\t") for line in export(fresh_database, town, "fec", day, day).splitlines()[1:]
        ]
    assert pieces == whole


def test_beancount_balances_and_opens_what_it_uses(fresh_database, town):
    text = export(fresh_database, town, "beancount")
    used = set(re.findall(r"^  (\S+)  ", text, re.MULTILINE))
    opened = set(re.findall(r"^1970-01-01 open (\S+)$", text, re.MULTILINE))
    assert used == opened
    assert all(
        re.fullmatch(r"(Assets|Income|Expenses|Liabilities)(:[A-Z0-9][A-Za-z0-9-]*)+", name) for name in used
    )
    for entry in re.split(r"\n\n", text.strip())[:-1]:
        amounts = re.findall(r"(-?\d+)\.(\d\d) EUR$", entry, re.MULTILINE)
        assert amounts
        assert sum(int(whole + part) for whole, part in amounts) == 0
    assert '"=Les \\"Amis\\" du port" "payment payment:pi_1"' in text


def test_what_is_not_there_is_refused(fresh_database, town):
    run = fresh_database.app.test_cli_runner().invoke
    days = ["--from", "2026-09-01", "--to", "2026-08-01"]
    nobody = run(args=["payments", "export", "csv", "--organisation", "nobody", *days])
    assert (nobody.exit_code, "no organisation nobody" in nobody.output) == (1, True)
    backwards = run(args=["payments", "export", "csv", "--organisation", town.slugs["kitchen"], *days])
    assert (backwards.exit_code, "before the first" in backwards.output) == (1, True)
    assert export(fresh_database, town, "beancount", "2025-01-01", "2025-12-31") == ""


def _fec(fresh_database, town) -> set[tuple[str, str, str, str]]:
    rows = [line.split("\t") for line in export(fresh_database, town, "fec").splitlines()[1:]]
    return {(row[4], row[10], row[11], row[12]) for row in rows}


def test_what_is_withheld_of_a_deposit_is_no_sale(fresh_database, town):
    with fresh_database.app.app_context():
        asked = deposits.NewDeposit(
            "booking", "B1", town.territory_id, town.ids["a"], town.ids["kitchen"], 500, clock.now()
        )
        deposit = deposits.ask(asked)
        deposits.receive(deposit, Actor(), Method.TRANSFER)
        charge = deposits.withhold(deposit, Actor(), deposits.Kept(200, "Vitre cassée"))
        refs = {deposit.public_id, charge.public_id}
        deposits.give_up(deposit, Actor(), "C’était déjà cassé", "1", 50)
    assert _fec(fresh_database, town) >= {
        ("165000", "Caution reçue", "0,00", "5,00"),
        ("165000", "Caution rendue", "5,00", "0,00"),
        ("758000", "Retenue sur caution", "0,00", "2,00"),
        ("758000", "Retenue sur caution, annulation ou réduction", "0,50", "0,00"),
    }
    rows = [line.split("\t") for line in export(fresh_database, town, "fec").splitlines()[1:]]
    assert {row[8] for row in rows if "aution" in row[10]} == refs  # public ids, as of all other pieces
    assert "Income:Damages" in export(fresh_database, town, "beancount")
    town.slugs["kitchen"] = town.slugs["a"]  # the books of who paid
    assert _fec(fresh_database, town) >= {
        ("275000", "Caution reçue", "5,00", "0,00"),
        ("658000", "Retenue sur caution", "2,00", "0,00"),
    }


def test_what_is_set_off_is_no_payment(fresh_database, town):
    with fresh_database.app.app_context():
        one, other = town.owes("a", "kitchen", 600), town.owes("kitchen", "a", 600)
        there = service.record_payment("off-1", [one.id], 600, Method.OFFSET)
        service.record_payment("off-2", [other.id], 600, Method.OFFSET)
        service.refund("undo", there.id, 600, "Erreur", never_was=True)
        line = town.line("kitchen", 900)
        shared = split([line.cost], alone(town.ids["a"]))
        service.post_charge(
            service.NewCharge("taken", town.territory_id, town.ids["a"], SETTLEMENT, "S1", (line,), shared)
        )
    assert _fec(fresh_database, town) >= {
        ("467200", "Compensation", "6,00", "0,00"),
        ("467200", "Compensation", "0,00", "6,00"),
        ("467200", "Dette reprise par un règlement groupé", "0,00", "9,00"),
        ("411000", "Dette reprise par un règlement groupé", "9,00", "0,00"),
    }
    assert any(label == "Compensation annulée" for _, label, *_ in _fec(fresh_database, town))
