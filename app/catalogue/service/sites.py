"""The use cases of a site: created, edited, archived, restored, and who manages it."""

import re
from typing import Any

from sqlalchemy import update

from app.accounts import service as accounts
from app.accounts.functions import NONE, Functions
from app.accounts.models import Organisation, Person
from app.accounts.policy import AccountPermission
from app.accounts.queries import managers_of
from app.accounts.rules import CONTACT_LIFE, normal_email, normal_phone
from app.accounts.service.locks import keep_organisation
from app.accounts.service.roles import Scope
from app.catalogue.communes import Commune, distance_km, find_commune
from app.catalogue.errors import BadPoint, BadPostcode, BadTerms, CommuneUnknown
from app.catalogue.events import SiteChanged, SiteCreated
from app.catalogue.folding import search_text
from app.catalogue.models import Site
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.queries import resources_of
from app.catalogue.rules import SCHOOL_ZONES, SiteFacts, check_point, school_zone_of, timezone_of
from app.catalogue.service.common import (
    checked_name,
    checked_prose,
    free_slug,
    lock_row,
    touch,
    write,
)
from app.catalogue.service.two_step import keep_managers, refuse_if_nobody_can_agree
from app.catalogue.service.withdrawal import withdraw
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_public_id
from app.core.policy import Actor, can, require
from app.infra.audit import record
from app.infra.events import emit
from app.infra.uow import atomic

_LONGEST_ADDRESS = 160


def create_site(
    actor: Actor,
    owner: Organisation,
    facts: SiteFacts,
    *,
    expression: str | None = None,
    source_key: str | None = None,
) -> Site:
    """Open a site of an organisation, with hours (OSM syntax) or the usual ones; the administrator manages it.

    Raises Forbidden, OrganisationInactive, NameMissing, CommuneUnknown, BadPoint, BadPostcode, BadPhone, BadEmail,
    BadExpression.
    """
    require(actor, P.CREATE_SITE, owner)
    commune, values = _values(facts)
    with atomic() as session:
        keep_organisation(owner.id)
        now = clock.now()
        site = Site(
            public_id=new_public_id(), territory_id=owner.territory_id, owner_id=owner.id, source_key=source_key,
            slug=free_slug(Site, facts.name, commune.name), created_at=now, changed_at=now, **values,
        )  # fmt: skip
        session.add(site)
        session.flush()
        record("site", site.id, "created", actor, territory_id=site.territory_id, name=site.name)
        emit(SiteCreated(site.id, expression))
        if actor.person_id and actor.administers(owner.id):
            _grant(actor, site, actor.person_id)
        return site


def edit_site(actor: Actor, site: Site, facts: SiteFacts, *, revision: int | None = None) -> list[str]:
    """Change what is said of a site; give the names of what changed. Raises as `create_site`, and EditedMeanwhile."""
    require(actor, P.MANAGE_SITE, site)
    values = _values(facts)[1]
    with atomic():
        lock_row(site, revision)
        changed = write(site, values)
        if changed:
            record("site", site.id, "edited", actor, territory_id=site.territory_id, changed=changed)
            emit(SiteChanged(site.id))
            _fold_resources(site)
        return changed


def archive_site(actor: Actor, site: Site) -> None:
    """Take a site and all its resources out of the catalogue; what happened there stays readable.

    Raises Forbidden, StillPromised while bookings lie ahead.
    """
    require(actor, P.MANAGE_SITE, site)
    with atomic():
        lock_row(site)
        if site.archived_at:
            return
        withdraw(actor, resources_of(site.id))
        site.archived_at = clock.now()
        touch(site)
        record("site", site.id, "archived", actor, territory_id=site.territory_id)
        emit(SiteChanged(site.id))


def restore_site(actor: Actor, site: Site) -> None:
    """Bring an archived site back; its resources stay archived until each is restored. Raise OrganisationInactive."""
    require(actor, P.MANAGE_SITE, site)
    with atomic():
        lock_row(site)
        if not site.archived_at:
            return
        keep_organisation(site.owner_id)
        site.archived_at = None
        touch(site)
        record("site", site.id, "restored", actor, territory_id=site.territory_id)
        emit(SiteChanged(site.id))


def forget_contacts() -> None:
    """Take the telephone and the address off sites archived long ago."""
    gone = update(Site).where(Site.archived_at < clock.now() - CONTACT_LIFE)
    with atomic() as session:
        session.execute(gone.values(phone="", email=""))


def add_manager(
    actor: Actor, site: Site, email: str, address: str | None = None, *, functions: Functions = NONE
) -> str | None:
    """Let a person manage the site, in some functions; give the name, or None when they are invited to the owner first.

    The coordination names whom it wants, the owner's administrators their members: of anyone else they do not
    learn whether there is an account. Raise Forbidden, BadEmail, PersonUnknown, AlreadyGranted, TooMany.
    """
    scope = Scope(site.territory_id, site.id, site.owner_id)
    require(actor, AccountPermission.GRANT_SITE, scope)
    if can(actor, AccountPermission.LOOK_UP_PERSON, scope):
        person: Person | None = accounts.person_to_grant(actor, email, site.territory_id, address)
    else:
        person = accounts.find_colleague(email, organisation_id=site.owner_id, site_id=site.id)
    if person is None:
        accounts.invite(actor, site.owner.slug, email=email, address=address)
        return None
    with atomic():
        _grant(actor, site, person.id, functions)
        return person.name


def change_functions(actor: Actor, site: Site, person_public_id: str, functions: Functions) -> str:
    """Say which functions a manager of the site holds; give the name.

    Raises Forbidden, NotFound, TwoStepImpossible.
    """
    with atomic():
        keep_managers(site.id)
        person = _manager(site, person_public_id)
        scope = Scope(site.territory_id, site.id, site.owner_id)
        if accounts.set_functions(actor, scope, person.id, functions):
            refuse_if_nobody_can_agree(site.id)
            told = {"person": person.id, "functions": sorted(functions)}
            record("site", site.id, "functions_changed", actor, territory_id=site.territory_id, **told)
        return person.name


def remove_manager(actor: Actor, site: Site, person_public_id: str) -> str:
    """End a person's management of the site; give the name. Raises Forbidden, NotFound, TwoStepImpossible."""
    with atomic():
        keep_managers(site.id)
        person = _manager(site, person_public_id)
        scope = {"site_id": site.id, "territory_id": site.territory_id, "owner_id": site.owner_id}
        accounts.revoke_site_manager(actor, person_id=person.id, **scope)
        refuse_if_nobody_can_agree(site.id)
        record("site", site.id, "manager_removed", actor, territory_id=site.territory_id, person=person.id)
        return person.name


def _manager(site: Site, person_public_id: str) -> Person:
    for person in managers_of(site.id):
        if person.public_id == person_public_id:
            return person
    raise NotFound(person=person_public_id)


def _grant(actor: Actor, site: Site, person_id: int, functions: Functions = NONE) -> None:
    scope = {"site_id": site.id, "territory_id": site.territory_id, "owner_id": site.owner_id}
    accounts.grant_site_manager(actor, person_id=person_id, **scope)
    accounts.set_functions(actor, Scope(site.territory_id, site.id, site.owner_id), person_id, functions)
    record("site", site.id, "manager_added", actor, territory_id=site.territory_id, person=person_id)


def _fold_resources(site: Site) -> None:
    """Let the resources be found by the site's new name and commune."""
    for archived in (False, True):
        for resource in resources_of(site.id, archived=archived):
            resource.search_text = search_text(resource, site)


def _values(facts: SiteFacts) -> tuple[Commune, dict[str, Any]]:
    commune = find_commune(facts.commune_code)
    if commune is None:
        raise CommuneUnknown(field="commune", typed=facts.commune_code)
    lat, lon = _point(facts, commune)
    return commune, {
        "name": checked_name(facts.name),
        "description": checked_prose(facts.description, "description"),
        "address": checked_prose(facts.address, "address", _LONGEST_ADDRESS),
        "postcode": _postcode(facts.postcode, commune),
        "commune_code": commune.code,
        "lat": lat,
        "lon": lon,
        "access_notes": checked_prose(facts.access_notes, "access_notes"),
        "phone": normal_phone(facts.phone),
        "email": normal_email(facts.email) if facts.email.strip() else "",
        "timezone": timezone_of(commune.departement),
        "school_zone": _school_zone(facts.school_zone, commune),
    }


def _point(facts: SiteFacts, commune: Commune) -> tuple[float, float]:
    if facts.lat is None and facts.lon is None:
        return commune.point
    if facts.lat is None or facts.lon is None:
        raise BadPoint(field="lat" if facts.lat is None else "lon", reason="half")
    check_point(facts.lat, facts.lon, distance_km(facts.lat, facts.lon, *commune.point))
    return round(facts.lat, 6), round(facts.lon, 6)


def _postcode(raw: str, commune: Commune) -> str:
    postcode = re.sub(r"\s", "", raw) or (commune.postcodes[0] if commune.postcodes else "")
    if postcode and not re.fullmatch(r"[0-9]{5}", postcode):
        raise BadPostcode(field="postcode")
    return postcode


def _school_zone(chosen: str | None, commune: Commune) -> str | None:
    if chosen == "auto":
        return school_zone_of(commune.departement)
    if chosen and chosen not in SCHOOL_ZONES:
        raise BadTerms(field="school_zone", reason="not_offered")
    return chosen or None
