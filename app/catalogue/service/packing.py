"""In which smaller units a resource may be asked for."""

from collections.abc import Mapping

from app.catalogue.errors import ResourceArchived
from app.catalogue.events import ResourceChanged
from app.catalogue.models import Resource, Status
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.rules import check_packs
from app.catalogue.service.common import lock_row, write
from app.core.policy import Actor, require
from app.infra.audit import record
from app.infra.events import emit
from app.infra.uow import atomic


def accept_packs(
    actor: Actor, resource: Resource, packs: Mapping[str, int], *, revision: int | None = None
) -> bool:
    """Say how many of which smaller units fill one of a resource; tell whether that is new.

    What is booked already keeps its number. Raises Forbidden, BadPack, EditedMeanwhile, ResourceArchived.
    """
    require(actor, P.MANAGE_SITE, resource)
    with atomic():
        lock_row(resource, revision)
        if resource.status == Status.ARCHIVED:
            raise ResourceArchived(resource=resource.slug)
        check_packs(resource.unit, packs)
        changed = write(resource, {"packs": dict(packs)})
        if changed:
            where = resource.territory_id
            record("resource", resource.id, "edited", actor, territory_id=where, changed=changed)
            emit(ResourceChanged(resource.id))
        return bool(changed)
