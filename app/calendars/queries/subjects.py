"""What calendars are of: a resource, a site, an organisation, a person or a chain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, literal, null, select

from app.accounts.models import Organisation, Person, Territory
from app.bookings.models import Bundle
from app.calendars.audiences import Scope
from app.catalogue.models import Resource, Site
from app.core.errors import NotFound
from app.infra.db import db
from app.supply.chains.models import Chain

SUBJECT_WIDTH = 11
TABLES: dict[Scope, Any] = {
    Scope.RESOURCE: Resource,
    Scope.SITE: Site,
    Scope.ORGANISATION: Organisation,
    Scope.PERSON: Person,
    Scope.PENDING: Site,
    Scope.CHAIN: Bundle,
}


@dataclass(frozen=True)
class Subject:
    """What a calendar is of, as it stands today."""

    scope: Scope
    id: int
    public_id: str
    slug: str
    name: str
    zone: str
    site_id: int | None
    site_name: str
    owner_id: int | None
    territory_id: int | None
    visibility: str
    changed_at: datetime


def get_subject(scope: Scope, public_id: str) -> Subject:
    """Get what a calendar is of by its public id; raise NotFound."""
    row = db.session.execute(subject_of(scope).where(_public_id(scope) == public_id)).one_or_none()
    if row is None:
        raise NotFound(scope=scope, id=public_id)
    return Subject(scope, *row)


def subjects(scope: Scope, ids: Iterable[int]) -> Mapping[int, Subject]:
    """Read what several calendars of one scope are of, by id."""
    rows = db.session.execute(subject_of(scope).where(TABLES[scope].id.in_(list(ids))))
    return {row[0]: Subject(scope, *row) for row in rows}


def _public_id(scope: Scope) -> Any:
    return Bundle.ref if scope is Scope.CHAIN else TABLES[scope].public_id


def subject_of(scope: Scope) -> Select[Any]:
    """Select a calendar's subject in the order of `Subject`'s fields (after its scope)."""
    public, nothing, nowhere = literal("public"), literal(""), null()
    table = TABLES[scope]
    site = (
        Site.slug, Site.name, Site.timezone, Site.id, Site.name, Site.owner_id, Site.territory_id, public,
        Site.changed_at,
    )  # fmt: skip
    columns: dict[Scope, tuple[Any, ...]] = {
        Scope.RESOURCE: (
            Resource.slug, Resource.name, Site.timezone, Site.id, Site.name, Site.owner_id, Resource.territory_id,
            Resource.visibility, Resource.changed_at,
        ),
        Scope.SITE: site,
        Scope.PENDING: site,
        Scope.ORGANISATION: (
            Organisation.slug, Organisation.name, Territory.timezone, nowhere, nothing, nowhere,
            Organisation.territory_id, public, Organisation.created_at,
        ),
        Scope.CHAIN: (
            Bundle.ref, Bundle.purpose, Territory.timezone, nowhere, nothing, Bundle.organisation_id,
            Bundle.territory_id, public, Bundle.created_at,
        ),
        Scope.PERSON: (
            nothing, nothing, literal("Europe/Paris"), nowhere, nothing, nowhere, nowhere, public, Person.created_at,
        ),
    }  # fmt: skip
    chosen = (table.id, _public_id(scope), *columns[scope])
    found = select(*(column.label(f"subject_{n}") for n, column in enumerate(chosen))).select_from(table)
    if scope is Scope.RESOURCE:
        found = found.join(Site, Site.id == Resource.site_id)
    if scope is Scope.ORGANISATION:
        found = found.join(Territory, Territory.id == Organisation.territory_id)
    if scope is Scope.CHAIN:
        found = found.join(Chain, Chain.bundle_id == Bundle.id)
        found = found.join(Territory, Territory.id == Bundle.territory_id)
    return found
