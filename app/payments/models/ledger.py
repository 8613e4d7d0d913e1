"""The books: entries, their legs, and the seal without which no entry is committed.

An entry refers to its seal by a foreign key that is looked at on commit, and the database lets a seal in only when the
legs of each organisation balance; after that, no leg any more. So nothing has to be updated to be closed (adr/0009).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, BigId, Code, Pk
from app.payments.models.columns import KEPT, Currency, Key, OrganisationId, TerritoryId


class LedgerEntry(Base):
    """Something that happened, known by a stable key: what is told twice is written once."""

    __tablename__ = "ledger_entry"
    __table_args__ = (KEPT,)

    id: Mapped[int] = mapped_column(
        BigId,
        ForeignKey(
            "ledger_seal.entry_id",
            name="fk_ledger_entry_sealed",
            use_alter=True,
            deferrable=True,
            initially="DEFERRED",
        ),
        primary_key=True,
        autoincrement=True,
    )
    key: Mapped[Key]
    kind: Mapped[Code]  # app.payments.books.postings.EntryKind
    at: Mapped[datetime]
    territory_id: Mapped[TerritoryId]
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
    facts: Mapped[dict[str, Any]]


class LedgerLeg(Base):
    """So many cents on an account of an organisation: above zero a debit."""

    __tablename__ = "ledger_leg"
    __table_args__ = (
        CheckConstraint("cents <> 0", name="cents"),
        Index("ix_ledger_leg_balance", "organisation_id", "currency", "account", "counterparty_id", "cents"),
        KEPT,
    )

    id: Mapped[Pk]
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), index=True)
    organisation_id: Mapped[OrganisationId]
    account: Mapped[Code]  # app.payments.books.postings.Account
    counterparty_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    currency: Mapped[Currency]
    cents: Mapped[int]


class LedgerSeal(Base):
    """The legs of an entry balance, and there will be no others."""

    __tablename__ = "ledger_seal"
    __table_args__ = (KEPT,)

    entry_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("ledger_entry.id"), primary_key=True, autoincrement=False
    )


class PairGuard(Base):
    """The row that is locked before anything changes of what one organisation owes and pays another."""

    __tablename__ = "pair_guard"
    __table_args__ = (KEPT,)

    payer_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("organisation.id"), primary_key=True, autoincrement=False
    )
    payee_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("organisation.id"), primary_key=True, autoincrement=False
    )
