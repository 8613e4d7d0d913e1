"""Money that goes back to who paid: of what is free first, else what it was for is owed again."""

from sqlalchemy import select

from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_public_id
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.amount_errors import RefundTooLarge
from app.payments.books.postings import FREED, LOST, EntryKind, Leg, Method, Pair, given_back, received
from app.payments.errors import PaymentDisputed
from app.payments.models import Dispute, DisputeState, Payment, Refund, RefundState
from app.payments.service.allocating import move, taken_from
from app.payments.service.locks import lock_payment
from app.payments.service.posting import About, positive, post, refuse_other


def refund(
    key: str,
    payment_id: int,
    cents: int,
    reason: str = "",
    *,
    is_done: bool = False,
    never_was: bool = False,
    method: Method | None = None,
) -> Refund:
    """Write down that so much of a payment went back, as it came or by another `method`; told twice, written once.

    What is free of it goes first: an advance, or what a credit has freed. The rest is taken from what the payment was
    for, the newest due first, and owed again. What is in dispute is not given back, unless it is told that it was
    (`is_done`): then the dispute is about money that who paid has twice. What `never_was` leaves the accounts it
    came to, even if these are no money (what was set off).
    Raise NotFound, BadAmount, RefundTooLarge, PaymentDisputed, KeyReused.
    """
    with atomic(durable=True) as session:
        payment = lock_payment(payment_id)
        made = session.scalar(select(Refund).filter_by(key=key))
        if made is not None:
            refuse_other(key, made, {"payment_id": payment_id, "cents": cents, "method": method})
            return made
        room = _make_room(payment, positive(cents)) if is_done else []
        _refuse_too_much(payment, cents)
        made = Refund(
            public_id=new_public_id(),
            key=key,
            payment_id=payment_id,
            cents=cents,
            method=method,
            reason=reason,
            at=clock.now(),
        )
        session.add(made)
        came_by = Method(payment.method)
        way = received(came_by).back() if never_was else given_back(method or came_by)
        _give_back(payment, made, room + way.legs(Pair(payment.payer_id, payment.payee_id), cents))
    return made


def _make_room(payment: Payment, cents: int) -> list[Leg]:
    """Count what of disputes stands in the way of a refund as taken beyond the payment; the legs of those lost."""
    lacking, lost = cents - payment.refundable_cents, 0
    mine = select(Dispute).where(Dispute.payment_id == payment.id, Dispute.state != DisputeState.WON)
    for dispute in db.session.scalars(mine.order_by(Dispute.id.desc())) if lacking > 0 else ():
        part = min(lacking, dispute.within_cents)
        dispute.beyond_cents += part
        lacking -= part
        if dispute.state == DisputeState.OPEN:
            payment.disputed_cents -= part
        else:
            payment.returned_cents -= part
            lost += part
    return LOST.back().legs(Pair(payment.payer_id, payment.payee_id), lost)


def _refuse_too_much(payment: Payment, cents: int) -> None:
    """Raise RefundTooLarge, or PaymentDisputed where only a dispute stands in the way."""
    left = payment.refundable_cents
    if cents <= left:
        return
    if cents <= left + payment.disputed_cents:
        raise PaymentDisputed(disputed=payment.disputed_cents, left=left)
    raise RefundTooLarge(asked=cents, left=left)


def refund_failed(key: str) -> Refund:
    """Write down that a refund came back: what it was is an advance of who paid. Nothing the second time.

    Raise NotFound.
    """
    with atomic(durable=True) as session:
        payment_id = session.scalar(select(Refund.payment_id).filter_by(key=key))
        if payment_id is None:
            raise NotFound(refund=key)
        payment = lock_payment(payment_id)
        made = session.scalars(
            select(Refund).filter_by(key=key), execution_options={"populate_existing": True}
        ).one()
        if made.state == RefundState.MADE:
            made.state = RefundState.FAILED
            payment.returned_cents -= made.cents
            way = given_back(Method(made.method or payment.method)).back()
            legs = way.legs(Pair(payment.payer_id, payment.payee_id), made.cents)
            post(f"refund_failed:{key}", EntryKind.REFUND_FAILED, legs, About.payment(payment))
            session.flush()
    return made


def _give_back(payment: Payment, made: Refund, moved: list[Leg]) -> None:
    parts = taken_from(payment, made.cents)
    legs = moved + FREED.legs(Pair(payment.payer_id, payment.payee_id), sum(parts.values()))
    entry_id = post(f"refund:{made.key}", EntryKind.REFUND, legs, About.payment(payment))
    move(payment, parts, entry_id, -1)
    payment.returned_cents += made.cents
