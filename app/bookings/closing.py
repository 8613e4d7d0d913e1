"""Closing a place over bookings: who is hit is told before saving, and each is kept or cancelled with the reason."""

from collections.abc import Sequence

from sqlalchemy import select

from app.availability.closures import Subject, check, close
from app.availability.models import Closure
from app.availability.service import lock
from app.bookings import service
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission
from app.bookings.queries import whole
from app.bookings.rules import LIVE
from app.catalogue.models import Resource, Site
from app.core import clock
from app.core.policy import Actor, require
from app.core.span import Span
from app.infra.db import db
from app.infra.uow import atomic


def preview(thing: Site | Resource, span: Span, reason: str) -> Sequence[Booking]:
    """Check a closure and list the bookings it would hit, for a look before saving."""
    check(span, reason)
    return bookings_hit(thing, span)


def bookings_hit(thing: Site | Resource, span: Span) -> Sequence[Booking]:
    """List the requests and reservations not over yet that a closure of this span would hit, the first first.

    Requests that hold nothing while they wait are hit like the others.
    """
    hit = (
        whole()
        .where(Booking.resource_id.in_(Subject.of(thing).resource_ids()), Booking.decision.in_(LIVE))
        .where(Booking.start_at < span.end, Booking.end_at > max(span.start, clock.now()))
        .order_by(Booking.start_at, Booking.id)
    )
    return db.session.scalars(hit).all()


def close_place(thing: Site | Resource, span: Span, reason: str, actor: Actor, *, cancel: bool) -> Closure:
    """Close a site or a resource; with `cancel`, cancel what it hits and let the parties know the reason."""
    with atomic():
        require(actor, BookingPermission.CLOSE, thing)
        lock(Subject.of(thing).resource_ids())  # all of them first: cancelling locks one by one, in any order
        hit = [booking.id for booking in bookings_hit(thing, span)] if cancel else []
        for booking_id in hit:
            service.cancel(booking_id, actor, reason)
        return close(Subject.of(thing), span, reason, actor)


def closures_of(site: Site) -> Sequence[Closure]:
    """List what is or will be closed at a site, as a whole or in part, the next first."""
    resources = select(Resource.id).filter_by(site_id=site.id)
    found = (
        select(Closure)
        .where((Closure.site_id == site.id) | Closure.resource_id.in_(resources))
        .where(Closure.lifted_at.is_(None), Closure.end_at > clock.now())
        .order_by(Closure.start_at, Closure.id)
    )
    return db.session.scalars(found).all()
