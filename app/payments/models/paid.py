"""What was paid, what it was for, and what of it went back."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Code, Pk, Prose, PublicId
from app.payments.books.postings import Method
from app.payments.models.columns import KEPT, Currency, Key, OrganisationId, TerritoryId, one_of


class RefundState(StrEnum):
    """Whether a refund has arrived; banks may send one back days later."""

    MADE = "made"
    FAILED = "failed"


class DisputeState(StrEnum):
    """Where a dispute about a payment stands."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Payment(Base):
    """Money that one organisation gave another. What is neither allocated nor back is an advance."""

    __tablename__ = "payment"
    __table_args__ = (
        Index("ix_payment_pair", "payer_id", "payee_id"),
        CheckConstraint(one_of("method", Method), name="method"),
        CheckConstraint("payer_id <> payee_id", name="pair"),
        CheckConstraint("allocated_cents >= 0 AND returned_cents >= 0 AND disputed_cents >= 0", name="parts"),
        CheckConstraint("cents > 0 AND allocated_cents + returned_cents <= cents", name="allocated"),
        CheckConstraint("returned_cents + disputed_cents <= cents", name="returned"),
        KEPT,
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    key: Mapped[Key]
    territory_id: Mapped[TerritoryId]
    payer_id: Mapped[OrganisationId]
    payee_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    currency: Mapped[Currency]
    cents: Mapped[int]
    method: Mapped[Code]
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]
    allocated_cents: Mapped[int] = mapped_column(default=0)
    returned_cents: Mapped[int] = mapped_column(default=0)  # refunds, and disputes that were lost
    disputed_cents: Mapped[int] = mapped_column(default=0)  # of disputes that are open

    @property
    def free_cents(self) -> int:
        """What is meant for nothing that is due: an advance, which can be allocated or given back."""
        return self.cents - self.allocated_cents - self.returned_cents

    @property
    def refundable_cents(self) -> int:
        """What can still be given back."""
        return self.cents - self.returned_cents - self.disputed_cents


class Allocation(Base):
    """So much of a payment is for a due; below zero, it no longer is."""

    __tablename__ = "allocation"
    __table_args__ = (CheckConstraint("cents <> 0", name="cents"), KEPT)

    id: Mapped[Pk]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    due_id: Mapped[int] = mapped_column(ForeignKey("due.id"), index=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"))
    cents: Mapped[int]


class Refund(Base):
    """Money of a payment that was given back."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("cents > 0", name="cents"),
        CheckConstraint(one_of("state", RefundState), name="state"),
        KEPT,
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    key: Mapped[Key]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    cents: Mapped[int]
    method: Mapped[Code | None]  # where it went back in another way than the payment came
    state: Mapped[Code] = mapped_column(default=RefundState.MADE)
    reason: Mapped[Prose]
    at: Mapped[datetime]


class Dispute(Base):
    """The bank of whoever paid has taken money back, and asks who is right.

    It may take more than is left of the payment once some was given back: `beyond_cents` is what who paid has twice.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint("cents > 0", name="cents"),
        CheckConstraint(one_of("state", DisputeState), name="state"),
        KEPT,
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    key: Mapped[Key]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    cents: Mapped[int]
    beyond_cents: Mapped[int] = mapped_column(default=0)
    state: Mapped[Code] = mapped_column(default=DisputeState.OPEN)
    reason: Mapped[Prose]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    @property
    def within_cents(self) -> int:
        """What of it is money of the payment that was not given back before."""
        return self.cents - self.beyond_cents
