"""The table of what payers say they have sent."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Code, Pk, PublicId


class AnnouncementState(StrEnum):
    """What became of it; open, it is awaited only as long as something is owed of what it was for."""

    OPEN = "open"
    NOTED = "noted"
    TAKEN_BACK = "taken_back"


class Announcement(Base):
    """A payer says that so much is on its way, by which means, since which day. Nothing is paid by it."""

    __tablename__ = "announcement"
    __table_args__ = (
        Index("ix_announcement_open", "payee_id", "state"),
        Index("ix_announcement_pair", "payer_id", "payee_id"),
        CheckConstraint("cents > 0", name="cents"),
        CheckConstraint("state IN ('open', 'noted', 'taken_back')", name="state"),
        CheckConstraint("payer_id <> payee_id", name="pair"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    payer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    payee_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    due_ref: Mapped[str] = mapped_column(String(16))  # what it is for; empty for all that is owed
    cents: Mapped[int]
    method: Mapped[Code]
    sent_on: Mapped[date]
    reference: Mapped[str] = mapped_column(String(120))
    state: Mapped[Code] = mapped_column(default=AnnouncementState.OPEN)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    payment_ref: Mapped[str] = mapped_column(String(16), default="", index=True)  # what it was noted as
