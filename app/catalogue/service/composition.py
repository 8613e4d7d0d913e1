"""What a resource is made of: said by the site's manager, kept for all that is booked from now on."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import delete

from app.catalogue.errors import ResourceArchived
from app.catalogue.events import CompositionChanged
from app.catalogue.models import Component, Resource, Status
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.queries import components_at, neighbours_of
from app.catalogue.rules import PartFacts, check_parts
from app.catalogue.service.common import lock_row, touch
from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.infra.audit import record
from app.infra.events import emit
from app.infra.uow import atomic


def compose(
    actor: Actor, resource: Resource, parts: Mapping[str, int], *, revision: int | None = None
) -> bool:
    """Say of how many of which resources of its site (public ids) one unit is made; tell whether that is new.

    Raises Forbidden, NotFound, BadPart, EditedMeanwhile, ResourceArchived, and PartsTaken from who keeps promises.
    """
    require(actor, P.MANAGE_SITE, resource)
    with atomic() as session:
        lock_row(resource.site)  # one at a time: two changes at once could close a circle
        lock_row(resource, revision)
        if resource.status == Status.ARCHIVED:
            raise ResourceArchived(resource=resource.slug)
        known = {each.public_id: each for each in [resource, *neighbours_of(resource)]}
        wanted = _by_id(parts, known)
        before, made_of = _composition(resource)
        check_parts(resource.id, resource.site_id, wanted, _facts(known), made_of)
        if wanted == before:
            return False
        session.execute(delete(Component).where(Component.whole_id == resource.id))
        session.add_all(
            Component(whole_id=resource.id, part_id=part, qty=qty) for part, qty in wanted.items()
        )
        session.flush()
        touch(resource)
        names = {each.name: wanted[each.id] for each in known.values() if each.id in wanted}
        record("resource", resource.id, "composed", actor, territory_id=resource.territory_id, parts=names)
        emit(CompositionChanged(resource.id))
        return True


def _by_id(parts: Mapping[str, int], known: Mapping[str, Resource]) -> dict[int, int]:
    if unknown := set(parts) - set(known):
        raise NotFound(kind="resource", resource=min(unknown))
    return {known[public_id].id: qty for public_id, qty in parts.items()}


def _composition(resource: Resource) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Read what the resource is made of until now, and of what the others of its site are."""
    before, made_of = dict[int, int](), defaultdict(list)
    for component in components_at(resource.site_id):
        if component.whole_id == resource.id:
            before[component.part_id] = component.qty
        else:
            made_of[component.whole_id].append(component.part_id)
    return before, made_of


def _facts(known: Mapping[str, Resource]) -> dict[int, PartFacts]:
    return {
        each.id: PartFacts(each.name, each.site_id, each.capacity, public_id)
        for public_id, each in known.items()
    }
