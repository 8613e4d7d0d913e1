"""What is issued to whom, once; what was taken back; and what cannot be issued, with what is missing."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import DBAPIError

from app.core.errors import Forbidden
from app.infra import audit
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.books.postings import Method
from app.payments.documents import queries, service
from app.payments.documents.bill import read
from app.payments.documents.errors import MandateMissing, NotBillable, NothingToBill
from app.payments.documents.rules import Kind
from app.payments.errors import NothingOwed
from app.payments.queries import dues_of
from app.payments.splits.keys import alone, by_weights
from app.payments.tariffs.tariff import VatRegime
from tests.payments.books import pay, raw, sound
from tests.payments.documents.town import BillingTown


def numbers(*documents):
    return [document.number for document in documents]


def test_all_that_is_owed_comes_on_one_invoice_once(town):
    town.billed("a", 1000)
    town.billed("a", 250)
    town.billed("b", 700)
    [invoice] = town.issue("a")
    bill = read(invoice.facts)
    assert (invoice.number, invoice.kind, invoice.cents) == ("FA-2026-0001", "invoice", 1250)
    assert [line.cents for line in bill.lines] == [1000, 250]
    assert (bill.seller.name, bill.buyer.name) == ("Cuisine du Don", "Les Glaneurs")
    assert bill.mandated
    assert bill.account.reference == f"MUT {town.named['a'].public_id} FA-2026-0001"
    assert town.issue("a") == []
    assert numbers(*town.issue("b")) == ["FA-2026-0002"]
    assert sound()


def test_a_month_has_what_came_in_it_and_before(town, frozen):
    town.billed("a", 1000)
    frozen.move_to(datetime(2026, 9, 30, 21, 30, tzinfo=UTC))  # half past eleven in the evening there
    town.billed("a", 200)
    frozen.move_to(datetime(2026, 9, 30, 22, 30, tzinfo=UTC))
    town.billed("a", 50)
    run = service.begin_run(town.keeper("kitchen"), town.ids["kitchen"], month="2026-09")
    issued = service.take_turn(run.id)
    assert issued is not None
    september = queries.find_document(issued[0])
    assert september is not None
    assert (september.cents, september.issued_on) == (1200, date(2026, 10, 1))
    assert read(september.facts).ends_on == date(2026, 9, 30)
    assert service.take_turn(run.id) is None
    [rest] = town.issue("a")
    assert rest.cents == 50


def test_a_line_has_the_day_of_the_service_where_it_is_known(town):
    town.billed("a", 1000, on="2026-08-20")
    town.billed("a", 200)
    [invoice] = town.issue("a")
    bill = read(invoice.facts)
    assert (bill.starts_on, bill.ends_on) == (date(2026, 8, 20), date(2026, 9, 1))
    assert [line.on for line in bill.lines] == [date(2026, 8, 20), date(2026, 9, 1)]


def test_each_bears_their_part_of_a_line(town):
    line = town.line("kitchen", 1000)
    town.charge(line, by=by_weights({town.ids["a"]: 1, town.ids["b"]: 2}))
    town.says("kitchen", vat_regime=VatRegime.OUT_OF_SCOPE)
    [invoice] = town.issue("b")
    [part] = read(invoice.facts).lines
    assert (part.cents, part.whole_cents) == (667, 1000)


def test_what_was_taken_back_before_is_netted(town):
    due, gone = town.billed("a", 1000), town.billed("a", 300)
    payments.credit("cr-1", due.charge_id, "Erreur", 400)
    payments.credit("cr-2", gone.charge_id, "Erreur")
    [invoice] = town.issue("a")
    assert invoice.cents == 600
    [line] = read(invoice.facts).lines
    assert (line.cents, line.lowered_cents, line.reasons, line.is_shared) == (600, 400, ("Erreur",), False)
    assert town.issue("a") == []
    assert sound()


def test_what_is_taken_back_later_is_a_credit_note_that_names_the_invoice(town):
    due = town.billed("a", 1000)
    [invoice] = town.issue("a")
    payments.credit("cr-1", due.charge_id, "Panne", 400)
    town.billed("a", 70)
    next_invoice, note = town.issue("a")
    assert (note.number, note.kind, note.cents) == ("AV-2026-0001", "credit_note", 400)
    assert note.amends_id == invoice.id
    told = read(note.facts)
    assert (told.amends, told.reason) == ("FA-2026-0001", "Panne")
    assert [(each.cents, each.is_taken_back, each.reasons) for each in told.lines] == [
        (400, True, ("Panne",))
    ]
    assert next_invoice.cents == 70
    payments.credit("cr-2", due.charge_id, "Encore")
    [second] = town.issue("a")
    assert (second.number, second.cents) == ("AV-2026-0002", 600)
    assert read(second.facts).lines[0].reasons == ("Encore",), "not that of the credit note before"
    assert [each.number for each in queries.amending(invoice.id)] == ["AV-2026-0001", "AV-2026-0002"]
    assert sound()


def test_what_was_paid_before_is_told(town):
    pay(town.billed("a", 1000), 400, Method.TRANSFER)
    [invoice] = town.issue("a")
    bill = read(invoice.facts)
    assert (bill.paid_cents, bill.payable_cents) == (400, 600)


def test_without_a_mandate_there_is_a_statement(session, frozen):
    town = BillingTown(mandate=False)
    due = town.billed("a", 1000)
    [statement] = town.issue("a")
    assert (statement.number, statement.kind) == ("RC-2026-0001", "statement")
    assert not read(statement.facts).mandated
    payments.credit("cr-1", due.charge_id, "Panne", 400)
    service.accept_mandate(town.keeper("kitchen"), town.ids["kitchen"])
    town.billed("a", 200)
    invoice, corrected = town.issue("a")
    assert (invoice.kind, invoice.cents) == ("invoice", 200)
    assert (corrected.number, corrected.cents) == ("RC-2026-0002", -400), (
        "what was stated is not billed as well"
    )
    assert read(corrected.facts).favour_cents == 400
    assert read(corrected.facts).lines[0].reasons == ("Panne",)
    assert sound()


def test_a_public_body_gives_statements_only(town):
    due = town.billed("a", 1000, payee="hall")
    with pytest.raises(NotBillable) as refused:
        service.accept_mandate(town.keeper("hall"), town.ids["hall"])
    assert refused.value.facts["reason"] == "public"
    [statement] = town.issue("a", "hall")
    assert statement.kind == Kind.STATEMENT
    assert read(statement.facts).lines[0].reference == f"MUT {due.public_id}", "as its accountant has it"


def test_what_is_charged_anew_says_why(town):
    due = town.billed("a", 1000, corrects="98 km et non 100")
    [invoice] = town.issue("a")
    assert read(invoice.facts).lines[0].corrects == "98 km et non 100"
    assert due.cents == 1000


def test_a_mandate_is_given_and_ended_by_who_keeps_the_accounts(session, frozen):
    town = BillingTown(mandate=False)
    kitchen = town.ids["kitchen"]
    with pytest.raises(Forbidden):
        service.accept_mandate(town.keeper("a"), kitchen)
    given = service.accept_mandate(town.keeper("kitchen"), kitchen)
    assert service.accept_mandate(town.keeper("kitchen"), kitchen).id == given.id
    with pytest.raises(Forbidden):
        service.end_mandate(town.keeper("a"), kitchen)
    service.end_mandate(town.keeper("kitchen"), kitchen)
    service.end_mandate(town.keeper("kitchen"), kitchen)
    assert queries.find_mandate(kitchen) is None
    acts = [line.act for line in audit.history("organisation", kitchen)]
    assert acts[-2:] == ["billing_mandate_accepted", "billing_mandate_ended"]


def test_a_credit_note_waits_for_a_mandate(town):
    due = town.billed("a", 1000)
    town.issue("a")
    payments.credit("cr-1", due.charge_id, "Panne", 400)
    service.end_mandate(town.keeper("kitchen"), town.ids["kitchen"])
    with pytest.raises(MandateMissing):
        town.issue("a")
    town.billed("a", 50)
    assert [each.kind for each in town.issue("a")] == ["statement"]
    service.accept_mandate(town.keeper("kitchen"), town.ids["kitchen"])
    assert [each.kind for each in town.issue("a")] == ["credit_note"]


@pytest.mark.parametrize(
    ("who", "facts", "lacking"),
    [
        ("kitchen", {"vat_regime": ""}, ["vat_regime"]),
        ("kitchen", {"vat_regime": VatRegime.FRANCHISE, "siret": "", "address": ""}, ["address", "siret"]),
        ("kitchen", {"vat_regime": VatRegime.STANDARD}, ["vat_number"]),
        ("a", {"address": "", "methods": ()}, ["address"]),
    ],
)
def test_a_bill_that_lacks_something_is_refused_with_what(town, who, facts, lacking):
    town.billed("a", 1000, VatRegime.GROUP)
    town.says(who, **facts)
    with pytest.raises(NotBillable) as refused:
        town.issue("a")
    assert refused.value.facts["fields"] == lacking
    assert refused.value.facts["party"] == town.named[who].name
    assert queries.documents_in(queries.Wanted(town.ids["kitchen"])) == []


def test_a_line_under_a_regime_that_contradicts_is_refused(town):
    town.billed("a", 1000, VatRegime.STANDARD, 2000)
    with pytest.raises(NotBillable) as refused:
        town.issue("a")
    assert refused.value.facts == {
        "reason": "regime", "label": "Légumerie", "charged": "standard", "said": "franchise_293B",
    }  # fmt: skip


def test_vat_is_taken_out_by_rate(session, frozen):
    town = BillingTown(regime=VatRegime.STANDARD)
    town.says("kitchen", vat_regime=VatRegime.STANDARD, vat_number="FR44732829320")
    town.billed("a", 1200, VatRegime.STANDARD, 2000)
    town.billed("a", 1055, VatRegime.STANDARD, 550)
    [invoice] = town.issue("a")
    bill = read(invoice.facts)
    assert [(part.bp, part.net_cents, part.vat_cents) for part in bill.vat] == [
        (2000, 1000, 200),
        (550, 1000, 55),
    ]


def test_a_receipt_is_given_once_for_what_stayed(town):
    paid = pay(town.billed("a", 1000), 400, Method.CHEQUE)
    receipt = service.issue_receipt(town.keeper("kitchen"), paid.id)
    assert (receipt.number, receipt.cents) == ("RE-2026-0001", 400)
    assert receipt.facts["reason"] == "Légumerie", "what was paid for"
    assert service.issue_receipt(town.keeper("kitchen"), paid.id).id == receipt.id
    with pytest.raises(Forbidden):
        service.issue_receipt(town.keeper("a"), paid.id)
    back = pay(town.billed("a", 1000), 400, Method.CHEQUE)
    payments.refund("re", back.id, 400)
    with pytest.raises(NothingOwed):
        service.issue_receipt(town.keeper("kitchen"), back.id)
    hall = pay(town.billed("a", 100, payee="hall"), method=Method.TRANSFER)
    with pytest.raises(NotBillable):
        service.issue_receipt(town.keeper("hall"), hall.id)
    assert sound()


def test_nothing_to_bill_is_said(town):
    with pytest.raises(NothingToBill):
        service.begin_run(town.keeper("kitchen"), town.ids["kitchen"])
    town.billed("a", 100)
    with pytest.raises(Forbidden):
        service.begin_run(town.keeper("a"), town.ids["kitchen"])
    with pytest.raises(NothingToBill):
        service.begin_run(town.keeper("kitchen"), town.ids["kitchen"], recipient_id=town.ids["b"])


def test_what_is_free_of_charge_is_on_no_bill(town):
    """Its value is kept beside it, and never asked for."""
    charge = town.charge(town.line("kitchen", 0, waiver_reason="Bénévolat"), by=alone(town.ids["a"]))
    assert dues_of(charge.id) == []
    assert town.issue("a") == []


def test_numbers_of_each_year_begin_anew(town, frozen):
    town.billed("a", 100)
    town.issue("a")
    frozen.move_to(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))  # the new year has begun there
    town.billed("a", 100)
    [invoice] = town.issue("a")
    assert (invoice.number, invoice.issued_on) == ("FA-2027-0001", date(2027, 1, 1))


@pytest.mark.parametrize(
    "change", ["number = 'FA-2026-0009'", "cents = 1", "facts = '{}'", "digest = 'x', issued_on = issued_on"]
)
def test_a_document_is_never_changed(town, change):
    town.billed("a", 100)
    town.issue("a")
    with pytest.raises(DBAPIError, match="money_is_append_only"), atomic():
        raw(f"UPDATE document SET {change}")


@pytest.mark.parametrize("table", ["document", "document_part"])
def test_a_document_is_never_deleted(town, table):
    town.billed("a", 100)
    town.issue("a")
    with pytest.raises(DBAPIError, match=r"money_is_kept"), atomic():
        raw(f"DELETE FROM {table}")


def test_a_hash_is_written_once(town):
    town.billed("a", 100)
    town.issue("a")
    raw("UPDATE document SET digest = 'one'")
    with pytest.raises(DBAPIError, match="money_is_append_only"), atomic():
        raw("UPDATE document SET digest = 'two'")
