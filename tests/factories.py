"""Small worlds for tests: each function writes one thing, inside a use case, with sensible facts."""

from datetime import datetime
from io import BytesIO
from itertools import count
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from PIL import Image

from app.accounts.models import (
    Grant,
    LegalNature,
    Membership,
    MembershipState,
    Organisation,
    Person,
    Role,
    RoleGrant,
    Territory,
)  # fmt: skip
from app.catalogue.events import ResourceCreated, SiteCreated
from app.catalogue.models import Component, Resource, Site
from app.core import clock, ids
from app.core.policy import Actor
from app.core.span import Span
from app.infra.events import emit
from app.infra.uow import atomic

PARIS = ZoneInfo("Europe/Paris")
_numbers = count(1)
Row = TypeVar("Row")


def at(text: str) -> datetime:
    """Read "2026-10-06 08:00" as that wall time in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def span(start: str, end: str) -> Span:
    """Make a span of two wall times in Paris."""
    return Span(at(start), at(end))


def _save(row: Row) -> Row:
    with atomic() as session:
        session.add(row)
        session.flush()
    return row


def a_territory(**facts: Any) -> Territory:
    number = next(_numbers)
    given = {
        "slug": f"territoire-{number}",
        "name": f"Territoire {number}",
        "school_zone": "B",
        "departement": "44",
    }
    return _save(Territory(public_id=ids.new_public_id(), **(given | facts)))


def an_organisation(territory: Territory, **facts: Any) -> Organisation:
    number = next(_numbers)
    given = {
        "slug": f"structure-{number}",
        "name": f"Structure {number}",
        "legal_nature": LegalNature.NONPROFIT,
        "kind": "association",
        "priority_class": "P2",
        "commune_code": "44110",
    }
    row = Organisation(
        public_id=ids.new_public_id(), territory_id=territory.id, created_at=clock.now(), **(given | facts)
    )
    return _save(row)


def a_person(**facts: Any) -> Person:
    number = next(_numbers)
    given = {
        "email": f"personne{number}@exemple.org",
        "name": f"Personne {number}",
        "verified_at": clock.now(),
        "seen_at": clock.now(),
    }
    return _save(Person(public_id=ids.new_public_id(), created_at=clock.now(), **(given | facts)))


def a_member(organisation: Organisation, *, role: Role = Role.MEMBER, **facts: Any) -> Person:
    person = a_person(**facts)
    _save(
        Membership(
            person_id=person.id,
            organisation_id=organisation.id,
            role=role,
            state=MembershipState.ACTIVE,
            created_at=clock.now(),
        )
    )
    return person


def a_site(owner: Organisation, *, hours: str | None = None, **facts: Any) -> Site:
    number = next(_numbers)
    given = {
        "slug": f"lieu-{number}",
        "name": f"Lieu {number}",
        "commune_code": "44110",
        "postcode": "44390",
        "address": "1 rue du Test",
        "lat": 47.44,
        "lon": -1.5,
        "timezone": "Europe/Paris",
        "school_zone": "B",
    }
    with atomic() as session:
        site = Site(
            public_id=ids.new_public_id(),
            territory_id=owner.territory_id,
            owner_id=owner.id,
            created_at=clock.now(),
            changed_at=clock.now(),
            **(given | facts),
        )
        session.add(site)
        session.flush()
        emit(SiteCreated(site.id, hours))
    return site


def a_resource(site: Site, *, hours: str | None = None, **facts: Any) -> Resource:
    number = next(_numbers)
    given: dict[str, Any] = {"slug": f"ressource-{number}", "name": f"Ressource {number}", "kind": "kitchen"}
    with atomic() as session:
        resource = Resource(
            public_id=ids.new_public_id(),
            territory_id=site.territory_id,
            site_id=site.id,
            created_at=clock.now(),
            changed_at=clock.now(),
            **(given | facts),
        )
        session.add(resource)
        session.flush()
        emit(ResourceCreated(resource.id, hours))
    return resource


def made_of(whole: Resource, *parts: Resource, qty: int = 1) -> None:
    """Let one unit of a resource take `qty` of each of the parts."""
    for part in parts:
        _save(Component(whole_id=whole.id, part_id=part.id, qty=qty))


def a_manager(site: Site, *, is_technical: bool = False, is_elected: bool = False, **facts: Any) -> Person:
    person = a_person(**facts)
    _save(
        RoleGrant(
            person_id=person.id,
            role=Grant.SITE_MANAGER,
            site_id=site.id,
            is_technical=is_technical,
            is_elected=is_elected,
            created_at=clock.now(),
        )
    )
    return person


def a_coordinator(territory: Territory, **facts: Any) -> Person:
    person = a_person(**facts)
    _save(
        RoleGrant(
            person_id=person.id, role=Grant.COORDINATOR, territory_id=territory.id, created_at=clock.now()
        )
    )
    return person


def actor_of(person: Person, **facts: Any) -> Actor:
    """Make the actor of a person from given roles, without reading the database."""
    return Actor(person_id=person.id, is_platform_admin=person.is_platform_admin, **facts)


def a_picture(colour: str) -> bytes:
    """Draw a small photo."""
    out = BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    return out.getvalue()
