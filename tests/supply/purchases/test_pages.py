"""The pages of group purchases: the list, opening, ordering, what who organises does; the packing list."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from app.bookings.rules import CANCELLED
from app.infra.db import db
from app.supply.cargo import KILO
from app.supply.purchases import queries, service
from app.supply.purchases.models import GroupPurchase
from app.supply.purchases.rules import OrderState, State
from tests.factories import a_person, at
from tests.helpers import count_queries, hidden
from tests.supply.purchases.world import SHORT, Market, later

pytestmark = pytest.mark.usefixtures("session", "frozen")
TYPED = {
    "product": "Farine",
    "supplier": "Moulin de la Fosse",
    "price": "1,25",
    "packaging": "bag",
    "per_package": "12",
    "regime": "ambient",
    "least": "240",
    "most": "",
    "deadline_day": "2026-09-08",
    "deadline_time": "18:00",
    "packing": "",
    "bring": "Sacs",
    "note": "",
    "once": "k" * 20,
}


@pytest.fixture
def market() -> Market:
    return Market()


@pytest.fixture
def by(client, login, market):
    """Give what a person's browser answers: `by("farm")`."""

    def sign_in(name):
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie["locale"] = "en"
        if name:
            login(client, market.people[name])
        return client

    return sign_in


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def latest():
    return db.session.scalars(select(GroupPurchase).order_by(GroupPurchase.id.desc())).first()


def address(purchase, rest=""):
    return f"/achats-groupes/{purchase.public_id}{rest}"


# -- opening --------------------------------------------------------------------------------------------------


def test_a_purchase_is_opened_once(by, market):
    booking = market.book()
    page = text(by("ours").get("/achats-groupes/proposer"))
    assert 'value="2026-09-08"' in page
    assert f'<option value="{booking.ref}">Cuisine, La grange' in page
    typed = TYPED | {"packing": booking.ref, "most": "600"}
    answer = by("ours").post("/achats-groupes/proposer", data=typed)
    assert answer.status_code == 303
    purchase = latest()
    assert (purchase.price_cents, purchase.per_package, purchase.least_grams, purchase.most_grams) == (
        125,
        12 * KILO,
        240 * KILO,
        600 * KILO,
    )
    assert (purchase.deadline_at, purchase.booking_id) == (at("2026-09-08 18:00"), booking.id)
    assert by("ours").post("/achats-groupes/proposer", data=typed).location == answer.location


def test_a_form_that_was_sent_and_changed_since_is_something_new_at_its_next_send(by):
    url = "/achats-groupes/proposer"
    assert by("ours").post(url, data=TYPED).status_code == 303
    made = latest().id
    answer = by("ours").post(url, data=TYPED | {"least": "360"})
    assert (answer.status_code, latest().id) == (422, made)
    assert "already been sent with other answers" in text(answer)
    [once] = re.findall(r'name="once"[^>]*value="([^"]+)"', text(answer))
    assert by("ours").post(url, data=TYPED | {"least": "360", "once": once}).status_code == 303
    assert latest().id != made


def test_only_what_can_do_is_offered_to_pack_in(by, market):
    kitchen, van = market.book(), market.book(kind="vehicle")
    dock, early = (
        market.book(kind="room", subtype="dock"),
        market.book("2026-09-07 14:00", "2026-09-07 17:00"),
    )
    page = text(by("ours").get("/achats-groupes/proposer"))
    offered = [each.ref for each in (kitchen, van, dock, early) if f'value="{each.ref}"' in page]
    assert offered == [kitchen.ref]
    sooner = TYPED | {"deadline_day": "2026-09-06", "product": ""}
    page = text(by("ours").post("/achats-groupes/proposer", data=sooner))
    assert f'value="{early.ref}"' in page
    refused = by("ours").post("/achats-groupes/proposer", data=TYPED | {"packing": early.ref})
    assert "begins before the deadline" in text(refused)
    assert f'value="{early.ref}"' in text(refused), "what was chosen stays to be seen"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"product": ""}, "Say what it is"),
        ({"supplier": ""}, "Say who supplies it"),
        ({"price": "x"}, "Type an amount"),
        ({"price": "5000"}, "between 0 and"),
        ({"per_package": "0"}, "Type a weight in kilos"),
        ({"least": ""}, "how many kilos are needed"),
        ({"least": "900000"}, "at most 100,000 kg"),
        ({"most": "x"}, "Type a weight in kilos"),
        ({"most": "100"}, "The maximum is at least the minimum"),
        ({"deadline_day": "2026-08-01"}, "This day is over"),
        ({"deadline_day": ""}, "Choose the last day"),
        ({"deadline_day": "2027-08-01"}, "90 days at most"),
        ({"packing": "NOBOOKING"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_says_why_and_keeps_what_was_typed(by, wrong, words):
    answer = by("ours").post("/achats-groupes/proposer", data=TYPED | {"note": "De meule"} | wrong)
    assert answer.status_code == 422
    assert words in text(answer)
    assert "De meule" in text(answer)
    assert latest() is None


def test_a_purchase_is_opened_again(by, market):
    purchase = market.open()
    assert 'value="1.25"' in text(by("ours").get(f"/achats-groupes/proposer?comme={purchase.public_id}"))
    assert 'value="1.25"' not in text(by("farm").get(f"/achats-groupes/proposer?comme={purchase.public_id}"))


# -- ordering -------------------------------------------------------------------------------------------------


def test_an_organisation_orders_more_and_withdraws(by, market):
    purchase = market.open()
    typed = {"organisation": str(market.farm.id), "amount": "24", "message": "Merci"}
    assert by("farm").post(address(purchase, "/commander"), data=typed).status_code == 303
    page = text(by("farm").get(address(purchase)))
    assert "24 kg ordered, 240 kg needed at least" in page
    assert "216 kg missing" in page
    assert "€30.00" in page
    [order] = queries.orders_of(purchase.id)
    withdraw = address(purchase, f"/commandes/{order.public_id}/retirer")
    assert by("others").post(withdraw).status_code == 404
    assert by("farm").post(withdraw).status_code == 303
    assert order.state == OrderState.WITHDRAWN


def test_far_more_than_the_minimum_is_asked_about_once(by, market):
    purchase = market.open()
    typed = {"organisation": str(market.farm.id), "amount": "2412", "message": ""}
    url = address(purchase, "/commander")
    assert 'name="sure"' not in text(by("farm").get(address(purchase)))
    asked = by("farm").post(url, data=typed)
    assert asked.status_code == 409
    assert "2,412 kg are more than 10 times the minimum, and come to €3,015.00." in text(asked)
    assert 'name="sure"' in text(asked)
    assert by("farm").post(url, data=typed | {"sure": "y"}).status_code == 303


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"amount": "x"}, 422, "Type a weight"),
        ({"amount": ""}, 422, "how many kilos you order"),
        ({"amount": "40"}, 422, "Order 36 kg or 48 kg"),
        ({"amount": "5"}, 422, "Order 12 kg."),
        ({"amount": "600"}, 409, "Only 276 kg are left"),
    ],
)
def test_what_cannot_be_ordered_says_why(by, market, typed, status, words):
    purchase = market.open(most_grams=300 * KILO)
    market.order(purchase, 24, "others")
    sent = {"organisation": str(market.farm.id), "message": "Merci"} | typed
    answer = by("farm").post(address(purchase, "/commander"), data=sent)
    assert answer.status_code == status
    assert words in text(answer)
    assert "Merci" in text(answer)


def test_each_sees_their_own_order_and_who_organises_sees_all(by, market):
    purchase = market.open()
    market.order(purchase, 24, message="Pour la ferme")
    market.order(purchase, 36, "others", message="Pour la boutique")
    for who, seen, other in (("farm", "la ferme", "la boutique"), ("others", "la boutique", "la ferme")):
        page = text(by(who).get(address(purchase)))
        assert seen in page
        assert other not in page
        assert "60 kg ordered" in page
        assert by(who).get(address(purchase, "/commandes.csv")).status_code == 403
    page = text(by("ours").get(address(purchase)))
    assert "la ferme" in page
    assert "la boutique" in page
    assert by("foreign").get(address(purchase)).status_code == 404
    assert by(None).get(address(purchase)).status_code in (302, 303, 401)


# -- who organises --------------------------------------------------------------------------------------------


def test_what_may_stay_due_for_where_it_is_packed_is_said(by, market):
    cheap = market.book(
        free_cancel_hours=24, late_cancel_percent=50
    )  # until Wednesday, the day after the deadline
    purchase = market.open(later=later(packing=cheap.ref))
    page = text(by("ours").get(address(purchase)))
    assert "(free to cancel until Wednesday 9 September, 14:00)" in page
    assert "stay due" not in page
    late = market.book(free_cancel_hours=72, late_cancel_percent=50)
    service.change(market.member, purchase.id, later(packing=late.ref))
    assert "50 % of its price stay due" in text(by("ours").get(address(purchase)))
    assert "stay due" not in text(by("farm").get(address(purchase)))


def test_more_time_is_given_and_a_place_chosen(by, market):
    purchase, booking = market.open(), market.book()
    page = text(by("ours").get(address(purchase)))
    assert "/ressources?date=2026-09-09" in page
    typed = {
        "deadline_day": "2026-09-09",
        "deadline_time": "12:00",
        "packing": booking.ref,
        "bring": "Caisses",
        "note": "",
        "once": "o" * 20,
    }
    assert by("farm").post(address(purchase, "/modifier"), data=typed).status_code == 403
    earlier = by("ours").post(address(purchase, "/modifier"), data=typed | {"deadline_day": "2026-09-07"})
    assert earlier.status_code == 422
    assert "not earlier" in text(earlier)
    assert by("ours").post(address(purchase, "/modifier"), data=typed).status_code == 303
    page = text(by("farm").get(address(purchase)))
    assert "Cuisine, La grange" in page
    assert "Caisses" in page
    assert (
        by("ours").post(address(purchase, "/modifier"), data=typed | {"deadline_day": ""}).status_code == 422
    )


def test_an_older_tab_does_not_undo_what_was_changed_since(by, market):
    purchase = market.open()
    page = text(by("ours").get(address(purchase)))
    typed = {
        "deadline_day": "2026-09-09",
        "deadline_time": "12:00",
        "packing": "",
        "bring": "Caisses",
        "note": "",
        "once": "o" * 20,
        "vu": hidden(page, "vu"),
    }
    assert by("ours").post(address(purchase, "/modifier"), data=typed).status_code == 303
    stale = typed | {"deadline_day": "2026-09-08", "deadline_time": "18:00", "bring": "Sacs"}
    answer = by("ours").post(address(purchase, "/modifier"), data=stale)
    page = text(answer)
    assert answer.status_code == 409
    assert "since you opened this form it was changed, by you, today" in page
    assert "It now says: Wednesday 9 September 2026" in page
    assert "It now says: Caisses" in page
    assert "Sacs" in page
    assert purchase.bring == "Caisses"


def test_a_confirmed_purchase_is_packed_prepared_and_handed_out(by, market, frozen):
    booking = market.book()
    purchase = market.open(later=later(packing=booking.ref), supplier=market.others.name)
    market.order(purchase, 240, message="=1; 2")
    frozen.move_to(at("2026-09-08 18:01"))
    assert "within minutes" in text(by("farm").get(address(purchase)))
    service.close_due(SHORT)
    page = text(by("ours").get(address(purchase)))
    start = page.index("/filieres/preparer?")
    asked = parse_qs(urlsplit(unescape(page[start : page.index('"', start)])).query)
    assert (asked["kilos"], asked["commune"], asked["fin"], asked["a"]) == (
        ["240"],
        ["Châteaubriant (44110)"],
        ["2026-09-10"],
        ["14:00"],
    )
    sheet = by("ours").get(address(purchase, "/commandes.csv"))
    assert sheet.data.decode("utf-8-sig").splitlines() == [
        "Organisation;Phone;Kilos;Packages;To pay (€);Message;State",
        'GAEC des Touches;;240;20;300.00;"\'=1; 2";ordered',
    ]
    [order] = queries.orders_of(purchase.id)
    assert by("ours").post(address(purchase, f"/commandes/{order.public_id}/remise")).status_code == 303
    assert order.state == OrderState.HANDED_OUT
    assert by("ours").post(address(purchase, f"/commandes/{order.public_id}/remise")).status_code == 409
    assert (
        by("ours").post(address(purchase, f"/commandes/{order.public_id}/remise/erreur")).status_code == 303
    )
    assert by("ours").post(address(purchase, "/commandes/NOORDER/remise")).status_code == 404
    assert by("farm").post(address(purchase, f"/commandes/{order.public_id}/remise")).status_code == 403


def test_giving_it_up_takes_a_reason_which_is_read_and_frees_the_place(by, market):
    booking = market.book()
    purchase = market.open(later=later(packing=booking.ref))
    market.order(purchase, 24)
    assert by("ours").post(address(purchase, "/annuler"), data={"reason": ""}).status_code == 422
    assert by("ours").post(address(purchase, "/annuler"), data={"reason": "Fermé"}).status_code == 303
    assert (purchase.state, booking.decision) == (State.CANCELLED, CANCELLED)
    page = text(by("farm").get(address(purchase)))
    assert "Fermé" in page
    assert "/commander" not in page
    typed = {"organisation": str(market.farm.id), "amount": "24", "message": ""}
    assert by("farm").post(address(purchase, "/commander"), data=typed).status_code == 409


# -- the list -------------------------------------------------------------------------------------------------


def test_the_list_shows_what_is_open_and_what_is_ones_own(by, market):
    purchase = market.open()
    assert "1 purchase open" in text(by("farm").get("/achats-groupes"))
    market.order(purchase, 24)
    assert "Ordered by you" in text(by("farm").get("/achats-groupes"))
    assert "Organised by you" in text(by("ours").get("/achats-groupes"))
    assert "Nothing is bought together" in text(by("foreign").get("/achats-groupes"))
    market.people["nobody"] = a_person()
    assert "One step first" in text(by("nobody").get("/achats-groupes"))


def test_a_long_list_asks_no_more_than_a_short_one(by, market):
    market.order(market.open(), 24)
    browser = by("farm")
    with count_queries() as few:
        browser.get("/achats-groupes")
    for _n in range(6):
        market.order(market.open(), 24)
    with count_queries() as many:
        browser.get("/achats-groupes")
    assert len(many) <= len(few)
