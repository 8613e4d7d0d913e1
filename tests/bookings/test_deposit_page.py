"""The page of a deposit, for both sides; with money off there is none."""

from io import BytesIO

import pytest

from app.accounts.models import Role
from app.bookings import service
from app.payments import service as payments
from app.payments.books.postings import Method
from app.payments.deposits.rules import Occasion, State
from app.payments.deposits.service import Kept
from tests.bookings.pages import World, text_of
from tests.bookings.test_deposits import Town
from tests.factories import a_member, a_picture

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def town():
    return Town()


def url(booking, act=""):
    return f"/reservations/{booking.ref}/caution{act}"


def test_with_money_off_there_is_no_page_and_no_word(browser):
    world = World()
    booking = service.approve(world.ask().id, world.manager)
    client = browser(world.person)
    assert client.get(url(booking)).status_code == 404
    assert "eposit" not in text_of(client.get(f"/reservations/{booking.ref}"))
    assert client.get(f"/ressources/{world.kitchen.slug}/caution").status_code in (403, 404)


def test_both_sides_read_it_and_nobody_else(town, browser):
    booking = town.booked()
    for person in (town.person, town.manager_person, town.treasurer_person):
        body = text_of(browser(person).get(url(booking)))
        assert "To be handed over" in body
        assert "€500.00" in body
    assert ">I have received it<" not in text_of(browser(town.person).get(url(booking)))
    assert browser(Town().person).get(url(booking)).status_code == 404
    assert browser().get(url(booking)).status_code == 303


def test_the_booking_and_its_costs_lead_to_it(town, browser):
    booking = town.booked()
    client = browser(town.person)
    for address in (f"/reservations/{booking.ref}", f"/reservations/{booking.ref}/couts"):
        body = text_of(client.get(address))
        assert f'href="{url(booking)}"' in body
        assert "Deposit of €500.00, to be handed over" in body


def test_from_hand_to_hand(town, browser):
    booking = town.booked()
    client = browser(town.manager_person)
    assert "Deposits to receive or to give back" in text_of(client.get("/a-traiter"))
    assert client.post(url(booking, "/recue"), data={"method": "cheque"}).status_code == 303
    assert "Deposits to receive" not in text_of(client.get("/a-traiter"))
    assert client.post(url(booking, "/erreur")).status_code == 303
    client.post(url(booking, "/recue"), data={"method": "transfer"})
    assert client.post(url(booking, "/rendue")).status_code == 303
    assert "All of it went back." in text_of(client.get(url(booking)))


def test_the_accounts_of_both_sides_list_it(town, browser):
    booking = town.booked()
    service.receive_deposit(booking.id, town.manager, Method.CASH)
    sides = (
        (town.kitchen.site.owner, "Deposits handed to us", "Deposits we hand over"),
        (booking.organisation, "Deposits we hand over", "Deposits handed to us"),
    )
    for organisation, title, other in sides:
        keeper = a_member(organisation, role=Role.TREASURER)
        body = text_of(browser(keeper).get(f"/structures/{organisation.slug}/comptes"))
        assert title in body
        assert other not in body
        assert f'href="{url(booking)}"' in body
        assert "Handed over" in body
        assert "€500.00" in body


def test_withheld_with_a_photo_that_both_sides_see(town, browser, frozen):
    booking = town.received(Method.TRANSFER)
    frozen.move_to(booking.start_at)
    client = browser(town.manager_person)
    typed = {"amount": "120,00", "reason": "La hotte est enfoncée"}
    photo = {"photo": (BytesIO(a_picture("grey")), "hotte.jpg")}
    assert client.post(url(booking, "/retenue"), data=typed | photo).status_code == 303
    payer = browser(town.person)
    body = text_of(payer.get(url(booking)))
    for piece in ("Withheld in part", "La hotte est enfoncée", "€120.00 are withheld, €380.00 went back."):
        assert piece in body
    shown = payer.get(url(booking, "/photo.webp"))
    assert (shown.status_code, shown.mimetype) == (200, "image/webp")
    assert "private" in shown.headers["Cache-Control"]
    shown.close()
    assert browser(Town().person).get(url(booking, "/photo.webp")).status_code == 404


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"amount": "", "reason": "Sale"}, "Type an amount."),
        ({"amount": "600", "reason": "Sale"}, "more than 0 and at most €500.00 can be withheld"),
        ({"amount": "120", "reason": ""}, "Say why"),
        ({"amount": "120", "reason": "Sale", "photo": (BytesIO(b"%PDF-1.7"), "x.pdf")}, "PDF"),
    ],
)
def test_what_cannot_be_withheld_is_said_and_kept(town, browser, typed, sentence, frozen):
    booking = town.received()
    frozen.move_to(booking.start_at)
    answer = browser(town.manager_person).post(url(booking, "/retenue"), data=typed)
    assert answer.status_code == 422
    body = text_of(answer)
    assert sentence in body
    assert (typed["reason"] or typed["amount"]) in body
    assert town.state(booking) == State.RECEIVED


def test_the_asking_side_notes_nothing(town, browser):
    booking = town.booked()
    for act in ("/recue", "/rendue", "/retenue", "/erreur"):
        assert browser(town.treasurer_person).post(url(booking, act)).status_code == 403


def test_what_a_resource_asks_for_is_said_on_the_page_of_its_tariff(town, browser):
    client, address = browser(town.manager_person), f"/ressources/{town.kitchen.slug}/caution"
    assert "€500.00. For the first use" in text_of(client.get(f"/ressources/{town.kitchen.slug}/tarifs"))
    assert 'value="500.00"' in text_of(client.get(address))
    assert client.post(address, data={"amount": "-3", "occasion": "each"}).status_code == 422
    done = client.post(address, data={"amount": "80", "occasion": "each", "exempt": ["P0", "P4"]})
    assert done.status_code == 303
    body = text_of(client.get(f"/ressources/{town.kitchen.slug}/tarifs"))
    assert "€80.00. For each use" in body
    assert "Not asked of:" in body
    client.post(address, data={"amount": "0", "occasion": "each"})
    assert "None is asked for." in text_of(client.get(f"/ressources/{town.kitchen.slug}/tarifs"))


def test_switched_off_again_nothing_shows(town, browser):
    booking = town.booked()
    payments.switch_money(town.coordinator, town.territory.id, is_on=False)
    assert browser(town.person).get(url(booking)).status_code == 404
    assert "eposit" not in text_of(browser(town.person).get(f"/reservations/{booking.ref}"))


def test_what_was_withheld_wrongly_is_put_right_on_the_page(town, browser, frozen):
    booking = town.received(Method.TRANSFER)
    frozen.move_to(booking.start_at)
    service.withhold_deposit(booking.id, town.manager, Kept(12_000, "Vitre cassée"))
    assert "Put right what was withheld" not in text_of(browser(town.person).get(url(booking)))
    client, act = browser(town.manager_person), url(booking, "/retenue/annuler")
    assert "Put right what was withheld" in text_of(client.get(url(booking)))
    refused = client.post(act, data={"amount": "120,01", "reason": "Elle l’était déjà", "once": "a"})
    assert refused.status_code == 422
    assert "Elle l’était déjà" in text_of(refused)
    assert client.post(act, data={"amount": "", "reason": " ", "once": "a"}).status_code == 422
    for _double_click in range(2):
        sent = {"amount": "20,00", "reason": "Elle l’était déjà", "once": "a"}
        assert client.post(act, data=sent).status_code == 303
    body = text_of(browser(town.person).get(url(booking)))
    assert "€100.00 are withheld" in body
    assert "Elle l’était déjà" in body


def test_a_deposit_is_said_before_anything_is_asked_for(browser):
    town = Town()
    said = "Deposit: €500.00, to be handed over before the first use"
    resource, form = f"/ressources/{town.kitchen.slug}", f"/ressources/{town.kitchen.slug}/demander"
    client = browser(town.person)
    for address in (resource, form):
        assert said in text_of(client.get(address)), address
    assert said in text_of(browser().get(resource))
    town.booked()
    assert said not in text_of(client.get(form)), "it is asked for once"
    town.terms(15_000, Occasion.EACH)
    assert "Deposit: €150.00, to be handed over before the use" in text_of(client.get(form))
    town.terms(15_000, Occasion.EACH, exempt=(town.association.priority_class,))
    assert "to be handed over" not in text_of(client.get(form))


def test_with_money_off_no_deposit_is_said(browser):
    town = Town()
    payments.switch_money(town.coordinator, town.territory.id, is_on=False)
    for address in ("", "/demander"):
        assert "eposit" not in text_of(browser(town.person).get(f"/ressources/{town.kitchen.slug}{address}"))
