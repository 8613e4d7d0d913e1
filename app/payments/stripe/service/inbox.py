"""Webhooks: looked at, stored once, answered at once; a job then reads the thing they are about.

An event is a hint that something changed, never data: it may be old, early, doubled, or of something not ours.
"""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.core import clock
from app.infra.db import db
from app.infra.jobs import enqueue
from app.infra.uow import atomic
from app.payments.stripe import connection, queries
from app.payments.stripe.models import StripeEvent
from app.payments.stripe.rules import KEPT
from app.payments.stripe.service.accounts import look_at_account
from app.payments.stripe.service.disputes import look_at_dispute
from app.payments.stripe.service.payments import settle_session
from app.payments.stripe.service.payouts import look_at_payout
from app.payments.stripe.service.refunds import look_at_refund

CONNECT: Final = "connect"  # the endpoint for what happens on connected accounts; the only one we have
TOLERANCE_SECONDS = 300
_EVENT_ID = re.compile(r"evt_\w{1,240}", re.ASCII)
_OBJECT_ID = re.compile(r"\w{1,255}", re.ASCII)

_LOOKS: Final[Mapping[str, Callable[[str, str], None]]] = {
    "checkout.session": settle_session,
    "refund": look_at_refund,
    "dispute": look_at_dispute,
    "payout": look_at_payout,
    "account": lambda account_id, _object_id: look_at_account(account_id),
    "application": lambda account_id, _object_id: look_at_account(account_id),  # the payee has left us
}


class BadHint(Exception):
    """Not a webhook for us: `reason` is forged, stale, malformed or wrong_mode."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def receive(body: bytes, signature: str) -> bool:
    """Store a webhook once, and queue the look at what it is about; tell whether it is new. Raise BadHint."""
    event_id = _check(body, signature)
    with atomic() as session:
        insert = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
        row = insert(StripeEvent).values(
            endpoint=CONNECT, event_id=event_id, body=body, received_at=clock.now()
        )
        added = session.scalar(row.on_conflict_do_nothing().returning(StripeEvent.id))
        if added is not None:
            enqueue("stripe.take_event", {"event": added})
    return added is not None


def _check(body: bytes, signature: str) -> str:
    way = connection.get()
    try:
        signed_at = way.verify(body, signature)
    except connection.Refused:
        raise BadHint("forged") from None
    if abs(clock.epoch() - signed_at) > TOLERANCE_SECONDS:
        raise BadHint("stale")
    event = _read(body)
    if event.get("object") != "event" or not _EVENT_ID.fullmatch(str(event.get("id"))):
        raise BadHint("malformed")
    if event.get("livemode") is not way.livemode:
        raise BadHint("wrong_mode")
    return str(event["id"])


def _read(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise BadHint("malformed") from None
    if not isinstance(event, dict):
        raise BadHint("malformed")
    return event


def take(row_id: int) -> None:
    """Look at what a stored hint is about, then mark it as done; after a crash it is looked at again."""
    row = db.session.get(StripeEvent, row_id)
    if row is None or row.done_at is not None or row.body is None:
        return
    event = _read(row.body)
    account_id, about = str(event.get("account") or ""), _about(event)
    look = _LOOKS.get(str(about.get("object")))
    object_id = str(about.get("id") or account_id)
    if look and queries.find_account_called(account_id) and _OBJECT_ID.fullmatch(object_id):
        with suppress(connection.Refused):  # it is not there (any more): nothing to be told
            look(account_id, object_id)
    with atomic() as session:
        session.execute(update(StripeEvent).where(StripeEvent.id == row_id).values(done_at=clock.now()))


def _about(event: dict[str, Any]) -> dict[str, Any]:
    data = event.get("data")
    about = data.get("object") if isinstance(data, dict) else None
    return about if isinstance(about, dict) else {}


def forget_bodies() -> None:
    """Forget the raw bodies that are older than 90 days; that the event came once is kept."""
    old = StripeEvent.received_at < clock.now() - KEPT, StripeEvent.body.is_not(None)
    with atomic() as session:
        session.execute(update(StripeEvent).where(*old).values(body=None))
