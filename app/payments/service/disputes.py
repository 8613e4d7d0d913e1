"""Disputes: the bank of who paid takes money back at once, and decides later whether the payee gets it again."""

from sqlalchemy import select

from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_public_id
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.errors import DisputeClosed
from app.payments.models import Dispute, DisputeState, Payment
from app.payments.postings import FREED, LOST, EntryKind, Leg, Method, Pair, withdrawn
from app.payments.service.allocating import move, taken_from
from app.payments.service.locks import lock_payment
from app.payments.service.posting import About, positive, post, refuse_other
from app.payments.service.refunds import refuse_too_much


def dispute_opened(key: str, payment_id: int, cents: int, reason: str = "") -> Dispute:
    """Write down that so much of a payment was taken back for now: what it is for stays paid until that is decided.

    Told twice under one key, it is written once. Raise NotFound, BadAmount, RefundTooLarge, PaymentDisputed, KeyReused.
    """
    with atomic(durable=True) as session:
        payment = lock_payment(payment_id)
        found = session.scalar(select(Dispute).filter_by(key=key))
        if found is not None:
            refuse_other(key, found, {"payment_id": payment_id, "cents": cents})
            return found
        refuse_too_much(payment, positive(cents))
        found = Dispute(
            public_id=new_public_id(), key=key, payment_id=payment_id, cents=cents, reason=reason,
            opened_at=clock.now(),
        )  # fmt: skip
        session.add(found)
        payment.disputed_cents += cents
        legs = withdrawn(Method(payment.method)).legs(_pair(payment), cents)
        _post(found, payment, EntryKind.DISPUTE_OPENED, legs)
        session.flush()
    return found


def dispute_won(key: str) -> Dispute:
    """Write down that the payee was right, and has the money again.

    Nothing the second time; raise NotFound, DisputeClosed.
    """
    with atomic(durable=True):
        found, payment = _locked(key)
        if _close(found, payment, DisputeState.WON):
            legs = withdrawn(Method(payment.method)).back().legs(_pair(payment), found.cents)
            _post(found, payment, EntryKind.DISPUTE_WON, legs)
    return found


def dispute_lost(key: str) -> Dispute:
    """Write down that the money is gone for good: what it was for is owed again.

    Nothing the second time; raise NotFound, DisputeClosed.
    """
    with atomic(durable=True):
        found, payment = _locked(key)
        if _close(found, payment, DisputeState.LOST):
            parts = taken_from(payment, found.cents)
            legs = FREED.legs(_pair(payment), sum(parts.values())) + LOST.legs(_pair(payment), found.cents)
            move(payment, parts, _post(found, payment, EntryKind.DISPUTE_LOST, legs), -1)
            payment.returned_cents += found.cents
    return found


def _locked(key: str) -> tuple[Dispute, Payment]:
    payment_id = db.session.scalar(select(Dispute.payment_id).filter_by(key=key))
    if payment_id is None:
        raise NotFound(dispute=key)
    payment = lock_payment(payment_id)
    rows = select(Dispute).filter_by(key=key)
    return db.session.scalars(rows, execution_options={"populate_existing": True}).one(), payment


def _close(found: Dispute, payment: Payment, state: DisputeState) -> bool:
    """Close a dispute; tell whether it was open."""
    if found.state not in (DisputeState.OPEN, state):
        raise DisputeClosed(state=found.state)
    was_open = found.state == DisputeState.OPEN
    if was_open:
        found.state, found.closed_at = state, clock.now()
        payment.disputed_cents -= found.cents
    return was_open


def _pair(payment: Payment) -> Pair:
    return Pair(payment.payer_id, payment.payee_id)


def _post(found: Dispute, payment: Payment, kind: EntryKind, legs: list[Leg]) -> int | None:
    return post(f"{kind}:{found.key}", kind, legs, About.payment(payment))
