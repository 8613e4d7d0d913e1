"""Paying on line: an attempt for some dues of a pair, and what Stripe tells of it, written into the books.

What is told is told once, in the transaction that writes it down there; so it is in the books or it was not told.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from app.accounts.models import Organisation
from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import Actor, require
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.books.postings import EntryKind, Method, Pair
from app.payments.books.what_became import why_given_back
from app.payments.errors import NothingOwed, PaymentUnderWay
from app.payments.models import Due, LedgerEntry, OnlinePart, OnlinePayment, OnlineState, Payment
from app.payments.policy import MoneyPermission
from app.payments.queries import find_online, live_attempts
from app.payments.service.disputes import dispute_lost, dispute_opened, dispute_won
from app.payments.service.locks import fresh_dues, lock_pairs, lock_payment
from app.payments.service.paying import between, fee, record_payment
from app.payments.service.refunds import refund, refund_failed
from app.payments.stripe import service as stripe

OPEN_FOR: Final = timedelta(hours=23)  # of Stripe's page, where nothing is reserved until it is paid


@dataclass(frozen=True)
class Shown:
    """What who pays reads on Stripe's page (what it is for, never for whom), and where they come back to."""

    label: str
    back: str
    locale: str = "fr"


def pay_online(actor: Actor, due_ids: Collection[int], shown: Shown) -> str:
    """Begin to pay what is owed of some dues of one pair; give the public id of its page.

    The page that is open for the same is given instead of another. Raise NotFound, DuesMixed, Forbidden, NothingOwed,
    PaymentUnderWay, PublicPayee, PayeeNotReady, TooLittle.
    """
    with atomic() as session:
        pair, currency, _ = between(due_ids)
        require(actor, MoneyPermission.KEEP_ACCOUNTS, session.get(Organisation, pair.payer_id))
        lock_pairs([pair])
        owed = [due for due in fresh_dues(due_ids) if due.owed_cents]
        cents = sum(due.owed_cents for due in owed)
        if not cents:
            raise NothingOwed
        for live in live_attempts([due.id for due in owed]):
            if (live.due_ids, live.cents, live.state) == ([due.id for due in owed], cents, OnlineState.ASKED):
                return live.page_id
            raise PaymentUnderWay(cents=live.cents, state=live.state)
        return _begin(actor, pair, owed, currency, shown).page_id


def _begin(actor: Actor, pair: Pair, owed: list[Due], currency: str, shown: Shown) -> OnlinePayment:
    attempt = OnlinePayment(
        public_id=new_public_id(), cents=sum(due.owed_cents for due in owed), currency=currency,
        begun_at=clock.now(), begun_by_id=actor.person_id, **pair._asdict(),
        parts=[OnlinePart(due_id=due.id) for due in owed],
    )  # fmt: skip
    attempt.page_id = stripe.begin_payment(
        stripe.Due(
            key=attempt.reference,
            reference=attempt.reference,
            organisation_id=pair.payee_id,
            cents=attempt.cents,
            label=shown.label,
            held_until=clock.now() + OPEN_FOR,
            back=shown.back,
            locale=shown.locale,
            currency=currency,
        )
    )
    db.session.add(attempt)
    db.session.flush()
    return attempt


def stop_paying_online(actor: Actor, due_ids: Collection[int]) -> None:
    """Close the page on which some dues are being paid; a direct debit that left is left alone."""
    with atomic() as session:
        for live in live_attempts(due_ids):
            require(actor, MoneyPermission.KEEP_ACCOUNTS, session.get(Organisation, live.payer_id))
            stripe.give_up(live.reference)


# -- what Stripe tells ----------------------------------------------------------------------------------------


def online_started(reference: str) -> None:
    """Note that a direct debit is on its way; what it is for stays owed."""
    with atomic():
        attempt = find_online(reference)
        if attempt is not None:
            attempt.state = OnlineState.STARTED


def online_over(reference: str) -> None:
    """Note that nothing was paid: another attempt may be made."""
    with atomic():
        attempt = find_online(reference)
        if attempt is not None:
            _end(attempt, OnlineState.OVER)


def online_paid(reference: str, key: str, cents: int, at: datetime, *, by_debit: bool) -> None:
    """Write down what was paid. What it finds nothing owed for any more goes back at once, whole."""
    with atomic(durable=True):
        attempt = find_online(reference)
        if attempt is None:
            return
        method = Method.SEPA if by_debit else Method.CARD
        payment = record_payment(_ours(key), attempt.due_ids, cents, method, at=at)
        _end(attempt, OnlineState.PAID)
        attempt.payment_id = payment.id
        if payment.free_cents:
            stripe.ask_refund(f"late:{key}", key, payment.free_cents)


def online_fee(reference: str, key: str, cents: int) -> None:
    """Write down what Stripe kept for a payment or a dispute, or gave back of it (below zero)."""
    with atomic(durable=True):
        payment_id = _payment_id(reference)
        if payment_id is not None:
            lock_payment(payment_id)
            before = select(func.count(LedgerEntry.id)).filter_by(payment_id=payment_id, kind=EntryKind.FEE)
            fee(f"{_ours(key)}:{db.session.scalar(before)}", payment_id, cents)


def online_refunded(reference: str, key: str, cents: int) -> None:
    """Write down what went back, asked for here or by hand in the payee's dashboard."""
    payment_id = _payment_id(reference)
    if payment_id is not None:
        why = why_given_back(db.session.get_one(Payment, payment_id)).get(key, "")
        refund(_ours(key), payment_id, cents, why, is_done=True)


def online_refund_failed(reference: str, key: str) -> None:
    """Write down that what went back has come again: an advance, to be given back in another way."""
    if _payment_id(reference) is not None:
        refund_failed(_ours(key))


def online_disputed(reference: str, key: str, cents: int) -> None:
    """Write down what a bank took back."""
    payment_id = _payment_id(reference)
    if payment_id is not None:
        dispute_opened(_ours(key), payment_id, cents)


def online_dispute_closed(reference: str, key: str, *, is_won: bool) -> None:
    """Write down how it was decided."""
    if _payment_id(reference) is not None:
        decide = dispute_won if is_won else dispute_lost
        decide(_ours(key))


def _payment_id(reference: str) -> int | None:
    attempt = find_online(reference)
    return attempt.payment_id if attempt else None


def _ours(key: str) -> str:
    return f"stripe:{key}"


def _end(attempt: OnlinePayment, state: OnlineState) -> None:
    attempt.state, attempt.ended_at = state, clock.now()
    for part in attempt.parts:
        part.is_live = False
    db.session.flush()
