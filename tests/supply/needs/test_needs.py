"""Needs: posted once, matched to what is offered and stands free, answered, ended by who looks and by time."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.events import AccountErased, OrganisationArchived, Reader
from app.core import clock
from app.core.states import IllegalMove
from app.infra.db import db
from app.supply.cargo import KILO
from app.supply.needs import queries, service
from app.supply.needs.errors import BadNeed, NeedEnded, NothingSaid, NotLooking, OwnNeed
from app.supply.needs.matching import free_for, search_fields
from app.supply.needs.models import Need, NeedAnswer
from app.supply.needs.rules import Offered, State, Wanted, fits, names_the_same
from app.supply.needs.service import Around, Food, NewNeed, Place
from app.supply.offers.rules import Category, Point
from tests.factories import a_resource, a_site, at
from tests.supply.offers.world import NORT, Farm

pytestmark = pytest.mark.usefixtures("session", "frozen")
HERE = Point(47.4390, -1.4980)  # Nort-sur-Erdre, some five kilometres from the farm


class Board(Farm):
    """The farm and its neighbours; `ours` looks for things."""

    def look(self, what=None, radius_km=20, actor=None, **facts):
        around = Around(commune_code=NORT, point=HERE, radius_km=radius_km)
        until = clock.now() + timedelta(days=5)
        food = Food(product="Courgettes", category="vegetables", grams=50 * KILO, until_at=until)
        new = NewNeed(organisation_id=self.ours.id, what=what or food, around=around, **facts)
        return service.post(actor or self.member, new)

    def kitchen(self, **facts):
        return Place(
            kind="kitchen", first_day=date(2026, 9, 8), start_time="09:00", end_time="12:00", **facts
        )


@pytest.fixture
def board():
    return Board()


def fresh(need):
    db.session.refresh(need)
    return need


# -- what fits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "offered", "same"),
    [
        ("", "Carottes", True),
        ("carotte", "Carottes de plein champ", True),
        ("Poireaux, choux", "Chou pommé", True),
        ("carottes", "Courgettes", False),
        ("Œufs", "Oeufs frais", True),
    ],
)
def test_names_share_a_word(wanted, offered, same):
    assert names_the_same(wanted, offered) is same


def test_an_offer_fits_by_sort_temperature_distance_and_time():
    now = clock.now()
    wanted = Wanted("courgettes", "vegetables", "produce", 20, now)
    good: dict[str, Any] = {
        "product": "Courgettes rondes", "category": "vegetables", "regime": "produce", "km": 20, "from_at": now
    }  # fmt: skip
    assert fits(wanted, Offered(**good))
    later = now + timedelta(minutes=1)
    for wrong in (
        {"category": "fruit"},
        {"regime": "frozen"},
        {"km": 20.1},
        {"km": None},
        {"from_at": later},
    ):
        assert not fits(wanted, Offered(**(good | wrong))), wrong


def test_open_offers_that_fit_are_found_and_the_needs_an_offer_fits(board):
    need = board.look()
    offer = board.post(product="Courgettes longues")
    board.post(product="Tomates")
    board.post(product="Pommes", category=Category.FRUIT)
    assert [found.offer.id for found in queries.fitting_offers(need)] == [offer.id]
    assert [each.id for each in queries.needs_for(offer)] == [need.id]
    far = board.look(radius_km=5)
    assert queries.fitting_offers(far) == []
    service.say_found(board.member, need.id)
    assert queries.needs_for(offer) == []


def test_what_stands_free_is_found_as_the_finder_finds_it(board):
    site = a_site(board.others, hours="Mo-Fr 08:00-18:00", name="Maison")
    a_resource(site, name="Cuisine", capacity=2)
    need = board.look(board.kitchen())
    free = free_for(need, board.member)
    assert ([card.name for card in free.cards], free.total) == (["Cuisine"], 1)
    assert search_fields(need)["de"] == "09:00"
    assert "date=2026-09-08" in free.url
    assert free_for(board.look(board.kitchen(quantity=3)), board.member).total == 0
    night = Place(kind="kitchen", first_day=date(2026, 9, 8), start_time="20:00", end_time="22:00")
    assert free_for(board.look(night), board.member).total == 0


# -- posting, helping, ending ---------------------------------------------------------------------------------


def test_one_key_posts_once(board):
    assert board.look(key="k").id == board.look(key="k").id


@pytest.mark.parametrize(
    ("what", "field"),
    [
        (Food(product=" ", until_at=at("2026-09-03 18:00")), "product"),
        (Place(kind="castle", first_day=date(2026, 9, 8)), "kind"),
        (Place(kind="kitchen", first_day=date(2026, 9, 8), last_day=date(2026, 9, 7)), "last_day"),
        (Place(kind="kitchen", first_day=date(2026, 9, 8), start_time="12:00", end_time="09:00"), "end_time"),
        (Place(kind="kitchen", first_day=date(2026, 8, 1)), "first_day"),
        (Place(kind="kitchen", first_day=date(2028, 8, 1)), "first_day"),
        (Place(kind="kitchen", first_day=date(2026, 9, 8), quantity=0), "quantity"),
    ],
)
def test_what_cannot_be(board, what, field):
    with pytest.raises(BadNeed) as caught:
        board.look(what)
    assert caught.value.facts["field"] == field


def test_who_may_look_and_help(board):
    with pytest.raises(NotLooking):
        board.look(actor=board.other)
    need = board.look()
    with pytest.raises(NotLooking):
        service.help_with(board.stranger, need.id, board.foreign.id, "Nous")
    with pytest.raises(OwnNeed):
        service.help_with(board.member, need.id, board.ours.id, "Nous")
    with pytest.raises(NothingSaid):
        service.help_with(board.other, need.id, board.others.id, "  ")
    with pytest.raises(NotLooking):
        service.say_found(board.other, need.id)
    for _time in range(2):
        service.help_with(board.other, need.id, board.others.id, "Samedi, 60 kg", key="k")
    assert [each.message for each in queries.answers_of(need.id)] == ["Samedi, 60 kg"]


def test_what_is_ended_stays_so(board, frozen):
    found, withdrawn, late = board.look(), board.look(), board.look()
    service.say_found(board.member, found.id)
    service.withdraw(board.member, withdrawn.id)
    frozen.tick(days=6)
    assert service.expire_due() == 1
    assert [fresh(each).state for each in (found, withdrawn, late)] == [
        State.ANSWERED,
        State.WITHDRAWN,
        State.OVER,
    ]
    with pytest.raises(IllegalMove):
        service.withdraw(board.member, found.id)
    with pytest.raises(NeedEnded):
        service.help_with(board.other, late.id, board.others.id, "Trop tard")


def test_an_organisation_that_leaves_looks_for_nothing(board):
    need = board.look()
    left = OrganisationArchived(
        board.ours.id, "", "", board.territory.id, "Fin", board.member, by_itself=True, to=()
    )
    service.end_all_of(left)
    assert fresh(need).state == State.WITHDRAWN


def test_words_go_with_who_wants_that_and_in_the_end(board, frozen):
    need = board.look(note="Mon numéro est le 06", key="k")
    service.help_with(board.other, need.id, board.others.id, "Appelez-moi")
    to = Reader(board.people["ours"].id, "a@b.example", "Ours", "fr")
    service.forget_words_of(AccountErased(to, board.people["ours"].id, "asked", "", {}, messages_too=True))
    assert (fresh(need).note, need.idempotency_key) == ("", None)
    service.withdraw(board.member, need.id)
    service.forget_old()
    answer = db.session.scalars(select(NeedAnswer)).one()
    assert answer.message
    frozen.tick(days=4 * 365)
    service.forget_old()
    db.session.refresh(answer)
    assert answer.message == ""


# -- pages ----------------------------------------------------------------------------------------------------

FOOD = {
    "quoi": "food", "product": "Carottes", "category": "", "amount": "", "regime": "",
    "until_day": "2026-09-10", "until_time": "18:00", "commune": "Nort-sur-Erdre", "radius_km": "20",
    "note": "", "once": "k" * 20,
}  # fmt: skip
KITCHEN = {
    "quoi": "place", "kind": "kitchen", "quantity": "1", "first_day": "2026-09-08", "last_day": "",
    "start_time": "09:00", "end_time": "12:00", "regime": "", "commune": "Nort-sur-Erdre", "radius_km": "20",
    "note": "", "once": "l" * 20,
}  # fmt: skip


@pytest.fixture
def by(client, login, board):
    def sign_in(name):
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie["locale"] = "en"
        login(client, board.people[name])
        return client

    return sign_in


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def latest():
    return db.session.scalars(select(Need).order_by(Need.id.desc())).first()


def test_a_need_goes_on_the_board_and_is_answered(by, board):
    client = by("ours")
    assert "Nort-sur-Erdre" in text(client.get("/besoins/proposer"))
    wrong = client.post("/besoins/proposer", data=FOOD | {"product": "", "note": "gardé"})
    assert wrong.status_code == 422
    assert "gardé" in text(wrong)
    assert client.post("/besoins/proposer", data=FOOD).status_code == 303
    need = latest()
    path = f"/besoins/{need.public_id}"
    assert "Nobody has answered yet." in text(client.get(path))

    client = by("others")
    assert "Carottes" in text(client.get("/besoins?quoi=food"))
    assert "Nothing fits all of this" in text(client.get("/besoins?quoi=place"))
    assert client.post(f"{path}/aider", data={"message": ""}).status_code == 422
    answer = {"organisation": str(board.others.id), "message": "20 kg demain", "once": "m" * 20}
    assert client.post(f"{path}/aider", data=answer).status_code == 303
    assert client.post(f"{path}/trouve").status_code == 403

    client = by("ours")
    assert "20 kg demain" in text(client.get(path))
    assert "1 organisation can help" in text(client.get("/besoins"))
    assert client.post(f"{path}/trouve").status_code == 303
    assert "Look for it again" in text(client.get(path))
    assert 'value="Carottes"' in text(client.get(f"/besoins/proposer?comme={need.public_id}"))
    assert client.post(f"{path}/retirer").status_code == 409


def test_a_place_is_looked_for_with_what_stands_free(by, board):
    site = a_site(board.others, hours="Mo-Fr 08:00-18:00", name="Maison")
    a_resource(site, name="Cuisine du bourg")
    client = by("ours")
    assert "Choose both hours" in text(client.post("/besoins/proposer", data=KITCHEN | {"end_time": ""}))
    assert client.post("/besoins/proposer", data=KITCHEN).status_code == 303
    page = text(client.get(f"/besoins/{latest().public_id}"))
    assert "Cuisine du bourg" in page
    assert "See all of it (1)" in page
    assert "date=2026-09-08" in page


@pytest.mark.parametrize("wrong", [{"last_day": "9999-12-31"}, {"first_day": "0001-01-01"}])
def test_a_day_far_off_is_refused(by, board, wrong):
    answer = by("ours").post("/besoins/proposer", data=KITCHEN | wrong)
    assert answer.status_code == 422
    assert "Check the year" in text(answer)


def test_who_is_elsewhere_sees_nothing(by, board):
    need = board.look()
    assert by("foreign").get(f"/besoins/{need.public_id}").status_code == 404


def test_a_need_that_was_sent_and_then_changed_is_another_one_and_says_so(by, board):
    client = by("ours")
    first = client.post("/besoins/proposer", data=FOOD)
    changed = FOOD | {"note": "Plutôt le matin"}
    told = client.post("/besoins/proposer", data=changed)
    assert told.status_code == 422
    assert "Plutôt le matin" in text(told)
    [once] = re.findall(r'name="once"[^>]*value="([^"]+)"', told.get_data(as_text=True))
    assert once != FOOD["once"]
    again = client.post("/besoins/proposer", data=changed | {"once": once})
    assert again.status_code == 303
    assert again.location != first.location


def test_one_of_two_fields_is_asked_for_and_neither_says_that_it_is_optional(by, board):
    form = text(by("ours").get("/besoins/proposer"))
    label = form[form.index('for="product"') :]
    assert "(optional)" not in label[: label.index("</label>")]
    answer = text(by("ours").post("/besoins/proposer", data=FOOD | {"product": "", "category": ""}))
    assert "Say what you look for, or choose a sort of food." in answer
    assert (
        by("ours")
        .post("/besoins/proposer", data=FOOD | {"product": "", "category": "vegetables"})
        .status_code
        == 303
    )
