"""Taking turns: where a unique name is looked for first and written after, and where somebody may be leaving.

The order, everywhere: organisations of a territory, members of an organisation, managers of a site, guards of
resources, the row of the organisation, the row of the person, links of the person. Whoever leaves, or is archived,
takes them all.
"""

import zlib

from sqlalchemy import func, select

from app.accounts.errors import OrganisationInactive
from app.accounts.models import Organisation, OrganisationState, Person
from app.core.errors import NotFound
from app.infra.db import db


def one_at_a_time(*keys: str) -> None:
    """Wait, inside a use case, until nobody else works under these keys; it lasts until the commit.

    SQLite has one writer anyway. Take several keys in one call, always in the same order.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        for key in keys:
            db.session.execute(select(func.pg_advisory_xact_lock(zlib.crc32(key.encode()))))


def keep_person(person_id: int | None) -> Person:
    """Get somebody with an account who cannot leave before this use case ends; raise NotFound.

    Whatever ties a person to something new (a booking, a membership, a role) asks for this first.
    """
    return _present(person_id, {"read": True})


def own_person(person_id: int | None) -> Person:
    """Get somebody with an account to change it: one change at a time, and none after leaving; raise NotFound."""
    return _present(person_id, {"key_share": True})


def leaving_person(person_id: int) -> Person:
    """Get somebody who is about to leave: all that ties them to something new has happened, or waits and fails."""
    person = db.session.get(Person, person_id, with_for_update=True)
    if person is None or person.erased_at:
        raise NotFound(person=person_id)
    return person


def keep_organisation(organisation_id: int) -> Organisation:
    """Get an organisation that cannot be archived before this use case ends; raise NotFound, OrganisationInactive."""
    found = find_kept_organisation(organisation_id)
    if found is None:
        raise NotFound(organisation=organisation_id)
    if found.state != OrganisationState.ACTIVE:
        raise OrganisationInactive(name=found.name, state=found.state)
    return found


def find_kept_organisation(organisation_id: int) -> Organisation | None:
    """Find an organisation in any state, which it then keeps until this use case ends."""
    return db.session.get(Organisation, organisation_id, with_for_update={"read": True})


def _present(person_id: int | None, lock: dict[str, bool]) -> Person:
    person = db.session.get(Person, person_id or 0, with_for_update=lock)
    if person is None or person.disabled_at:
        raise NotFound(person=person_id)
    return person
