"""Two approvals on every screen: who may still agree, what is told to both sides, and the link from the e-mail."""

import pytest

from app.accounts import service as accounts
from app.accounts.queries import load_actor
from app.bookings import queries, service
from tests.bookings.pages import text_of
from tests.bookings.test_two_step import World
from tests.factories import a_person, span
from tests.helpers import assert_same_after_swap

AWAITED = "One of two approvals: that of the elected official is missing"


@pytest.fixture
def world(session, frozen):
    return World()


def page_of(booking):
    return f"/reservations/{booking.ref}"


def test_both_sides_read_how_many_have_agreed_and_whose_yes_is_missing(world, browser):
    booking = world.ask()
    world.yes(booking, "Thomas")
    for person in (world.person, world.people["Élise"], world.people["Tina"]):
        assert f"{AWAITED} (Bo Lê or Élise Roux)." in text_of(browser(person).get(page_of(booking)))
    assert "Approvals: 1/2" in text_of(browser(world.person).get("/moi"))
    inbox = text_of(browser(world.people["Élise"]).get("/a-traiter"))
    assert "Approvals: 1/2" in inbox
    assert f"{AWAITED}." in inbox


@pytest.mark.parametrize(
    ("name", "agrees", "why"),
    [
        ("Élise", True, ""),
        ("Thomas", False, "You have agreed already"),
        ("Tina", False, "The technical side has agreed already"),
        ("Max", False, "you hold neither function"),
    ],
)
def test_the_page_offers_a_yes_only_to_whom_it_counts_from(world, browser, name, agrees, why):
    booking = world.ask()
    world.yes(booking, "Thomas")
    page = text_of(browser(world.people[name]).get(page_of(booking)))
    assert (f'action="{page_of(booking)}/accepter"' in page) is agrees
    assert f'action="{page_of(booking)}/refuser"' in page
    assert why in page
    answer = browser(world.people[name]).post(f"{page_of(booking)}/accepter")
    assert answer.status_code == (303 if agrees else 409)
    assert why in text_of(answer)


def test_the_inbox_shows_what_waits_for_others_apart(world, browser):
    booking = world.ask()
    client = browser(world.people["Thomas"])
    answer = client.post(f"{page_of(booking)}/accepter", data={"retour": "a-traiter"}, follow_redirects=True)
    page = text_of(answer)
    assert "Your approval is noted." in page
    assert "No request is waiting" in page
    others = page[page.index("Somebody else has to answer") :]
    assert AWAITED in others
    assert f'action="{page_of(booking)}/retablir"' in others
    assert_same_after_swap(client, "/a-traiter")
    assert client.post(f"{page_of(booking)}/retablir", data={"retour": "a-traiter"}).status_code == 303
    assert "Somebody else has to answer" not in text_of(client.get("/a-traiter"))


def test_what_was_decided_lately_names_both_who_agreed(world, browser):
    booking = world.ask()
    world.yes(booking, "Thomas")
    world.yes(booking, "Élise")
    inbox = text_of(browser(world.people["Élise"]).get("/a-traiter"))
    first, second = (world.people[name].name for name in ("Thomas", "Élise"))
    assert f"Decided by {first} and {second}" in inbox


def test_several_are_agreed_to_at_once(world, browser):
    first, second = world.ask(), world.ask(span("2026-10-07 09:00", "2026-10-07 12:00"))
    world.yes(first, "Thomas")
    refs = {"ref": [first.ref, second.ref]}
    page = text_of(browser(world.people["Élise"]).post("/a-traiter", data=refs, follow_redirects=True))
    assert "1 request accepted. 1 request waits for a second approval now." in page


def test_a_series_is_agreed_to_on_its_page(world, browser):
    series = world.series()
    client, first = browser(world.people["Bo"]), queries.occurrences_of(series.id)[0]
    answer = client.post(f"{page_of(first)}/serie/accepter", data={"retour": "serie"}, follow_redirects=True)
    page = text_of(answer)
    assert "Your approval of all dates is noted." in page
    assert "somebody else has to agree, technical manager or elected official" in page
    assert "/serie/accepter" not in page
    assert "/serie/refuser" in page
    page = text_of(browser(world.people["Tina"]).get(f"/series/{series.ref}"))
    assert "/serie/accepter" in page


def test_a_link_agrees_as_its_reader_and_takes_that_back(world, browser):
    booking, visitor = world.ask(), browser()
    url = f"/d/{service.open_decision_link(booking.id, world.people['Thomas'].id)}"
    assert "Agree" in text_of(visitor.get(url))
    page = text_of(visitor.post(url, data={"verdict": "approve"}, follow_redirects=True))
    assert "Your approval is noted" in page
    assert (booking.decision, len(booking.approvals)) == ("pending", 1)
    visitor.post(f"{url}/annuler")
    assert booking.approvals == []
    visitor.post(url, data={"verdict": "approve"})
    other = f"/d/{service.open_decision_link(booking.id, world.people['Tina'].id)}"
    page = text_of(visitor.get(other))
    assert "The technical side has agreed already" in page
    assert visitor.post(other, data={"verdict": "approve"}).status_code == 409
    last = f"/d/{service.open_decision_link(booking.id, world.people['Élise'].id)}"
    visitor.post(last, data={"verdict": "approve"})
    assert booking.decision == "approved"
    visitor.post(f"{last}/annuler")
    assert (booking.decision, len(booking.approvals)) == ("pending", 1)


def test_the_api_counts_the_yeses(world, app):
    booking = world.ask()
    key = accounts.create_token(world.actor("Thomas"), "Tableur")
    client, url = app.test_client(), f"/api/v1/bookings/{booking.ref}"
    known = {"Authorization": f"Bearer {key}"}
    assert client.get(url, headers=known).json["approvals"] == {"given": 0, "needed": 2}
    told = client.post(f"{url}/approve", headers=known, json={}).json
    assert (told["state"], told["approvals"]) == ("pending", {"given": 1, "needed": 2})
    again = client.post(f"{url}/approve", headers=known, json={})
    assert (again.status_code, again.json["code"]) == (409, "already_agreed")


def test_who_asks_is_told_that_two_people_have_to_agree(world, browser):
    page = text_of(browser(world.person).get(world.ask_url))
    assert "Two people of Mairie de Treillières have to agree." in page
    assert "at least 2 days before" in text_of(browser().get(f"/ressources/{world.kitchen.slug}"))


def test_whoever_left_after_agreeing_has_agreed(world):
    booking = world.ask()
    world.yes(booking, "Thomas")
    accounts.revoke_site_manager(
        load_actor(a_person(is_platform_admin=True).id),
        site_id=world.site.id,
        territory_id=world.territory.id,
        person_id=world.people["Thomas"].id,
    )
    world.yes(booking, "Élise")
    assert booking.decision == "approved"
