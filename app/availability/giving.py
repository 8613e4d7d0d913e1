"""What is free of a closed place is its closure's: given to it whenever capacity is freed, under the guards."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from app.availability.claims import insert_claims, row_of
from app.availability.components import ENCLOSING
from app.availability.events import CapacityFreed
from app.availability.models import Claim, Closure
from app.availability.queries import claim_rows, terms_of
from app.availability.rules import Taken, loads, pieces
from app.catalogue.models import Resource
from app.core import clock
from app.infra.events import emit
from app.infra.uow import connection

CLOSURES_OVER = select(Closure.hold_id, Closure.start_at, Closure.end_at).where(
    (Closure.resource_id == bindparam("resource"))
    | Closure.resource_id.in_(ENCLOSING)
    | (
        Closure.site_id
        == select(Resource.site_id).where(Resource.id == bindparam("resource")).scalar_subquery()
    ),
    Closure.lifted_at.is_(None),
    Closure.end_at > bindparam("now"),
)
DROP_CLOSED = delete(Claim).where(
    Claim.resource_id == bindparam("resource"), Claim.hold_id.in_(bindparam("holds", expanding=True))
)
SET_ALONE = (
    update(Claim)
    .where(Claim.resource_id == bindparam("resource"), Claim.start_at >= bindparam("now"))
    .where(Claim.alone != bindparam("is_alone"))
    .values(alone=bindparam("is_alone"))
)


def give_to_closure(hold_id: int, resource_id: int, start: int, end: int) -> None:
    """Let a closure's hold take all of a resource that is free in [start, end); call it with the guard locked."""
    terms = terms_of([resource_id])[resource_id]
    rows = claim_rows([resource_id], start, end)
    taken = [Taken(*claim) for _resource, *claim, _expires_at in rows]
    claims = [
        row_of(hold_id, terms, terms.needs[0], piece, terms.capacity - load.qty)
        for load in loads(taken, start, end)
        if load.qty < terms.capacity
        for piece in pieces(load.start, load.end)
    ]
    insert_claims(claims)


def fit_capacity(resource_id: int) -> None:
    """Bring claims in line with a capacity that is new; call it with the guard locked and the promises checked.

    Closures let go first, and then take all that is free of the new capacity. What began before now stays as it is.
    """
    terms = terms_of([resource_id])[resource_id]
    closures = _closures_over(resource_id)
    connection().execute(DROP_CLOSED, {"resource": resource_id, "holds": [each.hold_id for each in closures]})
    connection().execute(
        SET_ALONE, {"resource": resource_id, "now": clock.epoch(), "is_alone": terms.capacity == 1}
    )
    give_to_closures([resource_id])


def give_to_closures(resource_ids: Sequence[int]) -> None:
    """Give what is free to the closures over it, so that nobody books a closed place; the rest is told as freed."""
    for resource_id in resource_ids:
        for hold_id, start_at, end_at in _closures_over(resource_id):
            give_to_closure(hold_id, resource_id, int(start_at.timestamp()), int(end_at.timestamp()))
    if resource_ids:
        emit(CapacityFreed(tuple(resource_ids)))


def _closures_over(resource_id: int) -> Sequence[Any]:
    params = {"resource": resource_id, "resources": [resource_id], "now": clock.now()}
    return connection().execute(CLOSURES_OVER, params).all()
