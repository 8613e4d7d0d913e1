"""Giving organisations quotas of a resource: said by who manages its site, binding for what is asked from now on.

What is booked already stays, even where it lies above the new quotas of others: it is lent, as they are then.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, exists, select

from app.accounts.models import Organisation, OrganisationState
from app.availability.errors import BadQuota, QuotasOverCapacity
from app.availability.events import CapacityFreed, QuotasEnded
from app.availability.models import Quota, QuotaTerms
from app.availability.service import lock
from app.availability.service import touch as touch_guards
from app.availability.shares import quotas_of
from app.availability.sharing import (
    DEFAULT_RECALL_HOURS,
    MAX_LEND_DAYS,
    MAX_RECALL_HOURS,
    MIN_RECALL_HOURS,
    Quotas,
)
from app.catalogue.errors import ResourceArchived
from app.catalogue.models import Resource, Status
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.rules import MAX_CAPACITY
from app.catalogue.service.common import lock_row, touch
from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.infra.audit import record
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic


@dataclass(frozen=True)
class Allotment:
    """What a manager says: how many units for which organisation (public ids; 0: none), and how that is lent."""

    shares: Mapping[str, int]
    lend_days: int | None = None
    recall_hours: int = DEFAULT_RECALL_HOURS


def allot(actor: Actor, resource: Resource, wanted: Allotment, *, revision: int | None = None) -> bool:
    """Set the quotas of a resource; tell whether that is new.

    Raises Forbidden, NotFound, BadQuota, QuotasOverCapacity, EditedMeanwhile, ResourceArchived.
    """
    require(actor, P.MANAGE_SITE, resource)
    _check_lending(wanted)
    with atomic():
        lock_row(resource, revision)
        if resource.status == Status.ARCHIVED:
            raise ResourceArchived(resource=resource.slug)
        lock([resource.id])
        names, shares = _known(resource, wanted.shares)
        _check_shares(resource, shares)
        quotas = Quotas(shares, wanted.lend_days, wanted.recall_hours) if shares else None
        if quotas == quotas_of([resource.id]).get(resource.id):
            return False
        _write(resource.id, quotas)
        touch(resource)
        touch_guards([resource.id])
        lending = {"lend_days": wanted.lend_days, "recall_hours": wanted.recall_hours}
        where = resource.territory_id
        record("resource", resource.id, "allotted", actor, territory_id=where, quotas=names, **lending)
        emit(CapacityFreed((resource.id,)))  # what is kept no longer is free for those who wait
        return True


def end_quotas_of(organisation_id: int, name: str, by: Actor) -> None:
    """End the quotas of an organisation that takes part no longer; inside a use case.

    No guard is needed: whoever takes at the same moment still leaves free what was kept.
    """
    session, theirs = db.session(), Quota.organisation_id == organisation_id
    shared = select(Resource).join(Quota, Quota.resource_id == Resource.id).where(theirs)
    resources = session.scalars(shared.order_by(Resource.id)).all()
    if not resources:
        return
    ids = tuple(each.id for each in resources)
    session.execute(delete(Quota).where(theirs))
    is_shared = exists().where(Quota.resource_id == QuotaTerms.resource_id)
    session.execute(delete(QuotaTerms).where(QuotaTerms.resource_id.in_(ids), ~is_shared))
    _number_change(ids)
    for each in resources:
        record("resource", each.id, "quota_ended", by, territory_id=each.territory_id, organisation=name)
    emit(CapacityFreed(ids))
    emit(QuotasEnded(ids, name, by.person_id))


def _number_change(resource_ids: Collection[int]) -> None:
    """Let forms that still show what has ended be refused.

    A resource that somebody is changing at this very moment is passed over: it has a new revision by that, and whoever
    leaves has locks that must not wait for theirs.
    """
    free = select(Resource).where(Resource.id.in_(resource_ids)).order_by(Resource.id)
    for each in db.session.scalars(free.with_for_update(of=Resource, skip_locked=True)):
        touch(each)
    db.session.flush()


def _check_lending(wanted: Allotment) -> None:
    bounds = (
        ("lend_days", wanted.lend_days, 0, MAX_LEND_DAYS),
        ("recall_hours", wanted.recall_hours, MIN_RECALL_HOURS, MAX_RECALL_HOURS),
    )
    for field, value, least, most in bounds:
        if value is not None and not least <= value <= most:
            raise BadQuota(field=field, reason="out_of_bounds", min=least, max=most)


def _known(resource: Resource, shares: Mapping[str, int]) -> tuple[dict[str, int], dict[int, int]]:
    """Find the organisations; give what is more than nothing by their names, for the history, and by their ids.

    None of them is archived before this is done: that would end quotas it does not see.
    """
    active = select(Organisation).where(
        Organisation.public_id.in_(shares),
        Organisation.territory_id == resource.territory_id,
        Organisation.state == OrganisationState.ACTIVE,
    )
    fresh = active.order_by(Organisation.id).with_for_update(read=True)
    found = db.session.scalars(fresh, execution_options={"populate_existing": True}).all()
    if unknown := set(shares) - {each.public_id for each in found}:
        raise NotFound(kind="organisation", organisation=min(unknown))
    for public_id, qty in shares.items():
        if not 0 <= qty <= MAX_CAPACITY:
            raise BadQuota(field=public_id, reason="out_of_bounds", min=0, max=resource.capacity)
    some = [each for each in found if shares[each.public_id]]
    return {each.name: shares[each.public_id] for each in some}, {
        each.id: shares[each.public_id] for each in some
    }


def _check_shares(resource: Resource, shares: Mapping[int, int]) -> None:
    if shares and resource.capacity == 1:
        raise BadQuota(field="", reason="taken_as_one", min=0, max=0)
    if sum(shares.values()) > resource.capacity:
        raise QuotasOverCapacity(total=sum(shares.values()), capacity=resource.capacity, unit=resource.unit)


def _write(resource_id: int, quotas: Quotas | None) -> None:
    session = db.session()
    for table in (Quota, QuotaTerms):
        session.execute(delete(table).where(table.resource_id == resource_id))
    if quotas:
        terms = {"lend_days": quotas.lend_days, "recall_hours": quotas.recall_hours}
        session.add(QuotaTerms(resource_id=resource_id, **terms))
        rows = quotas.shares.items()
        session.add_all(Quota(resource_id=resource_id, organisation_id=whose, qty=qty) for whose, qty in rows)
    session.flush()
