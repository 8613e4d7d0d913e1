"""Reading sites, resources, photos and their history."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.accounts.models import Organisation, OrganisationState, Person, Territory
from app.accounts.queries import joinable_territories, shared_kinds
from app.catalogue.kinds import KINDS
from app.catalogue.models import Approval, Component, Photo, Resource, Site, Status
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.audit import AuditEntry
from app.infra.db import db


def get_site(slug: str) -> Site:
    """Get a site with its owner and photos, archived ones too; raise NotFound."""
    site = db.session.scalars(
        select(Site).options(joinedload(Site.owner), selectinload(Site.photos)).filter_by(slug=slug)
    ).one_or_none()
    if site is None:
        raise NotFound(site=slug)
    return site


def get_resource(slug: str) -> Resource:
    """Get a resource with its site, the owner and photos, archived ones too; raise NotFound."""
    resource = db.session.scalars(
        select(Resource)
        .join(Resource.site)
        .options(contains_eager(Resource.site).joinedload(Site.owner), selectinload(Resource.photos))
        .where(Resource.slug == slug)
    ).one_or_none()
    if resource is None:
        raise NotFound(resource=slug)
    return resource


def find_resources(slugs: Iterable[str]) -> Sequence[Resource]:
    """Find the resources at these addresses, with their sites and owners."""
    return db.session.scalars(
        select(Resource)
        .join(Resource.site)
        .options(contains_eager(Resource.site).joinedload(Site.owner))
        .where(Resource.slug.in_(list(slugs)))
    ).all()


def find_resource(public_id: str) -> Resource | None:
    """Find a resource by its public id (feeds, API), with its site."""
    return db.session.scalars(
        select(Resource)
        .join(Resource.site)
        .options(contains_eager(Resource.site))
        .where(Resource.public_id == public_id)
    ).one_or_none()


def find_site(public_id: str) -> Site | None:
    """Find a site by its public id."""
    return db.session.scalars(select(Site).filter_by(public_id=public_id)).one_or_none()


def resources_of(site_id: int, *, archived: bool = False) -> Sequence[Resource]:
    """List the resources of a site by kind and name, with photos; the archived ones instead when asked."""
    is_archived = Resource.status == Status.ARCHIVED
    return db.session.scalars(
        select(Resource)
        .options(selectinload(Resource.photos), joinedload(Resource.site))
        .where(Resource.site_id == site_id, is_archived if archived else ~is_archived)
        .order_by(Resource.kind, Resource.name, Resource.id)
    ).all()


def two_step_resources(site_id: int) -> Sequence[Resource]:
    """List the resources of a site that ask for two approvals, by name."""
    asking = Resource.approval == Approval.TWO_STEP, Resource.status != Status.ARCHIVED
    found = select(Resource).where(Resource.site_id == site_id, *asking)
    return db.session.scalars(found.order_by(Resource.name, Resource.id)).all()


def every_resource() -> Sequence[Resource]:
    """List every resource there is, archived ones too, with its site."""
    return db.session.scalars(
        select(Resource).join(Resource.site).options(contains_eager(Resource.site)).order_by(Resource.id)
    ).all()


# -- what is made of what -----------------------------------------------------------------------------------


def neighbours_of(resource: Resource) -> Sequence[Resource]:
    """List the other resources of the same site that are shared, by name: what it could be made of."""
    return db.session.scalars(
        select(Resource)
        .where(Resource.site_id == resource.site_id, Resource.id != resource.id)
        .where(Resource.status != Status.ARCHIVED)
        .order_by(Resource.name, Resource.id)
    ).all()


def components_at(site_id: int) -> Sequence[Component]:
    """List what the resources of a site are made of."""
    at_site = select(Resource.id).filter_by(site_id=site_id)
    return db.session.scalars(select(Component).where(Component.whole_id.in_(at_site))).all()


def parts_at(site_id: int) -> dict[int, list[Component]]:
    """List what the resources of a site are made of, by the id of the whole, with the parts by name."""
    at_site = select(Resource.id).filter_by(site_id=site_id)
    found = db.session.scalars(
        select(Component)
        .join(Component.part)
        .options(contains_eager(Component.part))
        .where(Component.whole_id.in_(at_site))
        .order_by(Resource.name, Resource.id)
    )
    by_whole = defaultdict(list)
    for component in found:
        by_whole[component.whole_id].append(component)
    return dict(by_whole)


def wholes_of(resource_ids: Iterable[int]) -> Sequence[Resource]:
    """List the resources that are made of some others and still shared, by name."""
    return db.session.scalars(
        select(Resource)
        .join(Component, Component.whole_id == Resource.id)
        .where(Component.part_id.in_(list(resource_ids)), Resource.status != Status.ARCHIVED)
        .order_by(Resource.name, Resource.id)
        .distinct()
    ).all()


# -- what somebody manages ----------------------------------------------------------------------------------


def _managed_by(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL which sites an actor answers for; `policy.MANAGE_SITE` says it of one."""
    if actor.is_platform_admin:
        return true()
    own = [org for org, role in actor.memberships.items() if role == "org_admin"]
    cases = [
        (Site.id, actor.managed_sites),
        (Site.territory_id, actor.coordinated),
        (Site.owner_id, own),
    ]
    return or_(false(), *(column.in_(sorted(values)) for column, values in cases if values))


def sites_managed_by(
    actor: Actor, *, page: int = 1, size: int = 24, archived: bool = False
) -> tuple[Sequence[Site], int]:
    """Give one page of the sites an actor answers for, by name, and how many there are in all."""
    mine = and_(_managed_by(actor), Site.archived_at.is_not(None) if archived else Site.archived_at.is_(None))
    total = db.session.scalar(select(func.count(Site.id)).where(mine)) or 0
    rows = (
        select(Site)
        .options(joinedload(Site.owner), selectinload(Site.photos))
        .where(mine)
        .order_by(Site.name, Site.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return db.session.scalars(rows).all(), total


@dataclass(frozen=True)
class Census:
    """How many resources a site has, by status (archived ones left out), and their kinds."""

    by_status: dict[str, int]
    kinds: tuple[str, ...]

    @property
    def total(self) -> int:
        """All that are not archived."""
        return sum(self.by_status.values())


def census_of(site_ids: Iterable[int]) -> dict[int, Census]:
    """Count the resources of several sites in one statement; sites without any are absent."""
    rows = db.session.execute(
        select(Resource.site_id, Resource.status, Resource.kind, func.count())
        .where(Resource.site_id.in_(list(site_ids)), Resource.status != Status.ARCHIVED)
        .group_by(Resource.site_id, Resource.status, Resource.kind)
        .order_by(Resource.site_id, Resource.kind)
    ).all()
    found: dict[int, Census] = {}
    for site_id, status, kind, number in rows:
        census = found.setdefault(site_id, Census({}, ()))
        census.by_status[status] = census.by_status.get(status, 0) + number
        kinds = census.kinds if kind in census.kinds else (*census.kinds, kind)
        found[site_id] = Census(census.by_status, kinds)
    return found


def owners_for(actor: Actor) -> Sequence[Organisation]:
    """List the organisations an actor may create a site for, by name."""
    active = Organisation.state == OrganisationState.ACTIVE
    here = Organisation.territory_id.in_([territory.id for territory in joinable_territories()])
    found: Select[Organisation] = select(Organisation).where(active, here).order_by(Organisation.name)
    if not actor.is_platform_admin:
        own = [org for org, role in actor.memberships.items() if role == "org_admin"]
        found = found.where(
            or_(Organisation.id.in_(own), Organisation.territory_id.in_(sorted(actor.coordinated)))
        )
    return db.session.scalars(found).all()


def find_owner(public_id: str) -> Organisation | None:
    """Find an organisation by its public id."""
    return db.session.scalars(select(Organisation).filter_by(public_id=public_id)).one_or_none()


def territory_of(site: Site) -> Territory:
    """Get the territory a site lies in."""
    return db.session.get_one(Territory, site.territory_id)


def offered_kinds() -> list[str]:
    """List the kinds that are offered when searching or sharing: those that the territories chose, or all."""
    chosen = shared_kinds()
    return [kind for kind in KINDS if chosen is None or kind in chosen]


# -- photos -------------------------------------------------------------------------------------------------


def get_photo(public_id: str) -> Photo:
    """Get a photo with what it shows; raise NotFound."""
    photo = db.session.scalars(_with_subject(select(Photo).filter_by(public_id=public_id))).one_or_none()
    if photo is None:
        raise NotFound(photo=public_id)
    return photo


def photos_named(digest: str) -> Sequence[Photo]:
    """List the photos with this content (one file may stand for several), with what they show."""
    return db.session.scalars(_with_subject(select(Photo).filter_by(digest=digest).order_by(Photo.id))).all()


def _with_subject(found: Select[Photo]) -> Select[Photo]:
    return found.options(joinedload(Photo.own_site), joinedload(Photo.resource).joinedload(Resource.site))


def photo_digests() -> set[str]:
    """Give the digests of every photo there is."""
    return set(db.session.scalars(select(Photo.digest).distinct()))


# -- writing ------------------------------------------------------------------------------------------------


def slug_taken(table: type[Site | Resource], slug: str) -> bool:
    """Tell whether a site (or a resource) has this slug."""
    return db.session.scalar(select(table.id).where(table.slug == slug)) is not None


def find_site_from(source_key: str) -> Site | None:
    """Find the site an import made of this source."""
    return db.session.scalars(select(Site).filter_by(source_key=source_key)).one_or_none()


@dataclass(frozen=True)
class HistoryLine:
    """One line of a site's history, with the name of who did it and of the resource it is about."""

    entry: AuditEntry
    person: str | None
    resource: str | None


def history_of(site: Site, limit: int = 20) -> list[HistoryLine]:
    """Read the latest lines about a site and its resources, newest first."""
    of_site = and_(AuditEntry.subject_kind == "site", AuditEntry.subject_id == site.id)
    of_resources = and_(
        AuditEntry.subject_kind == "resource",
        AuditEntry.subject_id.in_(select(Resource.id).filter_by(site_id=site.id)),
    )
    rows = db.session.execute(
        select(AuditEntry, Person.name, Resource.name)
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .outerjoin(
            Resource, and_(AuditEntry.subject_kind == "resource", Resource.id == AuditEntry.subject_id)
        )
        .where(or_(of_site, of_resources))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [HistoryLine(entry, person, resource) for entry, person, resource in rows]
