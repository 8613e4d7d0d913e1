"""What the catalogue's changes mean for time: schedules and guards appear, promises are kept."""

from sqlalchemy import func, or_, select

from app.accounts.events import OrganisationArchived
from app.availability.allotting import end_quotas_of
from app.availability.errors import CapacityBelowQuotas, CapacityBelowUse
from app.availability.giving import fit_capacity, give_to_closures
from app.availability.models import Claim, Hold, HoldKind, Schedule
from app.availability.queries import fresh_claims, instant
from app.availability.recomposing import recompose
from app.availability.rules import loads
from app.availability.schedules import USUAL_HOURS, set_resource_hours, set_site_hours
from app.availability.service import lock, touch
from app.availability.shares import quotas_of
from app.catalogue.errors import StillPromised
from app.catalogue.events import (
    CompositionChanged,
    ResourceChanged,
    ResourceCreated,
    ResourceWithdrawn,
    SiteChanged,
    SiteCreated,
)
from app.catalogue.models import Resource, Site
from app.core import clock
from app.infra.db import db
from app.infra.events import listens


@listens(SiteCreated)
def give_hours(event: SiteCreated) -> None:
    """Give a new site its hours."""
    set_site_hours(event.site_id, event.expression or USUAL_HOURS)


@listens(ResourceCreated)
def give_guard(event: ResourceCreated) -> None:
    """Give a new resource its guard, and hours of its own where told."""
    set_resource_hours(event.resource_id, event.expression)
    give_to_closures([event.resource_id])  # what is new at a closed place is closed too


@listens(SiteChanged)
def follow_site(event: SiteChanged) -> None:
    """Recompile the schedules of a site whose zone changed, and let calendars see the change."""
    session = db.session()
    site = session.get_one(Site, event.site_id)
    session.flush()
    resources = list(session.scalars(select(Resource.id).filter_by(site_id=site.id).order_by(Resource.id)))
    lock(resources)
    own = session.scalars(select(Schedule).where(Schedule.resource_id.in_(resources))).all()
    site_schedule = session.scalars(select(Schedule).filter_by(site_id=site.id)).one()
    if (site_schedule.timezone, site_schedule.school_zone) != (site.timezone, site.school_zone):
        set_site_hours(site.id, site_schedule.expression)
        for schedule in own:
            set_resource_hours(schedule.resource_id or 0, schedule.expression)
    touch(resources)


@listens(ResourceChanged)
def keep_promises(event: ResourceChanged) -> None:
    """Refuse a capacity below what is promised; tell the database's guard whether the resource is exclusive."""
    session = db.session()
    session.flush()
    lock([event.resource_id])
    resource = session.get_one(Resource, event.resource_id)
    _check_quotas(resource)
    last = session.scalar(select(func.max(Claim.end_at)).filter_by(resource_id=resource.id)) or 0
    if last > clock.epoch():
        _check_capacity(resource, last)
        fit_capacity(resource.id)
    touch([resource.id])


def _check_quotas(resource: Resource) -> None:
    quotas = quotas_of([resource.id]).get(resource.id)
    total = sum(quotas.shares.values()) if quotas else 0
    if total and (total > resource.capacity or resource.capacity == 1):
        raise CapacityBelowQuotas(field="capacity", total=total, asked=resource.capacity)


def _check_capacity(resource: Resource, last: int) -> None:
    now = clock.epoch()
    taken = [c for c in fresh_claims([resource.id], now, last).get(resource.id, []) if c.kind != "closure"]
    worst = max(loads(taken, now, last), key=lambda load: load.qty)
    if worst.qty > resource.capacity:
        raise CapacityBelowUse(
            field="capacity", peak=worst.qty, at=instant(worst.start), asked=resource.capacity
        )


@listens(OrganisationArchived)
def end_quotas(event: OrganisationArchived) -> None:
    """End the quotas of an organisation that takes part no longer."""
    end_quotas_of(event.organisation_id, event.name, event.by)


@listens(CompositionChanged)
def take_parts(event: CompositionChanged) -> None:
    """Let what is booked already take the parts that its resource has now."""
    db.session.flush()
    recompose(event.resource_id)


@listens(ResourceWithdrawn)
def refuse_while_promised(event: ResourceWithdrawn) -> None:
    """Refuse to withdraw a resource while capacity is taken ahead by anything but closures."""
    session = db.session()
    lock([event.resource_id])
    now = clock.epoch()
    ahead = (
        select(func.count(Claim.hold_id.distinct()), func.min(Claim.start_at), func.max(Claim.end_at))
        .join(Hold, Hold.id == Claim.hold_id)
        .where(Claim.resource_id == event.resource_id, Claim.end_at > now, Hold.kind != HoldKind.CLOSURE)
        .where(or_(Hold.expires_at.is_(None), Hold.expires_at > now))
    )
    count, first, last = session.execute(ahead).one()
    if count:
        zone = session.get_one(Resource, event.resource_id).site.timezone
        raise StillPromised(count=count, first=instant(first), last=instant(last), timezone=zone, refs=[])
