"""Documents, what each is about, who lets them be issued, and the numbers they have: one series per issuer, no gap."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, BigId, Code, Json, Pk, PublicId
from app.payments.documents.rules import Kind
from app.payments.models.columns import KEPT, Currency, Key, OrganisationId, TerritoryId, one_of


class DocumentSeries(Base):
    """A sequence of numbers of one issuer: its invoices of a year, for instance."""

    __tablename__ = "document_series"
    __table_args__ = (
        UniqueConstraint("issuer_id", "kind", "period"),
        CheckConstraint("last_number >= 0", name="last_number"),
        KEPT,
    )

    id: Mapped[Pk]
    issuer_id: Mapped[OrganisationId]
    kind: Mapped[Code]
    period: Mapped[str] = mapped_column(String(10))
    last_number: Mapped[int] = mapped_column(default=0)


class DocumentNumber(Base):
    """A number that was given, and what for (`key`)."""

    __tablename__ = "document_number"
    __table_args__ = (UniqueConstraint("series_id", "number"), KEPT)

    id: Mapped[Pk]
    series_id: Mapped[int] = mapped_column(ForeignKey("document_series.id"))
    number: Mapped[int]
    key: Mapped[Key]
    at: Mapped[datetime]


class DocumentRun(Base):
    """Documents that an issuer has prepared at once: of a month, or of all that is on none yet (an empty month).

    `waiting` are the recipients whose turn is to come; `refused` tells why some got none: recipient → code, facts.
    """

    __tablename__ = "document_run"
    __table_args__ = (Index("ix_document_run_issuer", "issuer_id", "id"), KEPT)

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    key: Mapped[Key]
    territory_id: Mapped[TerritoryId]
    issuer_id: Mapped[OrganisationId]
    month: Mapped[str] = mapped_column(String(7))
    total: Mapped[int]
    waiting: Mapped[list[Any]] = mapped_column(Json)
    refused: Mapped[dict[str, Any]]
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]


class Document(Base):
    """A document with its number. Of it only the hash of its file is written later, once."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("issuer_id", "number"),
        Index("ix_document_recipient", "recipient_id", "issued_on"),
        CheckConstraint(one_of("kind", Kind), name="kind"),
        CheckConstraint("issuer_id <> recipient_id", name="pair"),
        KEPT,
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    key: Mapped[Key]
    territory_id: Mapped[TerritoryId]
    issuer_id: Mapped[OrganisationId]
    recipient_id: Mapped[OrganisationId]
    kind: Mapped[Code]
    number: Mapped[str] = mapped_column(String(20))
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]
    currency: Mapped[Currency]
    cents: Mapped[int]
    facts: Mapped[dict[str, Any]]  # app.payments.documents.bill.read
    amends_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("document_run.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), default="")  # SHA-256 of the file, once it is made
    made_at: Mapped[datetime | None]


class DocumentPart(Base):
    """What a document is about: a due, what was taken back of one, or a payment; each is on one document."""

    __tablename__ = "document_part"
    __table_args__ = (
        UniqueConstraint("credit_id", "due_id"),
        Index(
            "uq_document_part_due",
            "due_id",
            unique=True,
            sqlite_where=text("credit_id IS NULL"),
            postgresql_where=text("credit_id IS NULL"),
        ),
        CheckConstraint("(due_id IS NULL) <> (payment_id IS NULL)", name="subject"),
        CheckConstraint("credit_id IS NULL OR due_id IS NOT NULL", name="credit"),
        KEPT,
    )

    id: Mapped[Pk]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    due_id: Mapped[int | None] = mapped_column(ForeignKey("due.id"))
    credit_id: Mapped[int | None] = mapped_column(ForeignKey("credit.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), unique=True)
    cents: Mapped[int]


class BillingMandate(Base):
    """An organisation lets the platform issue bills in its name: who said so, to which words, until when."""

    __tablename__ = "billing_mandate"
    __table_args__ = (
        Index(
            "uq_billing_mandate_live",
            "organisation_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        KEPT,
    )

    id: Mapped[Pk]
    organisation_id: Mapped[OrganisationId]
    version: Mapped[Code]
    accepted_at: Mapped[datetime]
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class BillingChoice(Base):
    """Whether the documents of a month are prepared by themselves once it is over."""

    __tablename__ = "billing_choice"

    organisation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("organisation.id"), primary_key=True, autoincrement=False
    )
    is_monthly: Mapped[bool]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
