"""What the played Stripe does by itself: it sends its webhooks, and lets time pass for payers' banks."""

import json
from typing import Any

import stripe
from flask import current_app

from app.core import clock
from app.core.errors import NotFound
from app.payments.stripe import connection, service
from app.payments.stripe.fake.objects import Thing
from app.payments.stripe.fake.world import Memory, Shelf, World

DEBIT_SECONDS = 120  # in truth some days


def home() -> Memory | Shelf:
    """Give where the played world is kept; raise NotFound where none is played."""
    found: Memory | Shelf | None = current_app.extensions.get("mutualim.stripe_simulation")
    if found is None:
        raise NotFound(page="simulation")
    return found


def signed(event: Any, secret: str, at: int | None = None) -> tuple[bytes, str]:
    """Write an event as it travels: its body, and the header that proves where it is from."""
    body = json.dumps(event)
    header = stripe.WebhookSignature.generate_signature_header(body, secret, at or clock.epoch())
    return body.encode(), header


def deliver() -> None:
    """Send the events that were not sent yet, in the order in which they happened."""
    with home().open() as world:
        events, world.events = world.events, []
    for event in events:
        service.receive(*signed(event, connection.get().signing_secret))


def let_time_pass() -> None:
    """Do what banks do meanwhile: fees are booked, refunds arrive, direct debits are answered, pages close."""
    with home().open() as world:
        for thing in [*world.things.values()]:
            _pass(world, thing)
    deliver()


def _pass(world: World, thing: Thing) -> None:
    kind, age = thing["object"], clock.epoch() - thing["created"]
    if kind == "charge" and thing["balance_transaction"] is None:
        world.book(thing["payment_intent"])
    elif kind == "refund" and thing["status"] == "pending":
        world.end_refund(thing["id"], succeeds=True)
    elif kind == "checkout.session" and thing["status"] == "open":
        world.pass_time(thing)
    elif kind == "checkout.session" and _is_awaited(world, thing) and age > DEBIT_SECONDS:
        world.end_debit(thing["id"], succeeds=thing["id"] not in world.doomed)


def _is_awaited(world: World, page: Thing) -> bool:
    begun = page["payment_intent"]
    return begun is not None and world.things[begun]["status"] == "processing"
