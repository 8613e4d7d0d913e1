"""Money that comes: what it is for, what carrying it costs, and when it reaches the bank account."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import Organisation
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_public_id
from app.core.money import EUR
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.books.postings import (
    ALLOCATED,
    PAID_OUT,
    Account,
    EntryKind,
    Method,
    Pair,
    fee_taken,
    received,
)
from app.payments.errors import DuesMixed
from app.payments.models import Charge, Due, Payment
from app.payments.queries import balances
from app.payments.service.allocating import Parts, move, shared_out
from app.payments.service.locks import add_if_new, fresh_dues, lock_pairs, lock_payment
from app.payments.service.pages import close_pages
from app.payments.service.posting import About, find_entry, positive, post, refuse_other


def record_payment(
    key: str,
    due_ids: Collection[int],
    cents: int,
    method: Method,
    *,
    at: datetime | None = None,
    pair: Pair | None = None,
    **facts: Any,
) -> Payment:
    """Write down money that came for some dues of one pair; what they do not need stays an advance.

    Money that is there is never refused for what became of the dues meanwhile: of a charge that was cancelled all of it
    is an advance, which `refund` gives back. Where nothing was ever charged, `pair` says between whom it is.
    Told twice under one key, it is written once.
    Raise NotFound, DuesMixed, BadAmount, KeyReused.
    """
    with atomic(durable=True) as session:
        pair, currency, territory_id = between(due_ids) if due_ids or pair is None else _never_charged(pair)
        lock_pairs([pair])
        same = {"cents": positive(cents), "method": method, "currency": currency, **pair._asdict()}
        row = same | {"territory_id": territory_id, "at": at or clock.now(), "facts": facts}
        row |= {"public_id": new_public_id(), "allocated_cents": 0, "returned_cents": 0, "disputed_cents": 0}
        is_new = add_if_new(Payment, {"key": key}, row)
        payment = session.scalars(select(Payment).filter_by(key=key)).one()
        if not is_new:
            refuse_other(key, payment, same)
            return payment
        parts = shared_out(cents, fresh_dues(due_ids))
        legs = received(method).legs(pair, cents) + ALLOCATED.legs(pair, sum(parts.values()))
        about, came_at = About.payment(payment), payment.at.isoformat()
        move(payment, parts, post(f"payment:{key}", EntryKind.PAYMENT, legs, about, came_at=came_at))
        close_pages(parts)
    return payment


def allocate(payment_id: int, due_ids: Collection[int]) -> Parts:
    """Use what is free of a payment for dues of its pair; tell what went to each.

    Raise NotFound, DuesMixed.
    """
    with atomic(durable=True):
        payment = lock_payment(payment_id)
        pair, currency, _ = between(due_ids)
        if (pair, currency) != (Pair(payment.payer_id, payment.payee_id), payment.currency):
            raise DuesMixed
        free = payment.free_cents - payment.disputed_cents
        parts = shared_out(free, fresh_dues(due_ids))
        if parts:
            legs = ALLOCATED.legs(pair, sum(parts.values()))
            key = f"allocation:{new_public_id()}"  # what is owed already stops it from happening twice
            move(payment, parts, post(key, EntryKind.ALLOCATION, legs, About.payment(payment)))
            close_pages(parts)
    return parts


def fee(key: str, payment_id: int, cents: int) -> None:
    """Write down what carrying a payment costs the payee (below zero: given back). Raise NotFound, KeyReused."""
    with atomic(durable=True):
        payment = lock_payment(payment_id)
        if find_entry(f"fee:{key}", cents=cents) is None:
            pair = Pair(payment.payer_id, payment.payee_id)
            legs = fee_taken(Method(payment.method)).legs(pair, cents)
            post(f"fee:{key}", EntryKind.FEE, legs, About.payment(payment), cents=cents)


def payout(key: str, organisation_id: int, cents: int, currency: str = EUR, *, is_known: bool = True) -> None:
    """Write down what was paid on line and is on the bank account now (below zero: taken from it).

    Where it is not known what of it was paid here (`is_known`), it is what waits for a payout, at most.
    Raise NotFound, KeyReused.
    """
    with atomic(durable=True) as session:
        organisation = session.get(Organisation, organisation_id, with_for_update={"key_share": True})
        if organisation is None:
            raise NotFound(organisation=organisation_id)
        told = {"organisation_id": organisation_id, "currency": currency}
        if find_entry(f"payout:{key}", **told, **({"cents": cents} if is_known else {})) is None:
            waiting = balances(organisation_id).get((currency, Account.CLEARING), 0)
            cents = cents if is_known else max(0, min(cents, waiting))
            legs = PAID_OUT.legs(Pair(0, organisation_id), cents)
            about = About(currency, organisation.territory_id)
            post(f"payout:{key}", EntryKind.PAYOUT, legs, about, cents=cents, **told)


def payout_back(key: str) -> None:
    """Write down that a payout was sent back, where anything of it was ours. Nothing the second time."""
    with atomic(durable=True):
        made = find_entry(f"payout:{key}")
        if made is not None:
            payout(f"{key}:back", made.facts["organisation_id"], -made.facts["cents"], made.facts["currency"])


def _never_charged(pair: Pair) -> tuple[Pair, str, int]:
    """Tell what `between` does, of two of one territory who have nothing to do with each other yet. Raise NotFound."""
    payer, payee = (db.session.get(Organisation, each) for each in pair)
    if payer is None or payee is None or payer.territory_id != payee.territory_id:
        raise NotFound(organisation=pair.payer_id)
    return pair, EUR, payee.territory_id


def between(due_ids: Collection[int]) -> tuple[Pair, str, int]:
    """Tell between whom some dues are, their currency and territory: none of it ever changes."""
    facts = Due.id, Due.payer_id, Due.payee_id, Due.currency, Charge.territory_id
    rows = select(*facts).join(Charge, Charge.id == Due.charge_id).where(Due.id.in_(set(due_ids)))
    found = db.session.execute(rows.order_by(Due.id)).all()
    if len(found) < len(set(due_ids)) or not found:
        raise NotFound(dues=sorted(due_ids))
    if len({row[1:4] for row in found}) > 1:
        raise DuesMixed
    first = found[0]
    return Pair(first.payer_id, first.payee_id), first.currency, first.territory_id
