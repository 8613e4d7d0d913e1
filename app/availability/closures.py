"""Closes a site or a resource for a while, with a reason, and lifts it again.

Bookings that exist already stay until a person cancels them; whatever they free falls to the closure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select

from app.availability.claims import new_hold
from app.availability.components import CLOSING, enclosed_ids
from app.availability.giving import give_to_closure
from app.availability.models import Closure, HoldKind
from app.availability.service import lock, release, touch
from app.catalogue.models import Resource, Site
from app.core import clock, ids
from app.core.errors import Conflict, Invalid, ReasonMissing
from app.core.policy import Actor
from app.core.span import Span
from app.infra import audit
from app.infra.db import db
from app.infra.uow import atomic

MAX_CLOSURE_DAYS = 400


class ClosureTooLong(Invalid):
    """A closure is bounded; for good, archive instead. `max_days` tells the limit."""

    code = "closure_too_long"


@dataclass(frozen=True)
class Subject:
    """What is closed: a whole site, or one resource."""

    territory_id: int
    site_id: int | None = None
    resource_id: int | None = None

    @classmethod
    def of(cls, thing: Site | Resource) -> "Subject":
        """Make the subject of a site or a resource."""
        if isinstance(thing, Site):
            return cls(thing.territory_id, site_id=thing.id)
        return cls(thing.territory_id, resource_id=thing.id)

    def resource_ids(self) -> list[int]:
        """List the resources that are closed: with a resource, the parts that it takes entirely."""
        if self.resource_id:
            return sorted([self.resource_id, *enclosed_ids(self.resource_id)])
        return sorted(db.session.scalars(select(Resource.id).filter_by(site_id=self.site_id)))


def close(subject: Subject, span: Span, reason: str, actor: Actor) -> Closure:
    """Close a site or a resource for a span; what is booked stays booked until somebody cancels it."""
    check(span, reason)
    with atomic() as session:
        resources = subject.resource_ids()
        lock(resources)
        hold_id = new_hold(subject.territory_id, HoldKind.CLOSURE, None)
        for resource_id in resources:
            give_to_closure(hold_id, resource_id, *span.epochs)
        closure = Closure(
            public_id=ids.new_public_id(),
            territory_id=subject.territory_id,
            site_id=subject.site_id,
            resource_id=subject.resource_id,
            hold_id=hold_id,
            start_at=span.start,
            end_at=span.end,
            reason=reason.strip(),
            created_by_id=actor.person_id,
            created_at=clock.now(),
            lifted_at=None,
        )
        session.add(closure)
        session.flush()
        touch(resources)
        audit.record(
            "closure", closure.id, "closed", actor, territory_id=subject.territory_id, reason=closure.reason
        )
    return closure


def lift(closure: Closure, actor: Actor) -> None:
    """Open again: the closure's hold is freed, the closure stays in the history."""
    with atomic() as session:
        current = session.get_one(Closure, closure.id)
        if current.lifted_at:
            raise Conflict(kind="closure")
        current.lifted_at = clock.now()
        session.flush()
        release(current.hold_id, keep_hold=True)
        audit.record("closure", current.id, "lifted", actor, territory_id=current.territory_id)


def check(span: Span, reason: str) -> None:
    """Refuse a closure without a reason or without a near end, before anything is looked up."""
    if not reason.strip():
        raise ReasonMissing(field="reason")
    if span.seconds > MAX_CLOSURE_DAYS * 86_400:
        raise ClosureTooLong(field="end", max_days=MAX_CLOSURE_DAYS)


def closures_of(site: Site) -> Sequence[Closure]:
    """List what is or will be closed at a site, as a whole or in part, the next first."""
    resources = select(Resource.id).filter_by(site_id=site.id)
    found = (
        _not_over()
        .where((Closure.site_id == site.id) | Closure.resource_id.in_(resources))
        .order_by(Closure.start_at, Closure.id)
    )
    return db.session.scalars(found).all()


def find_closure(resource: Resource, span: Span) -> Closure | None:
    """Find what closes a resource, a part of it or its site during some of a span; of several, the one made last."""
    found = (
        _not_over()
        .where((Closure.site_id == resource.site_id) | _closes(resource))
        .where(Closure.start_at < span.end, Closure.end_at > span.start)
        .order_by(Closure.id.desc())
    )
    return db.session.scalars(found.limit(1), {"resources": [resource.id]}).one_or_none()


def _closes(resource: Resource) -> ColumnElement[bool]:
    return (Closure.resource_id == resource.id) | Closure.resource_id.in_(CLOSING)


def _not_over() -> Select[Closure]:
    return select(Closure).where(Closure.lifted_at.is_(None), Closure.end_at > clock.now())
