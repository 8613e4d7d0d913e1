"""Asking through the API: the use case of the room of bookings, and whether the same was asked before."""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError

from app.api import queries
from app.availability import service as capacity
from app.bookings import guards, service
from app.core.policy import Actor
from app.infra.uow import atomic
from app.supply.chains import service as chains
from app.supply.chains.service import ChainRequest


class Asked(NamedTuple):
    """What came of a request: the booking's reference, and whether it had been made before."""

    ref: str
    replayed: bool


def ask(request: service.Request, actor: Actor, *, uid_host: str) -> Asked:
    """Ask for a slot, once per idempotency key however many come at the same time. Raises what bookings' `ask` does."""

    def act() -> Asked:
        service.lock_for(request)
        replayed = request.key is not None and queries.is_key_used(actor.person_id, request.key)
        return Asked(service.ask(request, actor, uid_host=uid_host).ref, replayed)

    return _once(request.key, act)


def ask_bundle(request: service.BundleRequest, actor: Actor, *, uid_host: str) -> Asked:
    """Ask for several resources, once per idempotency key however many come at the same time."""

    def act() -> Asked:
        capacity.lock([leg.resource_id for leg in request.legs])
        replayed = request.key is not None and queries.is_bundle_key_used(actor.person_id, request.key)
        return Asked(service.ask_bundle(request, actor, uid_host=uid_host).ref, replayed)

    return _once(request.key, act)


def ask_series(request: service.SeriesRequest, actor: Actor, *, uid_host: str) -> Asked:
    """Ask for a slot again and again, once per idempotency key however many come at the same time."""

    def act() -> Asked:
        capacity.lock(request.places)
        replayed = request.key is not None and queries.is_series_key_used(actor.person_id, request.key)
        return Asked(service.ask_series(request, actor, uid_host=uid_host).ref, replayed)

    return _once(request.key, act)


def ask_chain(request: ChainRequest, actor: Actor, *, uid_host: str) -> Asked:
    """Ask for the legs of a plan, once per idempotency key however many come at the same time."""

    def act() -> Asked:
        capacity.lock([leg.resource_id for leg in request.legs])
        replayed = request.key is not None and queries.is_bundle_key_used(actor.person_id, request.key)
        return Asked(chains.ask_chain(request, actor, uid_host=uid_host).bundle.ref, replayed)

    return _once(request.key, act)


def replace_leg(
    booking_id: int, wanted: service.Leg, actor: Actor, *, uid_host: str, key: str | None
) -> Asked:
    """Ask for something in the place of a lost leg, once per idempotency key however many come at the same time."""

    def act() -> Asked:
        capacity.lock([wanted.resource_id, *guards.beside(booking_id)])
        replayed = key is not None and queries.is_key_used(queries.requester_of(booking_id), key)
        made = service.replace_leg(booking_id, wanted, actor, uid_host=uid_host, key=key)
        return Asked(made.ref, replayed)

    return _once(key, act)


def _once(key: str | None, act: Callable[[], Asked]) -> Asked:
    """Ask in one transaction; once more where the same key came at the same moment for other resources."""
    try:
        with atomic():
            return act()
    except IntegrityError:  # the other one is stored by now, so that the key is known
        if not key:
            raise
        with atomic():
            return act()
