"""From what a place publishes with its own form to the file of the invoice: nothing is named by hand on the way."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.bookings import service as bookings
from app.core.policy import Actor
from app.infra import jobs
from app.infra.db import db
from app.payments import service as payments
from app.payments.books.postings import Method
from app.payments.books.standing import find_terms
from app.payments.deposits.service import Kept
from app.payments.documents import paper, service, tasks
from app.payments.documents.bill import read
from app.payments.documents.errors import Unwritable
from app.payments.documents.models import Document, DocumentNumber
from app.payments.tariffs.tariff import VatRegime
from app.web.i18n import speaking
from tests.bookings.test_deposits import Town
from tests.factories import a_manager
from tests.payments.documents.schematron import broken
from tests.payments.documents.town import IBAN, BillingTown

pytestmark = pytest.mark.usefixtures("session", "frozen")


class Bills(Town):
    """The owner of the kitchen bills who books, and asks for a deposit."""

    def __init__(self, **facts):
        super().__init__(**facts)
        given = {"address": "1 rue du Four\n44460 Fégréac", "iban": IBAN, "siret": "73282932000074"}
        for each in (self.kitchen.site.owner, self.association):
            terms = payments.Terms(
                legal_name=each.name, methods=(Method.TRANSFER,), vat_number="",
                vat_regime=VatRegime.FRANCHISE, **given,
            )  # fmt: skip
            payments.say_terms(Actor(memberships={each.id: "treasurer"}), each.id, terms)
        owner = self.kitchen.site.owner
        service.accept_mandate(Actor(memberships={owner.id: "treasurer"}), owner.id)

    def issue(self):
        return service.issue(self.kitchen.site.owner.id, self.association.id)


def as_the_form_stands(html):
    """Read what a form sends when nobody touches it."""
    sent: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        facts = dict(re.findall(r'(name|value|type)="([^"]*)"', tag))
        if "name" in facts and (facts.get("type") not in ("checkbox", "radio") or "checked" in tag):
            sent.setdefault(facts["name"], facts.get("value", ""))
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        [chosen] = re.findall(r'<option(?=[^>]*selected)[^>]*value="([^"]*)"', body) or [""]
        sent[name] = chosen
    return sent


def xml_in(document):
    with_file = service.read_file(db.session.get_one(Document, document.id, populate_existing=True))
    [xml] = PdfReader(BytesIO(with_file)).attachments["factur-x.xml"]
    return xml


def test_a_tariff_of_the_form_without_a_label_comes_to_a_file(app, client, login, frozen):
    world = Bills()
    login(client, a_manager(world.site))
    url = f"/ressources/{world.kitchen.slug}/tarifs"
    sent = as_the_form_stands(client.get(url).get_data(as_text=True))
    prices = {name: "13,00" for name in sent if name.endswith("unit_cents")}
    assert prices
    assert client.post(url, data=sent | prices).status_code == 303
    frozen.tick(minutes=1)
    booking = world.booked()
    frozen.move_to(booking.end_at + timedelta(days=1))
    bookings.charge_due()
    [invoice] = world.issue()
    [line] = read(invoice.facts).lines
    assert line.label == ""
    jobs.run_due(app)
    xml = xml_in(invoice)
    assert f"<ram:Name>{line.about}" in xml.decode()
    assert broken(xml) == []


def test_what_was_cancelled_too_late_comes_to_a_file(app, frozen):
    world = Bills(late_cancel_percent=50, free_cancel_hours=24 * 60)
    booking = world.booked()
    frozen.move_to(booking.start_at - timedelta(hours=1))
    bookings.cancel(booking.id, world.member, "x")
    frozen.move_to(booking.end_at + timedelta(days=1))
    bookings.charge_due()
    [invoice] = world.issue()
    jobs.run_due(app)
    assert broken(xml_in(invoice)) == []


def test_a_line_of_which_nothing_is_known_is_named_by_its_meter():
    town = BillingTown()
    town.billed("a", 1000)
    [invoice] = town.issue("a")
    [line] = read(invoice.facts).lines
    assert paper.named(line)


def test_no_number_is_taken_for_what_cannot_be_written(monkeypatch):
    town = BillingTown()
    town.billed("a", 1000)
    monkeypatch.setattr(paper, "named", lambda _line: "")
    with pytest.raises(Unwritable):
        town.issue("a")
    assert db.session.scalars(select(DocumentNumber)).all() == []
    monkeypatch.undo()
    [invoice] = town.issue("a")
    assert invoice.number == "FA-2026-0001"


def test_a_file_that_fails_does_not_stop_those_behind_it(monkeypatch):
    town = BillingTown()
    town.billed("a", 1000)
    town.billed("b", 1000)
    [one], [other] = town.issue("a"), town.issue("b")
    one_id, other_id, number, make = one.id, other.id, one.number, paper.pdf

    def fail(bill):
        if bill.number == number:
            raise RuntimeError("no paper")
        return make(bill)

    monkeypatch.setattr(paper, "pdf", fail)
    with pytest.raises(ExceptionGroup) as failed:
        tasks.make_missing({})
    assert [str(each) for each in failed.value.exceptions] == ["no paper"]
    assert not db.session.get_one(Document, one_id, populate_existing=True).digest
    assert db.session.get_one(Document, other_id, populate_existing=True).digest


def test_letters_that_nobody_sees_are_dropped_where_they_are_typed(client, login):
    world = Bills()
    login(client, world.treasurer_person)
    url = f"/structures/{world.association.slug}/comptes/reception"
    sent = as_the_form_stands(client.get(url).get_data(as_text=True))
    assert client.post(url, data=sent | {"legal_name": "Mairie\x0bX"}).status_code == 303
    terms = find_terms(world.association.id)
    assert terms
    assert terms.legal_name == "MairieX"


def test_letters_that_nobody_sees_stop_no_file(app):
    """Whatever way they came in: the terms of a moment ago, an import, a label of a tariff."""
    town = BillingTown()
    town.says("a", legal_name="Mairie\x0bX")
    town.billed("a", 1000)
    [invoice] = town.issue("a")
    jobs.run_due(app)
    xml = xml_in(invoice)
    assert "MairieX" in xml.decode()


def test_what_is_withheld_is_billed_by_itself_and_stops_nothing(app, frozen):
    world = Bills()
    booking = world.received(Method.TRANSFER)
    frozen.move_to(booking.end_at + timedelta(days=1))
    bookings.charge_due()
    bookings.withhold_deposit(booking.id, world.manager, Kept(5000, "Vitre cassée"))
    with speaking("fr"):
        invoice, damages = world.issue()
    assert (invoice.cents, damages.cents, read(damages.facts).payable_cents) == (3600, 5000, 0)
    jobs.run_due(app)
    for each in (invoice, damages):
        assert broken(xml_in(each)) == []
    text = xml_in(damages).decode()
    assert "<ram:Name>Caution retenue\N{NO-BREAK SPACE}: Vitre cassée</ram:Name>" in text
    assert "<ram:CategoryCode>O</ram:CategoryCode>" in text


def test_what_is_withheld_leads_to_its_deposit_in_the_accounts(client, login, frozen):
    world = Bills()
    booking = world.received(Method.TRANSFER)
    frozen.move_to(booking.end_at + timedelta(days=1))
    bookings.withhold_deposit(booking.id, world.manager, Kept(5000, "Vitre cassée"))
    login(client, world.treasurer_person)
    owner = world.kitchen.site.owner
    url = f"/structures/{world.association.slug}/comptes/avec/{owner.slug}"
    body = client.get(url).get_data(as_text=True)
    assert f'href="/reservations/{booking.ref}/caution">Caution retenue' in body
