"""What is done in a tab that is older than the last answer: who decided what is told, and nothing is lost silently."""

import pytest

from app.bookings import service
from app.bookings.errors import NothingToUndo
from app.bookings.models import Booking
from app.infra.db import db
from tests.bookings.pages import text_of
from tests.bookings.test_bundles import Valley, decisions, of
from tests.factories import a_manager, span

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def valley(session, frozen):
    return Valley()


@pytest.fixture
def booking(shared):
    return shared.ask()


def url(booking, act=""):
    return f"/reservations/{booking.ref}/{act}".rstrip("/")


def propose(valley, leg):
    other = span("2026-10-06 13:00", "2026-10-06 16:00")
    service.propose(leg.id, valley.manager, service.Offer(leg.resource_id, other, leg.quantity))


def test_accepting_several_where_one_has_another_answer_says_which_and_why(valley, browser):
    """The false confirmation: another time was proposed for one of two elements, then both were accepted at once."""
    bundle = valley.bundle()
    _van, room, kitchen = of(bundle)
    propose(valley, kitchen)
    sent = {"retour": "a-traiter"}
    client = browser(valley.manager_person)
    answer = client.post(url(room, "demande/accepter"), data=sent, follow_redirects=True)
    assert decisions(bundle) == ["pending", "approved", "pending"]
    page = text_of(answer)
    assert f"Accepted: {room.resource.name}. The requester is told by e-mail." in page
    assert f"nothing for what was answered before: {kitchen.resource.name} (Proposal sent)." in page
    assert "Your elements of this request are accepted" not in page


def test_refusing_several_where_one_has_another_answer_says_which_and_why(valley, browser):
    bundle = valley.bundle()
    _van, room, kitchen = of(bundle)
    propose(valley, kitchen)
    client = browser(valley.manager_person)
    data = {"retour": "a-traiter", "reason": "Travaux"}
    page = text_of(client.post(url(room, "demande/refuser"), data=data, follow_redirects=True))
    assert f"Refused: {room.resource.name}. The requester reads your reason by e-mail." in page
    assert f"answered before: {kitchen.resource.name} (Proposal sent)." in page


def test_all_elements_that_wait_are_accepted_without_a_word_about_others(valley, browser):
    bundle = valley.bundle()
    page = text_of(
        browser(valley.manager_person).post(
            url(of(bundle)[1], "demande/accepter"), data={"retour": "a-traiter"}, follow_redirects=True
        )
    )
    assert "Your elements of this request are accepted" in page
    assert "answered before" not in page


def test_accepting_what_was_accepted_in_the_other_tab_says_which_elements_by_whom(valley, browser):
    bundle = valley.bundle()
    service.approve_legs(bundle.id, valley.manager)
    client = browser(valley.manager_person)
    answer = client.post(url(of(bundle)[1], "demande/accepter"), data={"retour": "a-traiter"})
    assert answer.status_code == 409
    page = text_of(answer)
    assert f"Nothing of “{bundle.purpose}” waits for your answer any more: " in page
    assert "(Accepted, by you)" in page


@pytest.mark.parametrize("back", ["", "a-traiter"])
def test_refusing_what_somebody_else_accepted_says_so_and_keeps_the_reason(shared, booking, browser, back):
    other = a_manager(shared.site, name="Loïc Hervé")
    service.approve(booking.id, shared.manager)
    answer = browser(other).post(url(booking, "refuser"), data={"reason": "En travaux", "retour": back})
    assert answer.status_code == 409
    page = text_of(answer)
    assert (
        "Nothing was changed. Cuisine partagée, Tuesday 6 October, 09:00–12:00: Accepted, by Anne Le Goff"
        in page
    )
    assert "cancel the booking with a reason" in page
    assert "En travaux" in page
    assert "Reload" not in page
    assert db.session.get_one(Booking, booking.id).decision == "approved"


def test_what_becomes_of_a_late_answer_depends_on_what_was_decided(shared, browser, frozen):
    client = browser(shared.manager_person)
    refused, cancelled, expired = (
        shared.ask(span(f"2026-10-{day:02d} 09:00", f"2026-10-{day:02d} 12:00")) for day in (6, 7, 8)
    )
    service.refuse(refused.id, shared.manager, "Travaux")
    service.cancel(cancelled.id, shared.member, "Plus besoin")
    assert "Within ten minutes you can take the decision back" in text_of(
        client.post(url(refused, "accepter"))
    )
    given_up = text_of(client.post(url(cancelled, "accepter")))
    assert "Cancelled, by Jeanne Moreau, today" in given_up
    assert "It was given up" in given_up
    frozen.tick(days=20)
    service.expire_due()
    assert "whoever asked can send a new request" in text_of(client.post(url(expired, "accepter")))
    again = browser(shared.person).post(url(cancelled, "annuler"), data={"reason": "Encore"})
    assert "If you still need it, send a new request." in text_of(again)


def test_undoing_twice_says_that_it_is_undone(shared, booking, browser, frozen):
    service.approve(booking.id, shared.manager)
    client = browser(shared.manager_person)
    assert client.post(url(booking, "retablir")).status_code == 303
    frozen.tick(minutes=1)
    answer = client.post(url(booking, "retablir"))
    assert answer.status_code == 409
    page = text_of(answer)
    assert "This decision was taken back already, by you, today" in page
    assert "ten minutes" not in page


def test_where_nothing_was_decided_there_is_nothing_to_undo(shared, booking):
    with pytest.raises(NothingToUndo) as caught:
        service.undo(booking.id, shared.manager)
    assert caught.value.facts["at"] is None


def test_another_slot_is_not_proposed_for_what_is_accepted(shared, booking, browser):
    client = browser(shared.manager_person)
    assert client.get(url(booking, "proposer")).status_code == 200
    service.approve(booking.id, shared.manager)
    answer = client.get(url(booking, "proposer"))
    assert answer.status_code == 409
    page = text_of(answer)
    assert "Accepted, by you, today" in page
    assert "whoever asked can still move it, and you can cancel it with a reason" in page
    assert 'name="message"' not in page
