"""Tables of what we asked Stripe for and what it told: no card, no account number, no name of a payer."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation
from app.infra.db import Base, Code, Pk, PublicId
from app.payments.stripe.rules import LIVE, State

StripeId = String(255)
_IS_LIVE = text(f"state IN ({', '.join(repr(state.value) for state in LIVE)})")


class StripeAccount(Base):
    """An organisation's own account there: who is paid, and whether they can be."""

    __tablename__ = "stripe_account"

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), unique=True)
    account_id: Mapped[str | None] = mapped_column(StripeId, unique=True)  # acct_…, once it was made
    charges_enabled: Mapped[bool] = mapped_column(default=False)
    payouts_enabled: Mapped[bool] = mapped_column(default=False)
    details_submitted: Mapped[bool] = mapped_column(default=False)
    missing: Mapped[list[Any]] = mapped_column(default=list)  # names of what Stripe still wants to know
    disabled_reason: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()


class StripePayment(Base):
    """One attempt to pay one due: a page of Stripe's, open for a while. `reference` is the asking room's word."""

    __tablename__ = "stripe_payment"
    __table_args__ = (
        Index(
            "uq_stripe_payment_live",
            "reference",
            unique=True,
            sqlite_where=_IS_LIVE,
            postgresql_where=_IS_LIVE,
        ),
        Index("ix_stripe_payment_open", "state", "checked_at"),
        CheckConstraint("cents > 0", name="cents"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    reference: Mapped[str] = mapped_column(String(120))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    account_id: Mapped[str] = mapped_column(StripeId, index=True)
    cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    label: Mapped[str] = mapped_column(String(120))
    back: Mapped[str] = mapped_column(String(300))  # path of ours to come back to
    locale: Mapped[Code]
    state: Mapped[Code] = mapped_column(default=State.ASKED)
    held_until: Mapped[datetime]
    page_until: Mapped[datetime]
    session_id: Mapped[str | None] = mapped_column(StripeId, unique=True)
    url: Mapped[str | None] = mapped_column(String(2000))
    intent_id: Mapped[str | None] = mapped_column(StripeId, unique=True)
    fee_cents: Mapped[int | None]
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()


class StripeRefund(Base):
    """Something given back of a payment, asked for here or by hand in the payee's own dashboard."""

    __tablename__ = "stripe_refund"
    __table_args__ = (
        Index("ix_stripe_refund_open", "state", "checked_at"),
        CheckConstraint("cents > 0", name="cents"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    key: Mapped[str] = mapped_column(String(255), unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("stripe_payment.id"), index=True)
    cents: Mapped[int]
    state: Mapped[Code] = mapped_column(default=State.ASKED)
    refund_id: Mapped[str | None] = mapped_column(StripeId, unique=True)
    failure: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]

    payment: Mapped[StripePayment] = relationship()


class StripeDispute(Base):
    """A payment that its payer's bank takes back; the payee answers in their own dashboard."""

    __tablename__ = "stripe_dispute"

    id: Mapped[Pk]
    dispute_id: Mapped[str] = mapped_column(StripeId, unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("stripe_payment.id"), index=True)
    cents: Mapped[int]
    fee_cents: Mapped[int] = mapped_column(default=0)
    state: Mapped[Code] = mapped_column(default=State.ASKED)
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime]

    payment: Mapped[StripePayment] = relationship()


class StripePayout(Base):
    """Money on its way from the payee's balance there to their bank."""

    __tablename__ = "stripe_payout"

    id: Mapped[Pk]
    payout_id: Mapped[str] = mapped_column(StripeId, unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[Code] = mapped_column(default=State.ASKED)
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime]


class StripeEvent(Base):
    """A hint received by webhook, once each; the raw body is kept 90 days, for when something must be explained."""

    __tablename__ = "stripe_event"
    __table_args__ = (UniqueConstraint("endpoint", "event_id"),)

    id: Mapped[Pk]
    endpoint: Mapped[Code]
    event_id: Mapped[str] = mapped_column(StripeId)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(index=True)
    done_at: Mapped[datetime | None]
