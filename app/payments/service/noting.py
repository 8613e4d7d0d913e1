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
from app.payments.announced.queries import find_true
from app.payments.books.postings import Account, EntryKind, Method, Pair
from app.payments.books.standing import latest_due
from app.payments.errors import PaidByDeposit, PaidOnline, SetOff
from app.payments.models import BankLine, BankLineState, Dispute, Payment, Refund
from app.payments.policy import MoneyPermission
from app.payments.queries import open_dues, refunded_by_hand
from app.payments.references import named_in
from app.payments.service.allocating import Parts
from app.payments.service.disputes import dispute_repaid
from app.payments.service.locks import lock_pairs, lock_payment
from app.payments.service.paying import allocate, record_payment
from app.payments.service.posting import find_entry
from app.payments.service.refunds import refund
from app.payments.stripe.models import StripeRefund
from app.payments.stripe.queries import find_refund_by_key, has_failed_refund, refunds_under_way
from app.payments.stripe.service import ask_refund, lock_paid, refuse_too_high

STRIPE = "stripe:"
DEPOSIT = "deposit:"


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
        lock_pairs([pair])  # who notes the same at once waits, and then finds it
        is_known = session.scalar(select(Payment.id).filter_by(key=f"noted:{key}")) is not None
        dues = open_dues(pair)
        owed = [due.id for due in dues]
        chosen = [due for due in dues if due.id == came.due_id]
        first = [due.id for due in chosen or named_in(came.reference, dues)]
        said = find_true(*pair, came.cents, came.announcement_ref)  # before nothing is owed any more
        last = latest_due(pair)
        due_ids = first or owed or ([last.id] if last else [])
        made = record_payment(
            f"noted:{key}", due_ids, came.cents, came.method, at=came.at, pair=pair, reference=came.reference
        )
        if is_known:
            return made
        if first and made.free_cents:
            allocate(made.id, owed)
        if said is not None:
            announced.end(said, made.public_id)
        audit.record(
            "organisation", payee.id, "payment_noted", actor,
            territory_id=payee.territory_id, payment=made.public_id, cents=came.cents, method=came.method,
        )  # fmt: skip
    return made


def undo_payment(actor: Actor, payment_id: int, reason: str) -> None:
    """Take back what was noted by mistake: what it was for is owed again. Nothing the second time.

    The line of the bank that it came from waits again for somebody to say what it is.
    Raise NotFound, Forbidden, ReasonMissing, PaidOnline, SetOff, PaidByDeposit.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with atomic(durable=True) as session:
        lines = session.scalars(select(BankLine).filter_by(payment_id=payment_id).with_for_update()).all()
        payment, payee = _locked(actor, payment_id)  # the pair after the line, as where a line is noted
        if Method(payment.method).account == Account.CLEARING:
            raise PaidOnline
        if payment.method == Method.OFFSET:
            raise SetOff
        if payment.key.startswith(DEPOSIT):
            raise PaidByDeposit
        if payment.refundable_cents:
            refund(f"undo:{payment.public_id}", payment.id, payment.refundable_cents, reason.strip())
            announced.open_again(payment.public_id)
            for line in lines:
                line.state = BankLineState.NEW
            audit.record(
                "organisation", payee.id, "payment_undone", actor,
                territory_id=payee.territory_id, payment=payment.public_id, reason=reason.strip(),
            )  # fmt: skip


def give_back(
    actor: Actor, payment_id: int, cents: int, reason: str, key: str, by: Method | None = None
) -> bool:
    """Give something of a payment back; tell whether it is done: what was paid on line leaves by itself, later.

    Once that has failed it can be given back `by` hand. Raise NotFound, Forbidden, BadAmount, RefundTooLarge,
    PaymentDisputed, RefundTooHigh, PaidOnline, KeyReused.
    """
    with atomic(durable=True) as session:
        # The pair is not locked before Stripe's row: what Stripe tells takes them the other way round.
        payment = session.get(Payment, payment_id)
        if payment is None:
            raise NotFound(payment=payment_id)
        payee = _keeping(actor, payment.payee_id)
        is_by_stripe = is_online(payment) and by is None
        if is_by_stripe:
            is_known = find_refund_by_key(f"asked:{key}") is not None
            elsewhere = refunded_by_hand(payment.id)
            ask_refund(f"asked:{key}", payment.key.removeprefix(STRIPE), cents, elsewhere)
        else:
            is_known = _give_by_hand(payment, f"given:{key}", cents, reason.strip(), by)
        if is_known:
            return not is_by_stripe
        audit.record(
            "organisation", payee.id, "given_back", actor,
            territory_id=payee.territory_id, payment=payment.public_id, cents=cents, reason=reason.strip(),
            key=f"asked:{key}" if is_by_stripe else f"given:{key}",
        )  # fmt: skip
    return not is_by_stripe


def _give_by_hand(payment: Payment, key: str, cents: int, reason: str, by: Method | None) -> bool:
    """Write down what the payee gave back; tell whether it was written before.

    Of what was paid on line it may not be what is on its way back there.
    """
    paid = lock_paid(payment.key.removeprefix(STRIPE)) if is_online(payment) else None
    lock_payment(payment.id)
    is_known = db.session.scalar(select(Refund.id).filter_by(key=key)) is not None
    if paid is not None and not is_known:
        if not can_give_by_hand(payment) or by is None or by.account != Account.CASH:
            raise PaidOnline
        refuse_too_high(paid, cents, refunded_by_hand(payment.id))
    refund(key, payment.id, cents, reason, method=by if paid is not None else None)
    return is_known


def is_online(payment: Payment) -> bool:
    """Tell whether a payment came by Stripe."""
    return payment.key.startswith(STRIPE)


def can_give_by_hand(payment: Payment) -> bool:
    """Tell whether the payee gives a payment back by hand: always, or once Stripe could not."""
    return not is_online(payment) or has_failed_refund(payment.key.removeprefix(STRIPE))


def going_back(payment: Payment) -> list[StripeRefund]:
    """List what Stripe is giving back of a payment, which has not arrived yet."""
    return refunds_under_way(payment.key.removeprefix(STRIPE)) if is_online(payment) else []


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
