"""Reading what was asked of Stripe and what it told. Rows that must be changed are locked by `lock`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import and_, func, or_, select

from app.accounts.models import Organisation
from app.core.errors import NotFound
from app.infra.db import Base, db
from app.payments.stripe.models import (
    StripeAccount,
    StripeDispute,
    StripePayment,
    StripePayout,
    StripeRefund,
)
from app.payments.stripe.rules import LIVE, TAKEN, UNDECIDED, State

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What must be known to give something back, as plain facts: no row outlives the way to Stripe."""

    public_id: str
    key: str
    state: str
    cents: int
    account_id: str
    intent_id: str | None


def lock(table: type[Row], row_id: int) -> Row:
    """Take a row for changing, as it is now; raise NotFound."""
    wanted = select(table).filter_by(id=row_id).with_for_update()
    row = db.session.scalar(wanted.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(kind=table.__tablename__, id=row_id)
    return row


def find_organisation(organisation_id: int) -> Organisation | None:
    """Find the organisation that is to be paid."""
    return db.session.get(Organisation, organisation_id)


def get_organisation(slug: str) -> Organisation:
    """Find an organisation by its address; raise NotFound."""
    found = db.session.scalar(select(Organisation).filter_by(slug=slug))
    if found is None:
        raise NotFound(kind="organisation", id=slug)
    return found


def find_account(organisation_id: int) -> StripeAccount | None:
    """Find the account of an organisation."""
    return db.session.scalar(select(StripeAccount).filter_by(organisation_id=organisation_id))


def find_account_row(row_id: int) -> StripeAccount | None:
    """Find an account by its row."""
    return db.session.get(StripeAccount, row_id)


def find_account_called(account_id: str) -> StripeAccount | None:
    """Find an account by the name that Stripe gives it."""
    return db.session.scalar(select(StripeAccount).filter_by(account_id=account_id))


def known_accounts() -> list[str]:
    """Name the accounts that were made at Stripe."""
    names = db.session.scalars(select(StripeAccount.account_id).where(StripeAccount.account_id.is_not(None)))
    return [name for name in names if name]


def unmade_accounts(before: datetime) -> list[int]:
    """List the accounts that Stripe was not told of, or whose answer was lost."""
    unmade = StripeAccount.account_id.is_(None), StripeAccount.created_at < before
    return list(db.session.scalars(select(StripeAccount.id).where(*unmade)))


def can_be_paid(organisation_id: int) -> bool:
    """Tell whether payers of this organisation may be shown a button."""
    account = find_account(organisation_id)
    return account is not None and account.charges_enabled


def get_payment(public_id: str) -> StripePayment:
    """Find an attempt to pay by its address; raise NotFound."""
    found = db.session.scalar(select(StripePayment).filter_by(public_id=public_id))
    if found is None:
        raise NotFound(kind="stripe_payment", id=public_id)
    return found


def find_payment(row_id: int) -> StripePayment | None:
    """Find an attempt by its row."""
    return db.session.get(StripePayment, row_id)


def find_payment_by_key(key: str) -> StripePayment | None:
    """Find an attempt by the asking room's own key."""
    return db.session.scalar(select(StripePayment).filter_by(key=key))


def find_attempt(reference: str) -> StripePayment | None:
    """Find the attempt that stands in the way of another one for the same due: under way, or paid."""
    standing = StripePayment.state.in_((*LIVE, State.PAID))
    wanted = select(StripePayment).where(StripePayment.reference == reference, standing)
    return db.session.scalar(wanted.order_by(StripePayment.id.desc()).limit(1))


def find_live(reference: str) -> StripePayment | None:
    """Find the attempt for a due that is under way."""
    wanted = select(StripePayment).where(StripePayment.reference == reference, StripePayment.state.in_(LIVE))
    return db.session.scalar(wanted)


def find_payment_id(
    account_id: str, *, session_id: str = "", ours: str = "", intent_id: str = ""
) -> int | None:
    """Find an attempt of an account by whatever is known of it at Stripe."""
    known = [
        column == value
        for column, value in (
            (StripePayment.session_id, session_id),
            (StripePayment.public_id, ours),
            (StripePayment.intent_id, intent_id),
        )
        if value
    ]
    if not known:
        return None
    wanted = select(StripePayment.id).where(StripePayment.account_id == account_id, or_(*known))
    return db.session.scalar(wanted.limit(1))


def given_back(payment_id: int) -> int:
    """Add up what is not with the payee any more: refunds begun or done, and what banks took back."""
    refunds = select(func.coalesce(func.sum(StripeRefund.cents), 0)).where(
        StripeRefund.payment_id == payment_id, StripeRefund.state.in_(TAKEN)
    )
    disputes = select(func.coalesce(func.sum(StripeDispute.cents), 0)).where(
        StripeDispute.payment_id == payment_id, StripeDispute.state.in_((State.OPEN, State.LOST))
    )
    return int(db.session.scalar(refunds) or 0) + int(db.session.scalar(disputes) or 0)


def refunds_under_way(payment_key: str) -> list[StripeRefund]:
    """List what is on its way back of a payment, and has not arrived yet."""
    mine = select(StripeRefund).join(StripePayment).where(StripePayment.key == payment_key)
    on_its_way = StripeRefund.state.in_((State.ASKED, State.PENDING))
    return [*db.session.scalars(mine.where(on_its_way).order_by(StripeRefund.id))]


def has_failed_refund(payment_key: str) -> bool:
    """Tell whether something that was to go back of a payment could not: it has to go in another way."""
    failed = select(StripeRefund.id).join(StripePayment).where(StripePayment.key == payment_key)
    states = StripeRefund.state.in_((State.FAILED, State.REFUSED))
    return db.session.scalar(failed.where(states).limit(1)) is not None


def find_refund_by_key(key: str) -> StripeRefund | None:
    """Find a refund by the asking room's own key."""
    return db.session.scalar(select(StripeRefund).filter_by(key=key))


def find_refund_id(refund_id: str, ours: str) -> int | None:
    """Find a refund by its name at Stripe or by ours."""
    either = or_(StripeRefund.refund_id == refund_id, StripeRefund.public_id == ours)
    return db.session.scalar(select(StripeRefund.id).where(either))


def find_refund_order(row_id: int) -> RefundOrder | None:
    """Read what a refund needs to be sent."""
    row = db.session.get(StripeRefund, row_id)
    if row is None:
        return None
    paid = row.payment
    return RefundOrder(row.public_id, row.key, row.state, row.cents, paid.account_id, paid.intent_id)


def find_dispute_id(dispute_id: str) -> int | None:
    """Find a dispute by its name at Stripe."""
    return db.session.scalar(select(StripeDispute.id).filter_by(dispute_id=dispute_id))


def find_payout_id(payout_id: str) -> int | None:
    """Find a payout by its name at Stripe."""
    return db.session.scalar(select(StripePayout.id).filter_by(payout_id=payout_id))


def has_arrived(payout_id: str) -> bool:
    """Tell whether a payout is known to have arrived at the payee's bank."""
    done = select(StripePayout.id).filter_by(payout_id=payout_id, state=State.DONE)
    return db.session.scalar(done) is not None


def known_intents(account_id: str, names: Collection[str]) -> set[str]:
    """Tell which of some payments of an account were made by an attempt of ours."""
    ours = select(StripePayment.intent_id).where(
        StripePayment.account_id == account_id, StripePayment.intent_id.in_(names)
    )
    return {name for name in db.session.scalars(ours) if name}


# -- what to look at again ------------------------------------------------------------------------------------


def open_payments(quick: datetime, slow: datetime) -> list[int]:
    """List the attempts to look at again: under way, or paid with a fee that is not known yet."""
    seen = func.coalesce(StripePayment.checked_at, StripePayment.created_at)
    soon = and_(StripePayment.state.in_((State.ASKED, State.OPEN)), seen < quick)
    unknown_fee = and_(StripePayment.state == State.PAID, StripePayment.fee_cents.is_(None), seen < quick)
    late = and_(StripePayment.state == State.PROCESSING, seen < slow)
    wanted = select(StripePayment.id).where(or_(soon, unknown_fee, late))
    return list(db.session.scalars(wanted.order_by(StripePayment.id)))


def open_refunds(before: datetime) -> list[int]:
    """List the refunds that were not told to Stripe yet, or whose answer was lost."""
    wanted = select(StripeRefund.id).where(
        StripeRefund.state == State.ASKED, StripeRefund.created_at < before
    )
    return list(db.session.scalars(wanted))


def undecided(account_id: str) -> list[tuple[str, str]]:
    """Name the refunds, disputes and payouts of an account that may still change, each with its kind."""
    of_account = StripePayment.account_id == account_id
    refunds = (
        select(StripeRefund.refund_id)
        .join(StripePayment)
        .where(of_account, StripeRefund.state.in_(UNDECIDED))
    )
    disputes = (
        select(StripeDispute.dispute_id)
        .join(StripePayment)
        .where(of_account, StripeDispute.state.in_(UNDECIDED))
    )
    payouts = select(StripePayout.payout_id).join(
        StripeAccount, StripeAccount.organisation_id == StripePayout.organisation_id
    )
    payouts = payouts.where(StripeAccount.account_id == account_id, StripePayout.state.in_(UNDECIDED))
    kinds = (("refund", refunds), ("dispute", disputes), ("payout", payouts))
    return [(kind, name) for kind, wanted in kinds for name in db.session.scalars(wanted) if name]
