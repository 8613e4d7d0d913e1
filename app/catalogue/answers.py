"""What accounts ask of this room: which places take part, whose they are, how they are reached."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, or_, select

from app.accounts.asks import Place, names_things, places_named, places_owned, places_reached
from app.catalogue.models import Resource, Site
from app.infra.db import db


@places_owned.answered_by
def owned_by(organisation_id: int) -> Sequence[Place]:
    """List the sites of an organisation that take part, by name."""
    return _places(Site.owner_id == organisation_id)


@places_named.answered_by
def named(site_ids: Collection[int]) -> Sequence[Place]:
    """Name sites that take part."""
    return _places(Site.id.in_(site_ids)) if site_ids else []


@places_reached.answered_by
def reached_by(
    site_ids: Collection[int], owner_ids: Collection[int], email: str, phone: str
) -> Sequence[Place]:
    """Find, among sites and those of organisations, the ones whose contact is this e-mail or this telephone."""
    theirs = or_(Site.id.in_(site_ids), Site.owner_id.in_(owner_ids))
    reached = Site.email == email
    return _places(theirs, or_(reached, Site.phone == phone) if phone else reached)


@names_things("site")
def site_names(ids: Collection[int]) -> Mapping[int, str]:
    """Name sites, whether they take part or not."""
    return {
        row.id: row.name for row in db.session.execute(select(Site.id, Site.name).where(Site.id.in_(ids)))
    }


@names_things("resource")
def resource_names(ids: Collection[int]) -> Mapping[int, str]:
    """Name resources, whether they take part or not."""
    rows = db.session.execute(select(Resource.id, Resource.name).where(Resource.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _places(*conditions: ColumnElement[bool]) -> list[Place]:
    found = select(Site.id, Site.slug, Site.name, Site.territory_id).where(
        Site.archived_at.is_(None), *conditions
    )
    return [Place(*row) for row in db.session.execute(found.order_by(Site.name, Site.id))]
