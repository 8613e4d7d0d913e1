"""Disputes: the bank of who paid takes money back at once, and decides later whether the payee gets it again.

A bank asks nobody: what it took is written down, also where less is left of the payment. Who paid has the rest twice,
which stays between the two as disputed until it is given back.
"""

from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_public_id
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.books.postings import FREED, LOST, EntryKind, Leg, Method, Pair, withdrawn
from app.payments.errors import DisputeClosed
from app.payments.models import Dispute, DisputeState, Payment
from app.payments.service.allocating import move, taken_from
from app.payments.service.locks import lock_payment
from app.payments.service.posting import About, find_entry, positive, post, refuse_other


def dispute_opened(key: str, payment_id: int, cents: int, reason: str = "") -> Dispute:
    """Write down that so much of a payment was taken back for now: what it is for stays paid until that is decided.

    Told twice under one key, it is written once. Raise NotFound, BadAmount, KeyReused.
    """
    with atomic(durable=True) as session:
        payment = lock_payment(payment_id)
        found = session.scalar(select(Dispute).filter_by(key=key))
        if found is not None:
            refuse_other(key, found, {"payment_id": payment_id, "cents": cents})
            return found
        within = min(positive(cents), payment.refundable_cents)
        found = Dispute(
            public_id=new_public_id(), key=key, payment_id=payment_id, cents=cents, beyond_cents=cents - within,
            reason=reason, opened_at=clock.now(),
        )  # fmt: skip
        session.add(found)
        payment.disputed_cents += within
        legs = withdrawn(Method(payment.method)).legs(_pair(payment), cents)
        _post(found, payment, EntryKind.DISPUTE_OPENED, legs)
        session.flush()
    return found


def dispute_won(key: str) -> Dispute:
    """Write down that the payee was right, and has the money again: at once, or by an appeal after it was lost.

    What it was for is owed again since the loss, so what an appeal brings is an advance. Nothing the second time; raise
    NotFound.
    """
    with atomic(durable=True):
        found, payment = _locked(key)
        was = _close(found, payment, DisputeState.WON)
        if was is not None:
            legs = withdrawn(Method(payment.method)).back().legs(_pair(payment), found.cents)
            if was == DisputeState.LOST:
                legs += LOST.back().legs(_pair(payment), found.within_cents)
                payment.returned_cents -= found.within_cents
            _post(found, payment, EntryKind.DISPUTE_WON, legs)
            db.session.flush()
    return found


def dispute_lost(key: str) -> Dispute:
    """Write down that the money is gone for good: what it was for is owed again.

    Nothing the second time; raise NotFound, DisputeClosed.
    """
    with atomic(durable=True):
        found, payment = _locked(key)
        if found.state == DisputeState.WON:
            raise DisputeClosed(state=found.state)
        if _close(found, payment, DisputeState.LOST):
            lost = found.within_cents
            parts = taken_from(payment, lost)
            legs = FREED.legs(_pair(payment), sum(parts.values())) + LOST.legs(_pair(payment), lost)
            move(payment, parts, _post(found, payment, EntryKind.DISPUTE_LOST, legs), -1)
            payment.returned_cents += lost
    return found


def dispute_repaid(key: str, method: Method) -> Dispute:
    """Write down that who paid gave back what a lost dispute took beyond the payment. Nothing the second time.

    Raise NotFound.
    """
    with atomic(durable=True):
        found, payment = _locked(key)
        if found.state != DisputeState.LOST or not found.beyond_cents:
            raise NotFound(dispute=key)
        if find_entry(f"{EntryKind.DISPUTE_REPAID}:{key}", method=method) is None:
            legs = withdrawn(method).back().legs(_pair(payment), found.beyond_cents)
            _post(found, payment, EntryKind.DISPUTE_REPAID, legs, method=method)
    return found


def _locked(key: str) -> tuple[Dispute, Payment]:
    payment_id = db.session.scalar(select(Dispute.payment_id).filter_by(key=key))
    if payment_id is None:
        raise NotFound(dispute=key)
    payment = lock_payment(payment_id)
    rows = select(Dispute).filter_by(key=key)
    return db.session.scalars(rows, execution_options={"populate_existing": True}).one(), payment


def _close(found: Dispute, payment: Payment, state: DisputeState) -> str | None:
    """Close a dispute; tell how it stood, or None where it was closed like this before."""
    was = found.state
    if was == state:
        return None
    found.state, found.closed_at = state, clock.now()
    if was == DisputeState.OPEN:
        payment.disputed_cents -= found.within_cents
    return was


def _pair(payment: Payment) -> Pair:
    return Pair(payment.payer_id, payment.payee_id)


def _post(found: Dispute, payment: Payment, kind: EntryKind, legs: list[Leg], **facts: Any) -> int | None:
    return post(f"{kind}:{found.key}", kind, legs, About.payment(payment), **facts)
