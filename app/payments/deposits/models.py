"""What places ask for as a deposit, and each deposit with what became of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation
from app.infra.db import Base, BigId, Code, Json, Pk, Prose, PublicId
from app.payments.books.postings import Method
from app.payments.deposits.rules import Occasion, State
from app.payments.models.columns import KEPT, Currency, OrganisationId, TerritoryId, one_of


class DepositTerms(Base):
    """What a resource asks for, as it is today; nothing where it is 0. What was asked for keeps its amount."""

    __tablename__ = "deposit_terms"
    __table_args__ = (
        CheckConstraint("cents >= 0", name="cents"),
        CheckConstraint(one_of("occasion", Occasion), name="occasion"),
    )

    resource_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("resource.id"), primary_key=True, autoincrement=False
    )
    cents: Mapped[int]
    occasion: Mapped[Code]
    exempt: Mapped[list[Any]] = mapped_column(Json)  # classes that are asked for none
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Deposit(Base):
    """A deposit for a subject, of which nothing is known here but its kind and its public id."""

    __tablename__ = "deposit"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_ref"),
        Index("ix_deposit_back_by", "state", "back_by"),
        CheckConstraint("cents > 0", name="cents"),
        CheckConstraint("payer_id <> payee_id", name="pair"),
        CheckConstraint("withheld_cents >= 0 AND withheld_cents <= cents", name="withheld"),
        CheckConstraint(one_of("state", State), name="state"),
        KEPT,
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    subject_kind: Mapped[Code]
    subject_ref: Mapped[str] = mapped_column(String(40))
    territory_id: Mapped[TerritoryId]
    payer_id: Mapped[OrganisationId]
    payee_id: Mapped[OrganisationId]
    currency: Mapped[Currency]
    cents: Mapped[int]
    state: Mapped[Code]
    asked_at: Mapped[datetime]
    back_by: Mapped[datetime]  # when it is to be given back at the latest
    method: Mapped[Code | None]  # how it was handed over
    received_at: Mapped[datetime | None]
    moves: Mapped[int] = mapped_column(default=0)  # how often it went into the books or out of them
    ended_at: Mapped[datetime | None]
    withheld_cents: Mapped[int] = mapped_column(default=0)
    is_cashed: Mapped[bool] = mapped_column(default=False)  # the cheque, to keep what is withheld
    reason: Mapped[Prose]  # why something was withheld
    photo: Mapped[str | None] = mapped_column(String(64))  # the digest that names its file
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"), unique=True)
    reminded_at: Mapped[datetime | None]

    payer: Mapped[Organisation] = relationship(foreign_keys="Deposit.payer_id")
    payee: Mapped[Organisation] = relationship(foreign_keys="Deposit.payee_id")

    @property
    def how(self) -> Method:
        """How it was handed over; only of what was."""
        return Method(str(self.method))

    @property
    def returned_cents(self) -> int:
        """What goes back."""
        return self.cents - self.withheld_cents
