"""The pages of gleanings: the list, calling, signing up, what came of it, a file for one's calendar."""

import re
from urllib.parse import parse_qs, urlsplit

import icalendar
import pytest
from sqlalchemy import delete, select

from app.accounts.models import Membership
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.cargo import KILO
from app.supply.gleanings import queries, service
from app.supply.gleanings.models import Gleaning
from app.supply.gleanings.rules import Place, State
from tests.factories import a_person
from tests.helpers import count_queries, hidden
from tests.supply.gleanings.world import Orchard, a_gleaning, soon

pytestmark = pytest.mark.usefixtures("session", "frozen")
TYPED = {
    "product": "Pommes",
    "category": "fruit",
    "amount": "1500",
    "day": "2026-10-10",
    "start": "09:00",
    "end": "12:30",
    "where": "commune",
    "least_people": "6",
    "most_people": "15",
    "meeting_point": "Parking de la ferme",
    "ask_for": "Paul",
    "tools_to_bring": "Gants",
    "tools_provided": "Caisses",
    "rain": "Reporté",
    "min_age": "",
    "note": "",
    "packaging": "crate_60x40",
    "per_package": "",
    "regime": "",
    "commune": "",
    "place": "Le verger",
    "once": "k" * 20,
}


@pytest.fixture
def orchard() -> Orchard:
    return Orchard()


@pytest.fixture
def by(client, login, orchard):
    """Give what a person's browser answers: `by("farm")`."""

    def sign_in(name):
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie["locale"] = "en"
        if name:
            login(client, orchard.people[name])
        return client

    return sign_in


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def latest():
    return db.session.scalars(select(Gleaning).order_by(Gleaning.id.desc())).first()


# -- calling --------------------------------------------------------------------------------------------------


def test_a_call_is_made_once(by):
    answer = by("farm").post("/glanages/proposer", data=TYPED)
    assert answer.status_code == 303
    gleaning = latest()
    assert (gleaning.grams, gleaning.per_package, gleaning.regime) == (1_500 * KILO, 12 * KILO, "produce")
    assert (gleaning.commune_code, gleaning.least_people, gleaning.min_age) == ("44205", 6, None)
    assert by("farm").post("/glanages/proposer", data=TYPED).headers["Location"] == answer.headers["Location"]


def test_a_form_that_was_sent_and_changed_since_is_something_new_at_its_next_send(by):
    url = "/glanages/proposer"
    assert by("farm").post(url, data=TYPED).status_code == 303
    made = latest().id
    answer = by("farm").post(url, data=TYPED | {"most_people": "16"})
    assert (answer.status_code, latest().id) == (422, made)
    assert "already been sent with other answers" in text(answer)
    [once] = re.findall(r'name="once"[^>]*value="([^"]+)"', text(answer))
    assert by("farm").post(url, data=TYPED | {"most_people": "16", "once": once}).status_code == 303
    assert latest().id != made


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"product": ""}, "Say what it is"),
        ({"amount": "beaucoup"}, "Type a weight in kilos"),
        ({"day": "2026-08-01"}, "That time is over"),
        ({"day": ""}, "Choose the day"),
        ({"day": "2027-10-10"}, "180 days ahead"),
        ({"day": "2026-09-01", "start": "07:00"}, "That time is over"),
        ({"end": "08:00"}, "It ends after it begins"),
        ({"least_people": "0"}, "between 1 and 500"),
        ({"least_people": "x"}, "valid integer"),
        ({"least_people": "20"}, "not fewer than the least"),
        ({"min_age": "200"}, "between 0 and 99"),
        ({"where": "elsewhere"}, "commune"),
    ],
)
def test_what_cannot_be_says_why_and_keeps_what_was_typed(by, wrong, words):
    answer = by("farm").post("/glanages/proposer", data=TYPED | {"note": "Bien mûres"} | wrong)
    assert answer.status_code == 422
    assert words in text(answer)
    assert "Bien mûres" in text(answer)
    assert latest() is None


def test_a_postcode_of_several_communes_is_answered_with_these_to_choose_from(by):
    typed = TYPED | {"where": "elsewhere", "commune": "44390"}
    refused = by("farm").post("/glanages/proposer", data=typed)
    assert refused.status_code == 422
    assert 'name="commune" value="Petit-Mars (44390)"' in text(refused)
    assert 'value="44390"' in text(refused)
    assert "Parking de la ferme" in text(refused)
    changed = {"commune": ["44390 Nulle part", "Petit-Mars (44390)"]}
    assert by("farm").post("/glanages/proposer", data=typed | changed).status_code == 422
    chosen = {"commune": ["44390", "Petit-Mars (44390)"]}
    assert by("farm").post("/glanages/proposer", data=typed | chosen).status_code == 303
    assert latest().commune_code == "44122"


def test_all_that_is_wrong_is_told_in_one_answer(by):
    wrong = {
        "product": "", "amount": "200000", "day": "2026-08-01", "end": "08:00", "least_people": "20",
        "min_age": "200", "where": "elsewhere", "commune": "Nullepart", "per_package": "x",
    }  # fmt: skip
    answer = by("farm").post("/glanages/proposer", data=TYPED | wrong)
    assert answer.status_code == 422
    for words in (
        "Say what it is",
        "at most 100",
        "That time is over",
        "It ends after it begins",
        "not fewer than the least",
        "between 0 and 99",
        "Nullepart",
        "what one package holds",
    ):
        assert words in text(answer), words
    assert "Parking de la ferme" in text(answer)


def test_a_call_is_corrected_and_made_again(by, orchard):
    gleaning = orchard.call()
    url = f"/glanages/{gleaning.public_id}/modifier"
    assert 'value="2026-10-10"' in text(by("farm").get(url))
    assert by("farm").post(url, data=TYPED | {"most_people": "20"}).status_code == 303
    assert gleaning.most_people == 20
    again = text(by("farm").get(f"/glanages/proposer?comme={gleaning.public_id}"))
    assert 'value="20"' in again
    assert 'value="2026-10-10"' not in again
    assert 'value="20"' not in text(by("ours").get(f"/glanages/proposer?comme={gleaning.public_id}"))
    assert by("ours").get(url).status_code == 403


def test_an_older_tab_does_not_undo_what_was_corrected_since(by, orchard):
    gleaning = orchard.call()
    url = f"/glanages/{gleaning.public_id}/modifier"
    old = hidden(text(by("farm").get(url)), "vu")
    new = TYPED | {"vu": old, "amount": "450", "rain": "Annulé"}
    assert by("farm").post(url, data=new).status_code == 303
    answer = by("farm").post(
        url, data=TYPED | {"vu": old, "amount": "600", "rain": "Annulé", "note": "Bottes"}
    )
    page = text(answer)
    assert answer.status_code == 409
    assert gleaning.grams == 450 * KILO
    assert "Nothing was saved: since you opened this form it was changed, by you, today" in page
    assert "It now says: 450" in page
    assert 'value="600"' in page
    assert "Bottes" in page
    assert page.count("It now says") == 2  # at the field, and in the summary: what is the same is no quarrel
    again = TYPED | {"vu": hidden(page, "vu"), "amount": "600", "note": "Bottes"}
    assert by("farm").post(url, data=again).status_code == 303
    assert (gleaning.grams, gleaning.note) == (600 * KILO, "Bottes")


def test_what_two_tabs_change_apart_from_each_other_is_saved_twice(by, orchard):
    gleaning = orchard.call()
    url = f"/glanages/{gleaning.public_id}/modifier"
    old = hidden(text(by("farm").get(url)), "vu")
    for _twice in range(2):  # sent twice, it says the same
        assert by("farm").post(url, data=TYPED | {"vu": old, "amount": "450"}).status_code == 303
    assert gleaning.grams == 450 * KILO


# -- one gleaning ---------------------------------------------------------------------------------------------


def test_the_page_says_what_it_is_on_the_road_and_leads_to_a_chain(by, orchard):
    """S27: 1 500 kg of apples are 125 crates, 4 pallets, 1 787.5 kg with the packaging."""
    ref = orchard.call().public_id
    page = text(by("farm").get(f"/glanages/{ref}"))
    assert "125 crates of 60 × 40" in page
    assert "4 pallets, 1,787.5 kg with the packaging" in page
    start = page.index("/filieres/preparer?")
    asked = parse_qs(urlsplit(page[start : page.index('"', start)].replace("&amp;", "&")).query)
    assert (asked["kilos"], asked["date"], asked["de"], asked["a"]) == (
        ["1500"],
        ["2026-10-10"],
        ["12:30"],
        ["18:30"],
    )
    assert "/filieres/preparer" not in text(by("ours").get(f"/glanages/{ref}"))


def test_one_signs_up_with_others_changes_and_withdraws(by, orchard):
    gleaning = orchard.call()
    url = f"/glanages/{gleaning.public_id}"
    assert by("ours").post(f"{url}/inscription", data={"others": "2"}).status_code == 303
    page = text(by("ours").get(url))
    assert "3 people: your place is kept." in page
    assert f"{url}.ics" in page
    assert by("ours").post(f"{url}/inscription", data={"others": "0"}).status_code == 303
    assert queries.count_of(gleaning.id).going == 1
    assert by("ours").post(f"{url}/inscription/retirer").status_code == 303
    assert queries.count_of(gleaning.id).going == 0
    assert by("ours").post(f"{url}/inscription/retirer").status_code == 404


def test_who_left_their_organisation_sees_what_they_signed_up_for_and_withdraws(by, orchard):
    gleaning = orchard.call()
    service.sign_up(orchard.member, gleaning.id, 2)
    with atomic() as session:
        session.execute(delete(Membership).filter_by(person_id=orchard.member.person_id))
    url = f"/glanages/{gleaning.public_id}"
    page = text(by("ours").get(url))
    assert "2 people: your place is kept." in page
    assert "Change with how many you come" not in page
    assert by("ours").post(f"{url}/inscription", data={"others": "3"}).status_code == 403
    answer = by("ours").post(f"{url}/inscription/retirer")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/glanages")
    assert queries.count_of(gleaning.id).going == 0
    assert by("ours").get("/glanages").status_code == 200
    assert by("ours").get(url).status_code == 404


def test_who_comes_too_late_is_in_line_and_reads_their_turn(by, orchard):
    gleaning = orchard.call()
    service.sign_up(orchard.other, gleaning.id, 6)
    url = f"/glanages/{gleaning.public_id}"
    by("ours").post(f"{url}/inscription", data={"others": "0"})
    page = text(by("ours").get(url))
    assert "1 person: you are the next." in page
    assert "6 people signed up of 6" in page


def test_a_group_that_does_not_fit_reads_what_is_free_and_comes_in_part_in_one_step(by, orchard):
    gleaning = orchard.call()
    service.sign_up(orchard.other, gleaning.id, 2)
    url = f"/glanages/{gleaning.public_id}"
    assert "4 places are free." in text(by("ours").get(url))
    answer = by("ours").post(f"{url}/inscription", data={"others": "5"})
    assert answer.status_code == 409
    for said in (
        "4 places are free, and you are 6",
        "Come with 4, the others wait",
        "All of us wait",
        'value="5"',
    ):
        assert said in text(answer), said
    assert text(answer).count('name="part"') == 2  # the buttons, and nothing that would be read before them
    sent = {"others": "5", "part": "some"}
    page = text(by("ours").post(f"{url}/inscription", data=sent, follow_redirects=True))
    assert "Signed up: 4 people. In line: 2 people" in page
    assert "4 people: your place is kept. 2 people: you are the next in line." in page
    assert "2 people in line" in text(by("farm").get(url))


def test_who_waits_with_too_many_is_offered_what_is_free(by, orchard):
    gleaning = orchard.call()
    url = f"/glanages/{gleaning.public_id}"
    service.sign_up(orchard.other, gleaning.id, 6)
    by("ours").post(f"{url}/inscription", data={"others": "4"})
    service.sign_up(orchard.other, gleaning.id, 3)
    assert "Come with 3, the others wait" in text(by("ours").get(url))


def test_who_leaves_the_line_is_not_told_of_a_place(by, orchard):
    gleaning = orchard.call()
    url = f"/glanages/{gleaning.public_id}"
    service.sign_up(orchard.other, gleaning.id, 6)
    by("ours").post(f"{url}/inscription", data={"others": "0"})
    page = text(by("ours").post(f"{url}/inscription/retirer", follow_redirects=True))
    assert "You are not in line any more." in page
    assert "Your place goes" not in page
    left = by("others").post(f"{url}/inscription/retirer", follow_redirects=True)
    assert "Your place goes to who is next" in text(left)


@pytest.mark.parametrize("typed", ["", "x", "-1", "30"])
def test_a_number_that_is_none_is_refused(by, orchard, typed):
    gleaning = orchard.call()
    answer = by("ours").post(f"/glanages/{gleaning.public_id}/inscription", data={"others": typed})
    assert answer.status_code == 422
    assert queries.count_of(gleaning.id) == (0, 0)


def test_more_than_there_is_room_for_is_refused_with_what_is_left(by, orchard):
    gleaning = orchard.call()
    service.sign_up(orchard.member, gleaning.id, 3)
    service.sign_up(orchard.other, gleaning.id, 2)
    answer = by("ours").post(f"/glanages/{gleaning.public_id}/inscription", data={"others": "4"})
    assert answer.status_code == 409
    assert "1 more place is free" in text(answer)


def test_names_and_phones_are_read_by_who_called_alone(by, orchard):
    gleaning = orchard.call()
    visitor = a_person(name="Violette Dupré", phone="06 39 98 00 42")
    orchard.people["violette"] = visitor
    service.sign_up(orchard.somebody("Zoé Martin"), gleaning.id, 2)
    url = f"/glanages/{gleaning.public_id}"
    assert "Zoé Martin" in text(by("farm").get(url))
    for who in ("ours", "others"):
        page = text(by(who).get(url))
        assert "Zoé Martin" not in page
        assert "2 people signed up of 6" in page
    assert by("foreign").get(url).status_code == 404
    assert by("violette").get(url).status_code == 404
    assert by(None).get(url).status_code in (302, 303, 401)


def test_cancelling_takes_a_reason_which_is_read(by, orchard):
    gleaning = orchard.call()
    url = f"/glanages/{gleaning.public_id}"
    assert by("farm").post(f"{url}/annuler", data={"reason": ""}).status_code == 422
    assert by("ours").post(f"{url}/annuler", data={"reason": "Non"}).status_code == 403
    assert by("farm").post(f"{url}/annuler", data={"reason": "Grêle"}).status_code == 303
    page = text(by("ours").get(url))
    assert "Grêle" in page
    assert "/inscription" not in page
    assert by("ours").post(f"{url}/inscription", data={"others": "0"}).status_code == 409


def test_what_came_of_it_and_who_came_is_noted(by, orchard, frozen):
    gleaning = service.call(orchard.farmer, orchard.farm.id, soon())
    one = service.sign_up(orchard.member, gleaning.id, 2)
    service.sign_up(orchard.other, gleaning.id, 3)
    url = f"/glanages/{gleaning.public_id}"
    assert by("farm").post(f"{url}/recolte", data={"amount": "900"}).status_code == 409
    frozen.tick(hours=4)
    assert by("farm").post(f"{url}/recolte", data={"amount": "900"}).status_code == 303
    assert by("farm").post(f"{url}/presence", data={"came": one.public_id}).status_code == 303
    assert (gleaning.state, gleaning.real_grams, gleaning.came) == (State.DONE, 900 * KILO, 2)
    page = text(by("farm").get(url))
    assert "75 crates" in page
    assert "2 people came." in page
    assert by("farm").post(f"{url}/presence", data={"came": "NOBODY"}).status_code == 422
    assert by("farm").post(f"{url}/recolte", data={"amount": "x"}).status_code == 422
    assert by("ours").post(f"{url}/recolte", data={"amount": "1"}).status_code == 403


# -- the list, the file ---------------------------------------------------------------------------------------


def test_the_list_shows_what_is_around_and_what_is_ones_own(by, orchard):
    gleaning = orchard.call()
    assert "1 gleaning to come" in text(by("ours").get("/glanages"))
    assert "3 more people needed" in text(by("ours").get("/glanages"))
    service.sign_up(orchard.member, gleaning.id, 2)
    assert "You are signed up" in text(by("ours").get("/glanages"))
    assert "Called by you" in text(by("farm").get("/glanages"))
    assert "No gleaning at the moment" in text(by("foreign").get("/glanages"))
    orchard.people["nobody"] = a_person()
    assert "One step first" in text(by("nobody").get("/glanages"))


def test_a_long_list_asks_no_more_than_a_short_one(by, orchard):
    for name in ("Anne", "Bob"):
        service.sign_up(orchard.somebody(name), orchard.call().id, 1)
    browser = by("ours")
    with count_queries() as few:
        browser.get("/glanages")
    for _n in range(6):
        service.sign_up(orchard.member, orchard.call().id, 1)
    with count_queries() as many:
        browser.get("/glanages")
    assert len(many) <= len(few)


def test_it_goes_into_a_calendar(by, orchard):
    gleaning = orchard.call()
    service.change(orchard.farmer, gleaning.id, a_gleaning(min_age=12))
    answer = by("ours").get(f"/glanages/{gleaning.public_id}.ics")
    assert answer.mimetype == "text/calendar"
    event = read_event(answer)
    assert (event.DTSTART.isoformat(), event["sequence"]) == ("2026-10-10T09:00:00+02:00", 1)
    assert event["location"] == "Ferme des Touches, Les Touches (44390)"
    assert by("foreign").get(f"/glanages/{gleaning.public_id}.ics").status_code == 404
    service.cancel(orchard.farmer, gleaning.id, "Grêle")
    assert read_event(by("ours").get(f"/glanages/{gleaning.public_id}.ics"))["status"] == "CANCELLED"


def read_event(answer):
    [event] = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    return event


def test_a_place_that_becomes_free_is_theirs_who_wait(by, orchard):
    gleaning = orchard.call()
    service.sign_up(orchard.other, gleaning.id, 6)
    own = service.sign_up(orchard.member, gleaning.id, 1)
    by("others").post(f"/glanages/{gleaning.public_id}/inscription", data={"others": "3"})
    assert own.place == Place.GOING


def test_an_error_calls_its_field_as_its_label_does(by):
    page = text(by("farm").post("/glanages/proposer", data=TYPED | {"amount": ""}))
    assert "Kilos expected" in page
    assert "How many kilos" not in page.replace("Type how many kilos", "")
