"""Who may do what with sites and resources.

Subjects: a site, a resource or a photo (by their `site`), an organisation for `CREATE_SITE` (None asks whether the
person may create a site anywhere).
"""

from enum import StrEnum
from typing import Any

from app.catalogue.models import Site, Status, Visibility
from app.core.policy import Actor, Table, anyone, platform_admin, signed_in


class CataloguePermission(StrEnum):
    """What can be asked of the catalogue."""

    SEE_SITE = "site.see"
    SEE_RESOURCE = "resource.see"
    SEE_PHOTO = "photo.see"
    CREATE_SITE = "site.create"
    MANAGE_SITE = "site.manage"  # its resources, photos, hours and closures too
    DELEGATE = "site.let_decide"  # somebody else, in one's own place
    LIST_MANAGED = "site.list_managed"
    FIND_COMMUNE = "commune.find"


def site_of(subject: Any) -> Site:
    """Give the site a subject is, or lies in."""
    return subject if isinstance(subject, Site) else subject.site


def manages(actor: Actor, subject: Any) -> bool:
    """Hold for who was made manager of the site."""
    return site_of(subject).id in actor.managed_sites


def administers_owner(actor: Actor, subject: Any) -> bool:
    """Hold for the administrators of the organisation that owns the site."""
    return actor.administers(site_of(subject).owner_id)


def coordinates(actor: Actor, subject: Any) -> bool:
    """Hold for the coordination of the territory the site lies in."""
    return site_of(subject).territory_id in actor.coordinated


def is_open_site(_actor: Actor, site: Any) -> bool:
    """Hold for a site that is shown to everybody."""
    return site.archived_at is None


def is_public(_actor: Actor, resource: Any) -> bool:
    """Hold for a resource anybody may know of."""
    return bool(resource.visibility == Visibility.PUBLIC and resource.status != Status.ARCHIVED)


def is_for_members(_actor: Actor, resource: Any) -> bool:
    """Hold for a resource that member organisations may know of."""
    return bool(resource.visibility != Visibility.HIDDEN and resource.status != Status.ARCHIVED)


def is_member(actor: Actor, _subject: Any) -> bool:
    """Hold for the members of any organisation that was admitted, and for who holds a role on a place."""
    return bool(actor.memberships or actor.managed_sites or actor.coordinated)


def shows_subject(actor: Actor, photo: Any) -> bool:
    """Hold when the place or resource in the photo may be seen."""
    if photo.resource is None:
        return is_open_site(actor, photo.site)
    return is_public(actor, photo.resource) or (
        is_member(actor, photo) and is_for_members(actor, photo.resource)
    )


def may_create_for(actor: Actor, organisation: Any) -> bool:
    """Hold for administrators of the organisation and the coordination of its territory (None: of any)."""
    if organisation is None:
        return bool(actor.coordinated) or "org_admin" in actor.memberships.values()
    return actor.administers(organisation.id) or organisation.territory_id in actor.coordinated


def is_active(_actor: Actor, organisation: Any) -> bool:
    """Hold for an organisation that was admitted and not archived."""
    return bool(organisation is None or organisation.state == "active")


_ANSWERABLE = ([manages], [administers_owner], [coordinates], [platform_admin])

TABLE: Table = {
    CataloguePermission.SEE_SITE: [[is_open_site], *_ANSWERABLE],
    CataloguePermission.SEE_RESOURCE: [[is_public], [is_member, is_for_members], *_ANSWERABLE],
    CataloguePermission.SEE_PHOTO: [[shows_subject], *_ANSWERABLE],
    CataloguePermission.CREATE_SITE: [[is_active, may_create_for], [is_active, platform_admin]],
    CataloguePermission.MANAGE_SITE: _ANSWERABLE,
    CataloguePermission.DELEGATE: [[manages], [administers_owner]],
    CataloguePermission.LIST_MANAGED: [[signed_in]],
    CataloguePermission.FIND_COMMUNE: [[anyone]],
}
