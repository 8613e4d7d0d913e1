"""What the tests of accounts share: hearing events, a password, actors with real roles."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, TypeVar

import pytest

from app.accounts import events, queries, service
from app.accounts.models import Organisation, Person
from app.core.policy import Actor
from app.infra.events import _listeners

Event = TypeVar("Event")
PASSWORD = "brouette verte 12"
ADMIN = Actor(is_platform_admin=True)


class Heard(list[Any]):
    """The events emitted so far."""

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self if type(event) is kind]

    def last(self, kind: type[Event]) -> Event:
        return self.of(kind)[-1]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Listen to every event of accounts."""
    notes = Heard()
    kinds = [kind for kind in vars(events).values() if isinstance(kind, type) and is_dataclass(kind)]
    for kind in kinds:
        _listeners[kind].append(notes.append)
    yield notes
    for kind in kinds:
        _listeners[kind].remove(notes.append)


@pytest.fixture
def anna(session: Any) -> Person:
    """Somebody with a confirmed account and the usual password."""
    person_id = service.open_verified_account(
        name="Anna Le Bris", email="anna@exemple.org", password=PASSWORD, phone="02 40 11 22 33"
    )
    return queries.get_person(person_id)


def acting(person: Person) -> Actor:
    """Load the actor a request of this person would have."""
    return queries.load_actor(person.id)


def membership_id(person: Person, organisation: Organisation) -> int:
    """Find the membership of a person who has one."""
    found = queries.find_membership(person.id, organisation.id)
    assert found is not None
    return found.id
