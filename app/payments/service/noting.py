"""What a payee does by hand: noting what came, taking a mistake back, giving money back, using an advance."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Organisation
from app.core.errors import NotFound, ReasonMissing
from app.core.policy import Actor, require
from app.infra import audit
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.announced import service as announced
from app.payments.books.postings import Account, EntryKind, Method, Pair
from app.payments.books.standing import latest_due
from app.payments.errors import PaidOnline, SetOff
from app.payments.models import Dispute, Payment, Refund
from app.payments.policy import MoneyPermission
from app.payments.queries import open_dues
from app.payments.references import named_in
from app.payments.service.allocating import Parts
from app.payments.service.disputes import dispute_repaid
from app.payments.service.locks import lock_payment
from app.payments.service.paying import allocate, record_payment
from app.payments.service.posting import find_entry
from app.payments.service.refunds import refund
from app.payments.stripe.queries import find_refund_by_key
from app.payments.stripe.service import ask_refund

STRIPE = "stripe:"


@dataclass(frozen=True)
class Came:
    """Money that came, as the payee notes it: on which day, how, and what the payer wrote with it."""

    cents: int
    method: Method
    at: datetime
    reference: str = ""
    due_id: int | None = (
        None  # what it is for; else what its reference names, else the oldest of what is owed
    )
    announcement_ref: str = ""  # what the payer had said of it


def note_payment(actor: Actor, pair: Pair, came: Came, key: str) -> Payment:
    """Note what came from a payer: what is owed is paid of it, and what is left over is an advance.

    Raise NotFound, Forbidden, BadAmount, KeyReused.
    """
    with atomic(durable=True) as session:
        payee = _keeping(actor, pair.payee_id)
        is_known = session.scalar(select(Payment.id).filter_by(key=f"noted:{key}")) is not None
        dues = open_dues(pair)
        owed = [due.id for due in dues]
        chosen = [due for due in dues if due.id == came.due_id]
        first = [due.id for due in chosen or named_in(came.reference, dues)]
        last = latest_due(pair)
        due_ids = first or owed or ([last.id] if last else [])
        made = record_payment(
            f"noted:{key}", due_ids, came.cents, came.method, at=came.at, reference=came.reference
        )
        if is_known:
            return made
        if first and made.free_cents:
            allocate(made.id, owed)
        announced.end_by(made.public_id, *pair, came.cents, came.announcement_ref)
        audit.record(
            "organisation", payee.id, "payment_noted", actor,
            territory_id=payee.territory_id, payment=made.public_id, cents=came.cents, method=came.method,
        )  # fmt: skip
    return made


def undo_payment(actor: Actor, payment_id: int, reason: str) -> None:
    """Take back what was noted by mistake: what it was for is owed again. Nothing the second time.

    Raise NotFound, Forbidden, ReasonMissing, PaidOnline, SetOff.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with atomic(durable=True):
        payment, payee = _locked(actor, payment_id)
        if Method(payment.method).account == Account.CLEARING:
            raise PaidOnline
        if payment.method == Method.OFFSET:
            raise SetOff
        if payment.refundable_cents:
            refund(f"undo:{payment.public_id}", payment.id, payment.refundable_cents, reason.strip())
            announced.open_again(payment.public_id)
            audit.record(
                "organisation", payee.id, "payment_undone", actor,
                territory_id=payee.territory_id, payment=payment.public_id, reason=reason.strip(),
            )  # fmt: skip


def give_back(actor: Actor, payment_id: int, cents: int, reason: str, key: str) -> bool:
    """Give something of a payment back; tell whether it is done: what was paid on line leaves by itself, later.

    Raise NotFound, Forbidden, BadAmount, RefundTooLarge, PaymentDisputed, RefundTooHigh, KeyReused.
    """
    with atomic(durable=True) as session:
        # The pair is not locked before Stripe's row: what Stripe tells takes them the other way round.
        payment = session.get(Payment, payment_id)
        if payment is None:
            raise NotFound(payment=payment_id)
        payee = _keeping(actor, payment.payee_id)
        is_online = payment.key.startswith(STRIPE)
        if is_online:
            is_known = find_refund_by_key(f"asked:{key}") is not None
            ask_refund(f"asked:{key}", payment.key.removeprefix(STRIPE), cents)
        else:
            is_known = session.scalar(select(Refund.id).filter_by(key=f"given:{key}")) is not None
            refund(f"given:{key}", payment.id, cents, reason.strip())
        if is_known:
            return not is_online
        audit.record(
            "organisation", payee.id, "given_back", actor,
            territory_id=payee.territory_id, payment=payment.public_id, cents=cents, reason=reason.strip(),
        )  # fmt: skip
    return not is_online


def note_repaid(actor: Actor, payment_id: int, dispute_ref: str, method: Method) -> None:
    """Note that who paid gave back what a lost dispute took beyond the payment. Nothing the second time.

    Raise NotFound, Forbidden.
    """
    with atomic(durable=True) as session:
        payment, payee = _locked(actor, payment_id)
        dispute = session.scalar(select(Dispute).filter_by(public_id=dispute_ref, payment_id=payment.id))
        if dispute is None:
            raise NotFound(kind="dispute")
        if find_entry(f"{EntryKind.DISPUTE_REPAID}:{dispute.key}") is None:
            dispute_repaid(dispute.key, method)
            audit.record(
                "organisation", payee.id, "dispute_repaid", actor,
                territory_id=payee.territory_id, payment=payment.public_id, cents=dispute.beyond_cents,
            )  # fmt: skip


def use_advance(actor: Actor, payment_id: int) -> Parts:
    """Use what is free of a payment for what is owed, the oldest first; tell what went where.

    Raise NotFound, Forbidden.
    """
    with atomic(durable=True):
        payment, _ = _locked(actor, payment_id)
        owed = [due.id for due in open_dues(Pair(payment.payer_id, payment.payee_id))]
        return allocate(payment.id, owed) if owed else {}


def _keeping(actor: Actor, payee_id: int) -> Organisation:
    payee = db.session.get(Organisation, payee_id)
    if payee is None:
        raise NotFound(organisation=payee_id)
    require(actor, MoneyPermission.KEEP_ACCOUNTS, payee)
    return payee


def _locked(actor: Actor, payment_id: int) -> tuple[Payment, Organisation]:
    payment = lock_payment(payment_id)
    return payment, _keeping(actor, payment.payee_id)
