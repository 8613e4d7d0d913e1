"""What a manager has to answer: everything to decide at hand, in few questions to the database."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Role
from app.availability.closures import Subject, close
from app.bookings import queries, service
from app.bookings.models import Booking
from app.core.policy import Actor
from app.infra.db import db
from tests.bookings.pages import World, text_of
from tests.factories import a_coordinator, a_member, a_resource, an_organisation, span
from tests.helpers import HTMX, assert_same_after_swap, count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")


def decision(booking) -> str:
    return db.session.scalar(select(Booking.decision).filter_by(id=booking.id)) or ""


def test_an_empty_inbox_says_so(shared, browser):
    client = browser(shared.manager_person)
    assert "No request is waiting" in text_of(client.get("/a-traiter"))
    assert_same_after_swap(client, "/a-traiter")


def test_requests_come_with_all_that_helps_to_decide(shared, browser, frozen):
    late = shared.ask(people=8)
    frozen.tick(hours=60)
    fresh = shared.ask(span("2026-10-06 14:00", "2026-10-06 18:00"), purpose="Confitures")
    client = browser(shared.manager_person)
    page = text_of(client.get("/a-traiter"))
    for piece in ("Les Glaneurs", "Jeanne Moreau", "Partner of the territory", "12 hours left to answer", "8 people",
                  "Nothing stands against it now", "Tuesday 6 October, 14:00–18:00"):  # fmt: skip
        assert piece in page
    assert page.index(f"r-{late.ref}") < page.index(f"r-{fresh.ref}")
    assert_same_after_swap(client, "/a-traiter")


def test_what_stands_against_a_request_now_is_told(browser, session, frozen):
    world = World(holds_request=False)
    first = world.ask()
    other = an_organisation(world.territory, name="Traiteur Les Herbes")
    person = a_member(other)
    actor = Actor(person_id=person.id, memberships={other.id: "member"})
    service.ask(
        service.Request(world.kitchen.id, other.id, world.slot, 1, "Buffet"), actor, uid_host="t.test"
    )
    client = browser(world.manager_person)
    assert "Traiteur Les Herbes asks for the same time." in text_of(client.get("/a-traiter"))
    service.approve(first.id, world.manager)
    page = text_of(client.get("/a-traiter"))
    assert "Already taken from 09:00 to 12:00" in page
    world.ask(span("2026-10-08 09:00", "2026-10-08 12:00"))
    close(Subject.of(world.site), span("2026-10-08 00:00", "2026-10-09 00:00"), "Travaux", world.manager)
    assert "Closed until Thursday 8 October included" in text_of(client.get("/a-traiter"))


def test_accepting_and_refusing_in_place(shared, browser):
    one, two = shared.ask(), shared.ask(span("2026-10-07 09:00", "2026-10-07 12:00"))
    client = browser(shared.manager_person)
    answer = client.post(f"/reservations/{one.ref}/accepter", data={"retour": "a-traiter"}, headers=HTMX)
    page = text_of(answer)
    assert answer.status_code == 200
    assert page.lstrip().startswith('<div id="inbox"')
    assert f"r-{one.ref}" not in page
    assert "Decided by Anne Le Goff" in page
    empty = client.post(
        f"/reservations/{two.ref}/refuser", data={"retour": "a-traiter", "reason": ""}, headers=HTMX
    )
    assert empty.status_code == 422
    assert "Give a reason" in text_of(empty)
    done = client.post(f"/reservations/{two.ref}/refuser", data={"retour": "a-traiter", "reason": "Travaux"})
    assert (done.status_code, done.location) == (303, "/a-traiter")
    assert (decision(one), decision(two)) == ("approved", "refused")
    undone = client.post(f"/reservations/{two.ref}/retablir", data={"retour": "a-traiter"})
    assert (undone.location, decision(two)) == ("/a-traiter", "pending")


def test_several_are_accepted_at_once_each_for_itself(browser, session, frozen):
    world = World(holds_request=False)
    one, same_time = world.ask(), world.ask()
    other_day = world.ask(span("2026-10-07 09:00", "2026-10-07 12:00"))
    client = browser(world.manager_person)
    assert client.post("/a-traiter", data={}).status_code == 422
    foreign = World().ask()
    data = {"ref": [one.ref, same_time.ref, other_day.ref, foreign.ref, "x' --", "\x00"]}
    answer = client.post("/a-traiter", data=data)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "2 requests accepted." in page
    assert "Already taken from 09:00 to 12:00" in page
    assert [decision(b) for b in (one, same_time, other_day, foreign)] == [
        "approved",
        "pending",
        "approved",
        "pending",
    ]
    third = world.ask(span("2026-10-08 09:00", "2026-10-08 12:00"))
    assert client.post("/a-traiter", data={"ref": third.ref}).status_code == 303
    assert decision(third) == "approved"


def test_only_ones_own_places_are_shown(shared, browser):
    shared.ask()
    stranger = World()
    assert "Les Glaneurs" not in text_of(browser(stranger.manager_person).get("/a-traiter"))
    owner_admin = a_member(shared.owner, role=Role.ORG_ADMIN)
    assert "Les Glaneurs" in text_of(browser(owner_admin).get("/a-traiter"))
    assert browser(shared.person).get("/a-traiter").status_code == 403
    assert browser(a_coordinator(shared.territory)).get("/a-traiter").status_code == 200
    assert browser().get("/a-traiter").status_code == 303


def test_the_navigation_counts_what_waits(shared, browser):
    client = browser(shared.manager_person)
    shared.ask()
    shared.ask(span("2026-10-07 09:00", "2026-10-07 12:00"))
    assert "requests waiting" in text_of(client.get("/a-traiter"))
    assert 'class="count">2' in text_of(client.get("/moi"))


def test_fifty_requests_cost_few_questions(shared, browser):
    rooms = [a_resource(shared.site, name=f"Salle {n}") for n in range(5)]
    for number in range(50):
        start = shared.slot.start + timedelta(days=number // 5)
        if start.weekday() == 6:
            continue
        organisation = an_organisation(shared.territory)
        person = a_member(organisation)
        actor = Actor(person_id=person.id, memberships={organisation.id: "member"})
        wanted = span(f"{start.date()} 09:00", f"{start.date()} 12:00")
        service.ask(
            service.Request(rooms[number % 5].id, organisation.id, wanted, 1, "Soupes"),
            actor,
            uid_host="t.test",
        )
    client = browser(shared.manager_person)
    client.get("/a-traiter")
    with count_queries(at_most=20):
        page = text_of(client.get("/a-traiter"))
    assert page.count('<article class="request') == queries.INBOX_AT_MOST
    assert "the others follow as you answer" in page


def test_an_answer_in_place_also_changes_the_number_on_the_menu(shared, browser):
    client = browser(shared.manager_person)
    shared.ask()
    second = shared.ask(span("2026-10-07 09:00", "2026-10-07 12:00"))
    swapped = text_of(
        client.post(f"/reservations/{second.ref}/accepter", data={"retour": "a-traiter"}, headers=HTMX)
    )
    assert '<span id="waiting-count" hx-swap-oob="true"><b class="count">1' in swapped
    assert '<span id="waiting-count"><b class="count">1' in text_of(client.get("/a-traiter"))


def test_more_people_than_the_place_takes_are_pointed_out(browser, session, frozen):
    shared = World(facts={"max_people": 16})
    shared.ask(people=50)
    page = text_of(browser(shared.manager_person).get("/a-traiter"))
    assert "50 people, for 16 at most" in page
    assert "Nothing stands against it now" not in page
