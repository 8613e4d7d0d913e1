"""Whom an organisation has read a letter to it."""

from app.accounts import queries as accounts
from app.accounts.models import Person


def who_acts(person: Person, organisation_id: int) -> list[Person]:
    """List who looks after something of an organisation: who did it, while they belong to it, else whoever answers."""
    if accounts.load_actor(person.id).belongs_to(organisation_id):
        return [person]
    return who_answers(organisation_id)


def who_answers(organisation_id: int) -> list[Person]:
    """List who answers for an organisation: its administrators, where it has none all its members."""
    return accounts.administrators_of(organisation_id) or accounts.people_of(organisation_id)
