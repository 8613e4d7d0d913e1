"""Reading how far the installation is."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, select

from app.accounts.models import Grant, Organisation, OrganisationState, Person, RoleGrant, Territory
from app.accounts.queries import own_territories
from app.availability.models import Schedule
from app.availability.schedules import USUAL_HOURS
from app.catalogue.communes import Commune, communes_of_epci, search_communes, search_epcis
from app.catalogue.models import Resource, Site, Status
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.installation.models import InstallationCode
from app.installation.rules import Place, Progress


def is_installed() -> bool:
    """Tell whether somebody runs the platform."""
    running = select(Person.id).where(Person.is_platform_admin.is_(True), Person.disabled_at.is_(None))
    return db.session.scalar(running.limit(1)) is not None


def find_code() -> InstallationCode | None:
    """Find the code at work."""
    return db.session.scalars(select(InstallationCode).order_by(InstallationCode.id.desc())).first()


def find_territory() -> Territory | None:
    """Find the territory that the first run made: the oldest real one."""
    return next(iter(own_territories()), None)


def find_demo() -> Territory | None:
    """Find the demo, where it is loaded."""
    loaded = select(Territory).where(Territory.is_demo.is_(True), Territory.erased_at.is_(None))
    return db.session.scalars(loaded).first()


def made_in(territory_id: int, *, but_by: Collection[int]) -> list[str]:
    """Name the organisations, sites and resources, not archived, that others than these people made in a territory."""
    found: list[str] = []
    for kind, act, table, alive in (
        ("organisation", "proposed", Organisation, Organisation.state != OrganisationState.ARCHIVED),
        ("site", "created", Site, Site.archived_at.is_(None)),
        ("resource", "created", Resource, Resource.status != Status.ARCHIVED),
    ):
        said = and_(AuditEntry.subject_kind == kind, AuditEntry.subject_id == table.id, AuditEntry.act == act)
        names = select(table.name).join(AuditEntry, said).where(table.territory_id == territory_id, alive)
        others = AuditEntry.actor_id.is_not(None), AuditEntry.actor_id.not_in(but_by)
        found += db.session.scalars(names.where(*others).order_by(table.name))
    return found


def find_places(text: str) -> list[Place]:
    """Find communes and intercommunalities of that name."""
    epcis = [
        Place(name, (name,), tuple(each.code for each in communes_of_epci(code)))
        for code, name in search_epcis(text)
    ]
    name, _, rest = text.partition("(")
    return epcis + [_commune_place(each) for each in search_communes(f"{name} {rest.strip(' )')}", 8)]


def _commune_place(commune: Commune) -> Place:
    return Place(commune.label, (commune.name, commune.code, *commune.postcodes), (commune.code,))


def progress_of(territory: Territory, missing_facts: tuple[str, ...], *, has_mail: bool) -> Progress:
    """Count what a territory has, in one statement."""
    here = Site.territory_id == territory.id
    statement = select(
        _count(RoleGrant.role == Grant.COORDINATOR, RoleGrant.territory_id == territory.id),
        _count(here, Site.archived_at.is_(None)),
        _count(Resource.territory_id == territory.id, Resource.status != Status.ARCHIVED),
        select(func.count(Schedule.id))
        .outerjoin(Resource, Resource.id == Schedule.resource_id)
        .join(Site, (Site.id == Schedule.site_id) | (Site.id == Resource.site_id))
        .where(here, Schedule.expression != USUAL_HOURS)
        .scalar_subquery(),
        select(func.count(RoleGrant.id))
        .join(Site, Site.id == RoleGrant.site_id)
        .where(here, RoleGrant.role == Grant.SITE_MANAGER)
        .scalar_subquery(),
    )
    coordinators, sites, resources, schedules, managers = db.session.execute(statement).one()
    return Progress(coordinators, sites, resources, schedules, managers, missing_facts, has_mail)


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).where(*conditions).scalar_subquery()
