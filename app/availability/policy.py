"""Who may see a resource, and who decides about its time.

Subjects: a resource (`visibility`, `site_id`, `territory_id`, and its owner by `owner_id` or `site.owner_id`); a site
(`id`, `territory_id`, `owner_id`) for MANAGE_TIME.
"""

from enum import StrEnum
from typing import Any

from app.catalogue.models import Visibility
from app.core.policy import Actor, Table, platform_admin


class TimePermission(StrEnum):
    """What can be asked of the room of availability."""

    SEE_RESOURCE = "availability.see_resource"
    MANAGE_TIME = "availability.manage_time"  # hours, closures, and who has taken what


def is_public(_actor: Actor, resource: Any) -> bool:
    """Hold for resources shown to every passer-by."""
    return bool(resource.visibility == Visibility.PUBLIC)


def is_for_members(_actor: Actor, resource: Any) -> bool:
    """Hold for resources shown to the members of organisations."""
    return bool(resource.visibility == Visibility.MEMBERS)


def takes_part(actor: Actor, _resource: Any) -> bool:
    """Hold for whoever belongs to an organisation or answers for a place."""
    return bool(actor.memberships or actor.managed_sites or actor.coordinated)


def manages(actor: Actor, subject: Any) -> bool:
    """Hold for managers of the site, administrators of its owner, and the coordination of its territory."""
    site_id = getattr(subject, "site_id", None) or subject.id
    owner_id = getattr(subject, "owner_id", None) or subject.site.owner_id
    return (
        site_id in actor.managed_sites
        or actor.administers(owner_id)
        or subject.territory_id in actor.coordinated
    )


TABLE: Table = {
    TimePermission.SEE_RESOURCE: [[is_public], [is_for_members, takes_part], [manages], [platform_admin]],
    TimePermission.MANAGE_TIME: [[manages], [platform_admin]],
}
