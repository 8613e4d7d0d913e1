"""Attempts to pay on line: which dues each is for, so that what Stripe tells finds its place in the books."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.infra.db import Base, BigId, Code, Pk, PublicId
from app.payments.models.columns import Currency, OrganisationId, one_of

_IS_LIVE = text("is_live")


class OnlineState(StrEnum):
    """Where an attempt stands."""

    ASKED = "asked"
    STARTED = "started"  # a direct debit, for days
    PAID = "paid"
    OVER = "over"  # nothing was paid


class OnlinePayment(Base):
    """One attempt to pay some dues of a pair. Stripe knows it by `reference`, and people by the page (`page_id`)."""

    __tablename__ = "online_payment"
    __table_args__ = (
        CheckConstraint("cents > 0", name="cents"),
        CheckConstraint(one_of("state", OnlineState), name="state"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    payer_id: Mapped[OrganisationId]
    payee_id: Mapped[OrganisationId]
    currency: Mapped[Currency]
    cents: Mapped[int]
    state: Mapped[Code] = mapped_column(default=OnlineState.ASKED)
    page_id: Mapped[Code]
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)

    parts: Mapped[list["OnlinePart"]] = relationship(order_by="OnlinePart.due_id")

    @property
    def reference(self) -> str:
        """What the attempt is called there."""
        return f"online:{self.public_id}"

    @property
    def due_ids(self) -> list[int]:
        """What it is for."""
        return [part.due_id for part in self.parts]


class OnlinePart(Base):
    """A due that an attempt is for; of each due one attempt at most is under way."""

    __tablename__ = "online_part"
    __table_args__ = (
        Index(
            "uq_online_part_live",
            "due_id",
            unique=True,
            sqlite_where=_IS_LIVE,
            postgresql_where=_IS_LIVE,
        ),
    )

    online_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("online_payment.id"), primary_key=True, autoincrement=False
    )
    due_id: Mapped[int] = mapped_column(BigId, ForeignKey("due.id"), primary_key=True, autoincrement=False)
    is_live: Mapped[bool] = mapped_column(default=True)
