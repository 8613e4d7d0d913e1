"""What a person may take away: all that is kept of them, and nothing of anybody else."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import String, Text, select

from app.accounts import queries, service
from app.bookings import service as bookings
from app.calendars import service as calendars
from app.calendars.audiences import Scope
from app.calendars.queries import get_subject
from app.core.policy import Actor
from app.infra.db import Base, db
from tests.accounts.conftest import acting, membership_id
from tests.accounts.town import Town
from tests.factories import an_organisation, span
from tests.helpers import count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def world(anna) -> Town:
    made = Town(anna)
    made.live()
    return made


@pytest.fixture
def told(world, client, login) -> dict[str, Any]:
    login(client, world.anna)
    answer = client.get("/compte/mes-donnees")
    assert answer.mimetype == "application/json"
    assert (
        answer.headers["Content-Disposition"] == "attachment; filename=mutualim-mes-donnees-2026-09-01.json"
    )
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = json.loads(answer.get_data())
    return found


def test_who_one_is(told):
    assert told["account"] == {
        "name": "Anna Le Bris",
        "email": "anna@exemple.org",
        "telephone": "02 40 11 22 33",
        "language": "fr",
        "has_password": True,
        "runs_the_platform": False,
        "opened_at": "2026-09-01T08:00:00Z",
        "confirmed_at": "2026-09-01T08:00:00Z",
        "last_seen_at": "2026-09-01T08:00:00Z",
        "warned_at": None,
    }
    [membership] = told["organisations"]
    assert (membership["organisation"], membership["state"]) == ("Les Glaneurs", "active")
    assert membership["message"] == "Je glane depuis deux ans"
    assert [(each["role"], each["of"]) for each in told["roles"]] == [("site_manager", "Local des glaneurs")]


def test_what_one_did(told, world):
    [booking] = told["bookings"]
    assert (booking["ref"], booking["place"], booking["resource"]) == (
        world.booking.ref,
        "Espace Jean-Moulin",
        "Cuisine",
    )
    assert (booking["start"], booking["decision"], booking["reason"]) == (
        "2026-10-06T07:00:00Z",
        "refused",
        "Travaux ce jour-là",
    )
    assert [each["text"] for each in told["messages"]] == ["Avec des enfants"]
    [link] = told["links_to_decide"]
    assert link["used_at"] == "2026-09-01T08:00:00Z"


def test_by_what_one_is_known(told):
    assert [(each["name"], each["revoked_at"]) for each in told["tokens_for_programs"]] == [("Tableur", None)]
    assert [(each["calendar_of"], each["name"]) for each in told["calendar_links"]] == [
        ("resource", "Cuisine")
    ]
    assert [each["purpose"] for each in told["links_sent_by_email"]] == ["sign_in"]
    assert {each["network_address"] for each in told["tries_to_sign_in"]} == {"unknown", "192.0.2.7"}


def test_the_history_tells_what_one_did_and_what_was_done_about_one(told, world):
    lines = {(each["about"], each["act"], each["name"], each["by_me"]) for each in told["history"]}
    assert {
        ("person", "verified", "", False),
        ("membership", "requested", "", True),
        ("membership", "approved", "", False),
        ("person", "role_granted", "", False),
        ("booking", "requested", world.booking.ref, True),
        ("access_token", "created", "", True),
    } <= lines
    [refused] = [each for each in told["history"] if each["act"] == "refused"]
    assert refused["facts"] == {"reason": "Salle prise"}


def test_nothing_is_secret_and_nothing_is_of_anybody_else(told):
    text = json.dumps(told, ensure_ascii=False)
    for theirs in ("Odile", "Yann", "secret.example", "06 99", "Les clés sont chez moi", "invitee"):
        assert theirs not in text, theirs
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, String | Text) and re.search("hash|digest", column.name):
                for value in db.session.scalars(select(column).where(column.is_not(None))):
                    assert value not in text, column


def test_it_takes_no_more_questions_when_there_is_more(world):
    def questions() -> int:
        with count_queries() as counted:
            queries.own_data(anna_id)
        return len(counted)

    anna_id = world.anna.id
    before = questions()
    for number in range(3):
        slot = span(f"2026-10-0{7 + number} 09:00", f"2026-10-0{7 + number} 12:00")
        wish = bookings.Request(world.kitchen.id, world.ours.id, slot, 1, "Soupes", message="Bonjour")
        bookings.ask(wish, acting(world.anna), uid_host="mutualim.test")
        calendars.subscribe(acting(world.anna), get_subject(Scope.RESOURCE, world.own_room.public_id))
        service.create_token(acting(world.anna), "Encore un")
        other = an_organisation(world.owner.territory, name=f"Autre {number}")
        service.add_member(Actor(is_platform_admin=True), other.slug, anna_id)
    assert membership_id(world.anna, other)
    assert questions() == before


def test_a_visitor_has_nothing_to_take(client):
    answer = client.get("/compte/mes-donnees")
    assert (answer.status_code, answer.location) == (303, "/connexion?next=/compte/mes-donnees")
