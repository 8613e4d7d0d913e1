"""Lines of an organisation's bank statement: money that came, until somebody says what it was."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Code, Name, Pk, Prose, PublicId
from app.payments.models.columns import Currency, Key, OrganisationId, one_of


class BankLineState(StrEnum):
    """What became of a line."""

    NEW = "new"
    NOTED = "noted"
    IGNORED = "ignored"


class BankLine(Base):
    """A line, known by what it says: the same file again brings it no second time.

    What it says is forgotten once it is ignored, and some weeks after it was noted: it may name people who have nothing
    to do with us. Where its file is read in again, what was ignored is new again; so is a line that was noted by
    mistake, which keeps the payment that was taken back.
    """

    __tablename__ = "bank_line"
    __table_args__ = (
        Index("ix_bank_line_open", "organisation_id", "state", "day"),
        CheckConstraint("cents > 0", name="cents"),
        CheckConstraint(one_of("state", BankLineState), name="state"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    key: Mapped[Key]
    organisation_id: Mapped[OrganisationId]
    day: Mapped[date]
    currency: Mapped[Currency]
    cents: Mapped[int]
    text: Mapped[Prose]
    name: Mapped[Name]
    state: Mapped[Code] = mapped_column(default=BankLineState.NEW)
    imported_at: Mapped[datetime]
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
