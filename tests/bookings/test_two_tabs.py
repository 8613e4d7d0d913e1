"""What is done in a tab that is older than the last answer: who decided what is told, and nothing is lost silently."""

import re

import pytest

from app.bookings import service
from app.bookings.errors import AskedOtherwise, NothingToUndo
from app.bookings.models import Booking
from app.infra.db import db
from tests.bookings.pages import text_of
from tests.bookings.test_bundles import Valley, decisions, of
from tests.bookings.test_series import Town
from tests.bookings.test_series import of as dates_of
from tests.factories import a_manager, at, span

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


# -- a yes to what was moved since the page was opened --------------------------------------------------------

AFTERNOON = span("2026-10-06 13:00", "2026-10-06 16:00")
MODIFIED = "Nothing was changed: the request has been modified since you opened the page. It now asks for "
NOW = f"{MODIFIED}Cuisine partagée, Tuesday 6 October, 13:00–16:00. Read it again, then answer."


def form_on(client, page, action):
    """Read what a form of a page (batch: also its fields elsewhere) would send to `action`, its ticks set."""
    html = client.get(page).get_data(as_text=True)
    form = re.search(rf'<form[^>]*action="{action}"[^>]*>.*?</form>', html, re.DOTALL)
    assert form, f"no form for {action} on {page}"
    fields = re.findall(r"<input[^>]*>", form.group())
    if 'id="batch"' in form.group():
        fields += re.findall(r'<input[^>]*form="batch"[^>]*>', html)
    sent: dict[str, list[str]] = {}
    for field in fields:
        name, value = (re.search(rf' {what}="([^"]*)"', field) for what in ("name", "value"))
        if name and value and name[1] != "csrf_token":
            sent.setdefault(name[1], []).append(value[1])
    return sent


@pytest.mark.parametrize("page", ["the booking", "/a-traiter"])
def test_a_yes_in_an_older_page_is_none_to_a_slot_it_never_showed(shared, booking, browser, page):
    client, page = browser(shared.manager_person), url(booking) if page == "the booking" else page
    old = form_on(client, page, url(booking, "accepter"))
    service.change(booking.id, shared.member, AFTERNOON, 1)
    answer = client.post(url(booking, "accepter"), data=old)
    assert answer.status_code == 409
    assert NOW in text_of(answer)
    assert db.session.get_one(Booking, booking.id).decision == "pending"
    again = form_on(client, page, url(booking, "accepter"))
    assert client.post(url(booking, "accepter"), data=again).status_code == 303
    assert db.session.get_one(Booking, booking.id).decision == "approved"


@pytest.mark.parametrize("page", ["the request", "the booking", "/a-traiter"])
def test_all_elements_are_none_where_one_asks_for_more_than_the_page_showed(valley, browser, page):
    bundle = valley.bundle()
    _van, room, kitchen = of(bundle)
    client = browser(valley.manager_person)
    page = {"the request": f"/demandes/{bundle.ref}", "the booking": url(room)}.get(page, page)
    old = form_on(client, page, url(room, "demande/accepter"))
    service.change(room.id, valley.member, room.span, 5)
    answer = client.post(url(room, "demande/accepter"), data=old)
    assert answer.status_code == 409
    assert f"{MODIFIED}Chambre froide, " in text_of(answer)
    assert ", 5 pallets. Read it again" in text_of(answer)
    assert decisions(bundle) == ["pending", "pending", "pending"]
    client.post(url(room, "demande/accepter"), data=form_on(client, page, url(room, "demande/accepter")))
    assert decisions(bundle) == ["pending", "approved", "approved"]
    assert kitchen.decision == "approved"


@pytest.mark.parametrize("page", ["the series", "the booking", "/a-traiter"])
def test_all_dates_are_none_where_one_was_moved_since_the_page_showed_it(session, frozen, browser, page):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town()
    series = town.series()
    first, second, *_others = dates_of(series)
    client = browser(town.manager_person)
    page = {"the series": f"/series/{series.ref}", "the booking": url(first)}.get(page, page)
    old = form_on(client, page, url(first, "serie/accepter"))
    day = second.start_at.date().isoformat()
    service.change(second.id, town.member, span(f"{day} 14:00", f"{day} 17:00"), 1)
    answer = client.post(url(first, "serie/accepter"), data=old)
    assert answer.status_code == 409
    assert f"{MODIFIED}Cuisine partagée, " in text_of(answer)
    assert ", 14:00–17:00. Read it again" in text_of(answer)
    assert {each.decision for each in dates_of(series)} == {"pending"}
    client.post(url(first, "serie/accepter"), data=form_on(client, page, url(first, "serie/accepter")))
    assert {each.decision for each in dates_of(series)} == {"approved"}


def test_of_several_ticked_only_what_is_as_it_was_shown_is_accepted(shared, booking, browser):
    other = shared.ask(span("2026-10-07 09:00", "2026-10-07 12:00"))
    client = browser(shared.manager_person)
    old = form_on(client, "/a-traiter", "/a-traiter")
    assert sorted(old["ref"]) == sorted([booking.ref, other.ref])
    service.change(booking.id, shared.member, AFTERNOON, 1)
    answer = client.post("/a-traiter", data=old)
    assert answer.status_code == 409
    assert "1 request accepted." in text_of(answer)
    assert f"Les Glaneurs: {NOW}" in text_of(answer)
    assert [db.session.get_one(Booking, each.id).decision for each in (booking, other)] == [
        "pending",
        "approved",
    ]


def test_what_only_another_answer_changed_is_still_what_was_shown(shared, booking):
    shown = booking.as_asked
    service.refuse(booking.id, shared.manager, "Travaux")
    service.undo(booking.id, shared.manager)
    assert booking.revision > 0
    assert service.approve(booking.id, shared.manager, seen=[shown]).decision == "approved"


def test_without_a_page_a_yes_is_to_what_is_asked_for_now(shared, booking):
    shown = booking.as_asked
    service.change(booking.id, shared.member, AFTERNOON, 1)
    with pytest.raises(AskedOtherwise):
        service.approve(booking.id, shared.manager, seen=[shown])
    assert service.approve(booking.id, shared.manager).decision == "approved"
