"""Numbers of documents: one after the other for each issuer, without a gap."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Code, Pk
from app.payments.models.columns import KEPT, Key, OrganisationId


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
