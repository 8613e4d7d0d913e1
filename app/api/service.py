"""Asking through the API: the use case of the room of bookings, and whether the same was asked before."""

from typing import NamedTuple

from sqlalchemy.exc import IntegrityError

from app.api import queries
from app.availability import service as capacity
from app.bookings import service
from app.core.policy import Actor
from app.infra.uow import atomic


class Asked(NamedTuple):
    """What came of a request: the booking's reference, and whether it had been made before."""

    ref: str
    replayed: bool


def ask(request: service.Request, actor: Actor, *, uid_host: str) -> Asked:
    """Ask for a slot, once per idempotency key however many come at the same time. Raises what bookings' `ask` does."""
    try:
        return _ask(request, actor, uid_host)
    except IntegrityError:  # the same key at the same moment for another resource: now it is known
        if not request.key:
            raise
        return _ask(request, actor, uid_host)


def ask_bundle(request: service.BundleRequest, actor: Actor, *, uid_host: str) -> Asked:
    """Ask for several resources, once per idempotency key however many come at the same time."""
    try:
        return _ask_bundle(request, actor, uid_host)
    except IntegrityError:  # the same key at the same moment for other resources: now it is known
        if not request.key:
            raise
        return _ask_bundle(request, actor, uid_host)


def ask_series(request: service.SeriesRequest, actor: Actor, *, uid_host: str) -> Asked:
    """Ask for a slot again and again, once per idempotency key however many come at the same time."""
    try:
        return _ask_series(request, actor, uid_host)
    except IntegrityError:  # the same key at the same moment for another resource: now it is known
        if not request.key:
            raise
        return _ask_series(request, actor, uid_host)


def _ask_series(request: service.SeriesRequest, actor: Actor, uid_host: str) -> Asked:
    with atomic():
        capacity.lock(request.places)
        replayed = request.key is not None and queries.is_series_key_used(actor.person_id, request.key)
        series = service.ask_series(request, actor, uid_host=uid_host)
        return Asked(series.ref, replayed)


def _ask_bundle(request: service.BundleRequest, actor: Actor, uid_host: str) -> Asked:
    with atomic():
        capacity.lock([leg.resource_id for leg in request.legs])
        replayed = request.key is not None and queries.is_bundle_key_used(actor.person_id, request.key)
        bundle = service.ask_bundle(request, actor, uid_host=uid_host)
        return Asked(bundle.ref, replayed)


def _ask(request: service.Request, actor: Actor, uid_host: str) -> Asked:
    with atomic():
        service.lock_for(request)
        replayed = request.key is not None and queries.is_key_used(actor.person_id, request.key)
        booking = service.ask(request, actor, uid_host=uid_host)
        return Asked(booking.ref, replayed)
