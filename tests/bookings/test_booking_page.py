"""The page of a booking for both sides, and every act on it, with and without script."""

import pytest
from sqlalchemy import func, select

from app.bookings import service
from app.bookings.models import Booking, BookingMessage
from app.catalogue.models import Status
from app.infra.db import db
from app.infra.uow import atomic
from tests.bookings.pages import World, text_of
from tests.factories import a_coordinator, a_member, a_person, an_organisation, span
from tests.helpers import HTMX, assert_same_after_swap, count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def booking(shared):
    return shared.ask(message="Peut-on brancher deux plaques ?", people=8)


def url(booking, *more):
    return "/".join((f"/reservations/{booking.ref}", *more))


def test_the_side_that_asked_reads_where_it_stands(shared, booking, browser):
    page = text_of(browser(shared.person).get(url(booking)))
    for piece in (
        "Waiting for the answer of Mairie de Treillières",
        "The slot is kept until the answer",
        "Answer expected before",
        "Tuesday 6 October, 09:00–12:00",
        "02 40 12 34 56",
        "Peut-on brancher deux plaques ?",
        "Request sent",
        "Change the time",
    ):
        assert piece in page
    assert "code 4321" not in page
    assert url(booking, "accepter") not in page


def test_the_manager_reads_who_asks_and_what_is_around(shared, booking, browser):
    shared.ask(span("2026-10-06 14:00", "2026-10-06 18:00"), purpose="Confitures")
    page = text_of(browser(shared.manager_person).get(url(booking)))
    for piece in (
        "Les Glaneurs waits for your answer",
        "Jeanne Moreau",
        "That day",
        "14:00–18:00",
        "Accept",
        "Refuse",
    ):
        assert piece in page


def test_the_organisation_and_the_coordination_see_it_others_learn_nothing(shared, booking, browser):
    for person in (shared.boss, a_coordinator(shared.territory)):
        assert browser(person).get(url(booking)).status_code == 200
    stranger = browser(a_member(an_organisation(shared.territory)))
    hidden, unknown = stranger.get(url(booking)), stranger.get("/reservations/ABCDEFGH")
    assert hidden.status_code == unknown.status_code == 404
    assert (
        text_of(hidden).count("There is no such booking")
        == text_of(unknown).count("There is no such booking")
        == 1
    )
    for path in (url(booking), "/reservations/ABCDEFGH"):
        answer = browser().get(path)
        assert (answer.status_code, answer.location.split("?")[0]) == (303, "/connexion")


@pytest.mark.parametrize("ref", ["x", "..", "%00", "A" * 400, "é", "0OIL0OIL", "' OR 1=1"])
def test_no_reference_breaks_the_page(shared, browser, ref):
    assert browser(shared.person).get(f"/reservations/{ref}").status_code in (400, 404)


def test_accepting_shows_how_to_come_in(shared, booking, browser):
    answer = browser(shared.manager_person).post(url(booking, "accepter"))
    assert (answer.status_code, answer.location) == (303, url(booking))
    page = text_of(browser(shared.person).get(url(booking)))
    for piece in (
        "It is accepted: see you on Tuesday 6 October",
        "code 4321",
        f"{url(booking)}.ics",
        f"/ressources/{shared.kitchen.slug}/demander?refaire={booking.ref}",
        "Request accepted",
    ):
        assert piece in page


def test_with_htmx_an_act_swaps_the_piece_and_says_so(shared, booking, browser):
    client = browser(shared.manager_person)
    answer = client.post(url(booking, "accepter"), headers=HTMX)
    page = text_of(answer)
    assert answer.status_code == 200
    assert page.lstrip().startswith('<div id="booking"')
    assert 'hx-swap-oob="beforeend:#toasts"' in page
    assert "Accepted: Les Glaneurs comes on Tuesday 6 October" in page
    assert_same_after_swap(client, url(booking))
    assert_same_after_swap(browser(shared.person), url(booking))


def test_refusing_needs_a_reason_and_keeps_what_was_typed(shared, booking, browser):
    client = browser(shared.manager_person)
    missing = client.post(url(booking, "refuser"), data={"reason": " "})
    assert missing.status_code == 422
    assert "Give a reason" in text_of(missing)
    too_long = client.post(url(booking, "refuser"), data={"reason": "Long" * 1100}, headers=HTMX)
    assert too_long.status_code == 422
    assert "LongLong" in text_of(too_long)
    assert client.post(url(booking, "refuser"), data={"reason": "Travaux ce jour-là"}).status_code == 303
    page = text_of(browser(shared.person).get(url(booking)))
    assert "The request is refused" in page
    assert "“Travaux ce jour-là”" in page


def test_a_decision_is_taken_back_within_ten_minutes(shared, booking, browser, frozen):
    client = browser(shared.manager_person)
    client.post(url(booking, "refuser"), data={"reason": "Erreur"})
    assert url(booking, "retablir") in text_of(client.get(url(booking)))
    assert client.post(url(booking, "retablir")).status_code == 303
    assert db.session.get_one(Booking, booking.id).decision == "pending"
    client.post(url(booking, "accepter"))
    frozen.tick(minutes=11)
    assert url(booking, "retablir") not in text_of(client.get(url(booking)))
    late = client.post(url(booking, "retablir"))
    assert late.status_code == 409
    assert "ten minutes only" in text_of(late)


def test_taking_a_refusal_back_needs_the_slot_still_free(shared, booking, browser):
    client = browser(shared.manager_person)
    client.post(url(booking, "refuser"), data={"reason": "Erreur"})
    shared.ask()
    answer = client.post(url(booking, "retablir"), headers=HTMX)
    assert answer.status_code == 409
    assert "Already taken from 09:00 to 12:00" in text_of(answer)


def test_deciding_twice_is_told(shared, booking, browser):
    client = browser(shared.manager_person)
    client.post(url(booking, "accepter"))
    again = client.post(url(booking, "accepter"))
    assert again.status_code == 409
    page = text_of(again)
    assert "Cuisine partagée, Tuesday 6 October" in page
    assert "Accepted, by you, today" in page
    assert "There is nothing left to answer." in page
    assert "Reload" not in page


@pytest.mark.parametrize("act", ["accepter", "refuser", "retablir"])
def test_the_side_that_asked_cannot_decide(shared, booking, browser, act):
    assert browser(shared.person).post(url(booking, act), data={"reason": "Oui"}).status_code == 403
    assert db.session.get_one(Booking, booking.id).decision == "pending"


@pytest.mark.parametrize("side", ["person", "boss", "manager_person"])
def test_either_side_cancels(shared, booking, browser, side):
    service.approve(booking.id, shared.manager)
    client = browser(getattr(shared, side))
    assert url(booking, "annuler") in text_of(client.get(url(booking)))
    assert client.post(url(booking, "annuler"), data={"reason": ""}).status_code == 422
    assert client.post(url(booking, "annuler"), data={"reason": "Empêchement"}).status_code == 303
    page = text_of(client.get(url(booking)))
    assert "Cancelled by " in page
    assert "“Empêchement”" in page


def test_writing_works_with_and_without_script(shared, booking, browser):
    mine, theirs = browser(shared.person), browser(shared.manager_person)
    assert theirs.post(url(booking, "messages"), data={"text": "Oui, à gauche"}).status_code == 303
    answer = mine.post(url(booking, "messages"), data={"text": "<b>Merci</b>"}, headers=HTMX)
    assert answer.status_code == 200
    assert "Oui, à gauche" in text_of(answer)
    assert "&lt;b&gt;Merci" in text_of(answer)
    assert mine.post(url(booking, "messages"), data={"text": "  "}).status_code == 422
    assert mine.post(url(booking, "messages"), data={"text": "x" * 4001}).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(BookingMessage)) == 3
    stranger = browser(a_person())
    assert stranger.post(url(booking, "messages"), data={"text": "Bonjour"}).status_code == 404


def test_changing_the_time_asks_again(shared, booking, browser):
    service.approve(booking.id, shared.manager)
    client = browser(shared.person)
    page = text_of(client.get(url(booking, "modifier")))
    assert "The approval starts again" in page
    assert '<option selected value="09:00">' in page
    assert "Free, if Mairie de Treillières agrees" in page  # its own hold does not stand in its way
    wanted = {"date": "2026-10-07", "de": "10:00", "a": "13:00"}
    assert client.post(url(booking, "modifier"), data=wanted).status_code == 303
    page = text_of(client.get(url(booking)))
    assert "Waiting for the answer" in page
    assert "Wednesday 7 October, 10:00–13:00" in page
    assert "Changed from “Tuesday 6 October, 09:00–12:00” to “Wednesday 7 October, 10:00–13:00”" in page


def test_a_change_that_cannot_be_had_keeps_the_booking(shared, booking, browser):
    shared.ask(span("2026-10-07 09:00", "2026-10-07 12:00"))
    client = browser(shared.person)
    taken = client.post(url(booking, "modifier"), data={"date": "2026-10-07", "de": "10:00", "a": "13:00"})
    assert taken.status_code == 409
    assert 'name="choisir"' in text_of(taken)
    assert '<a href="#slot">The slot</a> <span>Already taken from 10:00 to 12:00' in text_of(taken)
    same = client.post(url(booking, "modifier"), data={"date": "2026-10-06", "de": "09:00", "a": "12:00"})
    assert same.status_code == 422
    assert "This is the present time" in text_of(same)
    wrong = client.post(url(booking, "modifier"), data={"date": "2027-03-28", "de": "02:30", "a": "05:00"})
    assert wrong.status_code == 422
    chosen = client.post(url(booking, "modifier"), data={"choisir": "date=2026-10-07&de=12:00&a=15:00"})
    assert '<option selected value="12:00">' in text_of(chosen)
    assert db.session.get_one(Booking, booking.id).start_at == shared.slot.start
    assert_same_after_swap(client, url(booking, "modifier?date=2026-10-07&de=10:00&a=13:00"), "slot")
    assert browser(shared.manager_person).get(url(booking, "modifier")).status_code == 403


def test_a_change_tells_all_that_stands_against_it_at_once(shared, booking, browser):
    with atomic():
        shared.kitchen.status = Status.OUT_OF_ORDER
    same = {"date": "2026-10-06", "de": "09:00", "a": "12:00"}
    answer = browser(shared.person).post(url(booking, "modifier"), data=same)
    assert answer.status_code == 422
    assert "This is the present time" in text_of(answer)
    assert '<a href="#slot">The slot</a> <span>Out of order' in text_of(answer)


def test_what_is_over_can_only_be_talked_about(shared, booking, browser, frozen):
    service.approve(booking.id, shared.manager)
    frozen.move_to(shared.slot.end)
    client = browser(shared.person)
    page = text_of(client.get(url(booking)))
    assert "This booking is over" in page
    assert url(booking, "annuler") not in page
    assert client.post(url(booking, "annuler"), data={"reason": "Trop tard"}).status_code == 409


def test_an_unanswered_request_says_that_it_ended(shared, booking, browser, frozen):
    frozen.tick(hours=73)
    service.expire_due()
    assert "Nobody answered in time" in text_of(browser(shared.person).get(url(booking)))


def test_a_place_without_answer_says_booked(browser, session, frozen):
    world = World(approval="auto")
    booking = world.ask()
    page = text_of(browser(world.person).get(url(booking)))
    assert "It is booked: see you on Tuesday 6 October" in page
    assert url(booking, "retablir") not in text_of(browser(world.manager_person).get(url(booking)))


def test_the_page_asks_few_questions_to_the_database(shared, booking, browser):
    for number in range(10):
        service.write_message(
            booking.id, shared.manager if number % 2 else shared.member, f"Message {number}"
        )
    client = browser(shared.manager_person)
    client.get(url(booking))
    with count_queries(at_most=19):  # two of them: what it costs, and its deposit
        client.get(url(booking))
