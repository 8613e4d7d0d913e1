"""Which resources are made of which, at any depth: reads of what people compose in the catalogue."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import CTE, Select, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from app.availability.models import QuotaTerms
from app.availability.rules import Part
from app.availability.shares import quotas_of
from app.catalogue.models import Component, Resource
from app.infra.uow import connection


def _needed() -> CTE:
    """Follow components down from some resources (`root`): of each part how many one unit takes, along every way."""
    c = Component
    direct = select(c.whole_id.label("root"), c.part_id, c.qty).where(
        c.whole_id.in_(bindparam("resources", expanding=True))
    )
    needed = direct.cte("needed", recursive=True)
    deeper = select(needed.c.root, c.part_id, needed.c.qty * c.qty)
    return needed.union_all(deeper.join(needed, c.whole_id == needed.c.part_id))


def _containing() -> CTE:
    """Follow components up from some resources (`root`): all that take some of them, and how many along every way."""
    c = Component
    direct = select(c.part_id.label("root"), c.whole_id, c.qty).where(
        c.part_id.in_(bindparam("resources", expanding=True))
    )
    containing = direct.cte("containing", recursive=True)
    higher = select(containing.c.root, c.whole_id, containing.c.qty * c.qty)
    return containing.union_all(higher.join(containing, c.part_id == containing.c.whole_id))


def _enclosing() -> Select[Any]:
    found, whole, part = _containing().c, aliased(Resource), aliased(Resource)
    joined = select(found.whole_id).join(whole, whole.id == found.whole_id).join(part, part.id == found.root)
    columns = (found.whole_id, whole.capacity, part.capacity)
    return joined.group_by(*columns).having(func.sum(found.qty) * whole.capacity >= part.capacity)


def _parts() -> Select[Any]:
    n, r = _needed().c, Resource
    columns = (n.root, r.id, r.capacity, r.buffer_before, r.buffer_after, r.name, r.status)
    has_quotas = exists().where(QuotaTerms.resource_id == r.id)
    found = select(*columns, func.sum(n.qty), has_quotas).join(r, r.id == n.part_id)
    return found.group_by(*columns).order_by(n.root, r.id)


PARTS = _parts()
PART_IDS = select(_needed().c.part_id).distinct()
WHOLES = select(_containing().c.whole_id).distinct()
ENCLOSING = _enclosing()  # what takes all of a resource: it is closed with it
CLOSING = PART_IDS.union(ENCLOSING)  # what stands in the way of a resource when it is closed, besides itself
CAPACITY = select(Resource.capacity).where(Resource.id == bindparam("resource"))
SPECIAL = select(Component.whole_id).union(select(QuotaTerms.resource_id))


def parts_of(resource_ids: Iterable[int]) -> Mapping[int, list[Part]]:
    """Read what one unit of each resource takes of others, at any depth; resources without parts are absent."""
    rows, found = list(_run(PARTS, resource_ids)), defaultdict(list)
    quotas = quotas_of({row[1] for row in rows if row[-1]})
    for root, part_id, capacity, before, after, name, status, qty, _has_quotas in rows:
        own = quotas.get(part_id)
        found[root].append(Part(part_id, int(qty), capacity, before, after, name, status, own))
    return found


def special_ids() -> list[int]:
    """List the resources of which the plain claims do not tell enough: made of others, or shared out in quotas."""
    return list(connection().execute(SPECIAL).scalars())


def part_ids(resource_ids: Iterable[int]) -> list[int]:
    """List all that some resources take of others, at any depth."""
    return list(_run(PART_IDS, resource_ids).scalars())


def whole_ids(resource_ids: Iterable[int]) -> list[int]:
    """List all that take some of these resources, at any depth."""
    return list(_run(WHOLES, resource_ids).scalars())


def enclosed_ids(whole_id: int) -> list[int]:
    """List the parts that a resource takes entirely, as a hall its halves: they are closed with it.

    What it only draws from, as kits from a pool, stays open.
    """
    found = parts_of([whole_id]).get(whole_id, [])
    capacity = connection().execute(CAPACITY, {"resource": whole_id}).scalar_one()
    return [part.resource_id for part in found if part.qty * capacity >= part.capacity]


def _run(statement: Select[Any], resource_ids: Iterable[int]) -> Any:
    return connection().execute(statement, {"resources": list(resource_ids)})
