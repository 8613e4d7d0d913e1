"""Who still comes: noted to a week, from pages, tokens and links in e-mails."""

import pytest

from app.accounts import queries, service
from app.core import clock
from app.infra.uow import atomic
from tests.accounts.conftest import acting
from tests.factories import a_person
from tests.helpers import count_queries

pytestmark = pytest.mark.usefixtures("session")


def seen(person_id):
    return queries.get_person(person_id).seen_at


def test_a_visit_is_noted_once_a_week(client, login, frozen):
    person = a_person()
    first, person_id = frozen.now, person.id
    login(client, person)
    frozen.tick(days=6)
    client.get("/compte")
    assert seen(person_id) == first
    frozen.tick(days=1)
    client.get("/compte")
    assert seen(person_id) == frozen.now


def test_a_visit_takes_a_warning_back(client, login, frozen):
    person = a_person(seen_at=None, warned_at=frozen.now)
    login(client, person)
    client.get("/compte")
    assert (seen(person.id), queries.get_person(person.id).warned_at) == (frozen.now, None)


def test_a_stylesheet_is_no_visit(client, login, frozen):
    person = a_person(seen_at=None)
    login(client, person)
    client.get("/static/x/logo.svg").close()
    assert seen(person.id) is None


def test_a_program_of_theirs_is_a_visit(client, frozen):
    person = a_person()
    secret = service.create_token(acting(person), "Tableur")
    frozen.tick(days=40)
    client.get("/api/v1/bookings", headers={"Authorization": f"Bearer {secret}"})
    assert seen(person.id) == frozen.now


def test_confirming_an_address_is_a_visit(anna, frozen):
    assert anna.seen_at is not None


def test_a_visit_noted_lately_costs_nothing(frozen):
    person_id = a_person().id
    with count_queries(at_most=0):
        service.note_visit(person_id, clock.now())


def test_nobody_is_seen_after_leaving(frozen):
    person = a_person(seen_at=None, erased_at=frozen.now)
    with atomic():
        service.note_presence(person.id)
    assert seen(person.id) is None
