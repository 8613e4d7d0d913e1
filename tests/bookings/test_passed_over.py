"""Who comes first by priority and is passed over reads it, and why: on the page, in history, in letters."""

import pytest

from app.accounts.models import Person
from app.accounts.queries import load_actor
from app.bookings import service
from app.bookings.events import BookingPassedOver
from app.bookings.models import Booking
from app.bookings.passed_over import find_passed_over
from app.infra.audit import history
from app.infra.db import db
from tests.bookings.pages import text_of
from tests.bookings.test_arbitration import SATURDAY
from tests.bookings.test_out_of_turn import MONDAY, SECOND, WHY, Market, dates_of, legs_of, offer

pytestmark = [pytest.mark.usefixtures("session", "frozen"), pytest.mark.scenario(number="S19")]

TOLD = "Your request comes first by the priority of the place, but one that comes after it was accepted"


@pytest.fixture
def place(frozen):
    return Market(frozen)


def acts(booking: Booking) -> list[str]:
    return [line.act for line in history("booking", booking.id)]


def page_for_asker(browser, booking: Booking) -> str:
    person = db.session.get_one(Person, booking.requester_id)
    return text_of(browser(person).get(f"/reservations/{booking.ref}"))


def test_who_is_passed_over_reads_it_with_the_reason_and_not_whose_it_is(place, browser):
    aid, producer = place.both()
    assert TOLD not in page_for_asker(browser, aid)
    service.approve(producer.id, place.manager, WHY)
    page = page_for_asker(browser, aid)
    assert f"{TOLD} for this time. The place gives this reason: “{WHY}”" in page
    assert "A request that comes after this one by priority was accepted all the same" in page
    assert "GAEC du Petit Bois" not in page
    assert TOLD not in page_for_asker(browser, producer)


@pytest.mark.parametrize("act", ["refuse", "expire"])
def test_it_is_still_told_once_the_request_has_ended(place, browser, frozen, act):
    aid, producer = place.both()
    service.approve(producer.id, place.manager, WHY)
    if act == "refuse":
        service.refuse(aid.id, place.manager, "Trop tard.")
    else:
        frozen.move_to(aid.expires_at)
        service.expire_due()
    assert TOLD in page_for_asker(browser, aid)


def test_all_who_are_passed_over_are_told_and_nobody_else(place):
    aid, producer = place.both()
    second, elsewhere = (
        place.asks(place.aid, "2026-09-01 15:00"),
        place.asks(place.aid, "2026-09-01 16:00", SECOND),
    )
    service.approve(producer.id, place.manager, WHY)
    assert [find_passed_over(each) is not None for each in (aid, second, elsewhere)] == [True, True, False]


def test_in_turn_nobody_is_passed_over(place):
    aid, producer = place.both()
    service.approve(aid.id, place.manager)
    assert "passed_over" not in acts(producer)


def test_a_yes_taken_back_gives_the_turn_back(place, browser):
    aid, producer = place.both()
    service.approve(producer.id, place.manager, WHY)
    service.undo(producer.id, place.manager)
    assert acts(aid)[-2:] == ["passed_over", "turn_given_back"]
    page = page_for_asker(browser, aid)
    assert TOLD not in page
    assert "waits again" in page


def test_what_is_given_up_since_is_told_no_more(place):
    aid, producer = place.both()
    service.approve(producer.id, place.manager, WHY)
    service.cancel(producer.id, load_actor(producer.requester_id), "Panne")
    assert find_passed_over(aid) is None


def test_who_asks_for_another_time_since_is_told_no_more(place):
    aid, producer = place.both()
    service.approve(producer.id, place.manager, WHY)
    service.change(aid.id, load_actor(aid.requester_id), MONDAY, 1)
    assert find_passed_over(aid) is None


def test_a_yes_to_a_series_and_to_elements_tells_too(place):
    series = place.repeats(place.producer, "2026-09-01 09:00")
    bundle = place.bundles(place.aid, "2026-09-01 14:00")
    service.approve_series(series.id, place.manager, WHY)
    kitchen, hall = legs_of(bundle)
    assert [find_passed_over(each) is not None for each in (kitchen, hall)] == [True, False]


def test_a_request_of_several_dates_is_told_once(place, monkeypatch):
    told: list[object] = []
    monkeypatch.setattr("app.bookings.service.in_turn.emit", told.append)
    series = place.repeats(place.aid, "2026-09-01 14:00")
    producer = place.repeats(place.producer, "2026-09-01 15:00")
    service.approve_series(producer.id, place.manager, WHY)
    assert told == [BookingPassedOver(dates_of(series)[0].id, place.manager.person_id)]
    assert all(acts(each)[-1] == "passed_over" for each in dates_of(series))


def test_a_proposal_out_of_turn_is_told_while_it_waits_and_once_it_is_accepted(place, browser):
    aid = place.asks(place.aid, "2026-09-01 08:00")
    producer = place.asks(place.producer, "2026-09-01 09:00", slot=MONDAY)
    proposal = service.propose(producer.id, place.manager, offer(place, SATURDAY, WHY))
    page = page_for_asker(browser, aid)
    assert f"this time was proposed to one that comes after it. The place gives this reason: “{WHY}”" in page
    service.accept_proposal(producer.id, proposal.ref, load_actor(producer.requester_id))
    assert TOLD in page_for_asker(browser, aid)


def test_a_proposal_that_is_declined_passes_nobody_over(place):
    aid = place.asks(place.aid, "2026-09-01 08:00")
    producer = place.asks(place.producer, "2026-09-01 09:00", slot=MONDAY)
    proposal = service.propose(producer.id, place.manager, offer(place, SATURDAY, WHY))
    service.decline_proposal(producer.id, proposal.ref, load_actor(producer.requester_id))
    assert find_passed_over(aid) is None
