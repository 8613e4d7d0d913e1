"""Taking resources out of the catalogue without breaking what was promised or what happened."""

from collections.abc import Sequence

from app.catalogue.asks import promises_of
from app.catalogue.errors import PartOfOthers, StillPromised
from app.catalogue.events import ResourceChanged, ResourceWithdrawn
from app.catalogue.models import Resource, Status
from app.catalogue.queries import wholes_of
from app.catalogue.service.common import lock_row, touch
from app.core.policy import Actor
from app.infra.audit import record
from app.infra.events import emit


def withdraw(actor: Actor, resources: Sequence[Resource]) -> None:
    """Archive resources that nobody counts on any more, inside a use case; raise StillPromised or PartOfOthers."""
    leaving = {resource.id for resource in resources}
    if wholes := [whole for whole in wholes_of(leaving) if whole.id not in leaving]:
        raise PartOfOthers(names=[whole.name for whole in wholes])
    ahead = promises_of([resource.id for resource in resources])
    if ahead:
        raise StillPromised(
            count=len(ahead),
            first=ahead[0].span.start,
            last=max(promise.span.end for promise in ahead),
            timezone=resources[0].site.timezone,
            refs=[promise.ref for promise in ahead],
            kept=[promise.note for promise in ahead if not promise.is_booked],
        )
    for resource in sorted(resources, key=lambda each: each.id):
        lock_row(resource)
        emit(ResourceWithdrawn(resource.id))
        resource.status = Status.ARCHIVED
        touch(resource)
        record("resource", resource.id, "archived", actor, territory_id=resource.territory_id)
        emit(ResourceChanged(resource.id))
