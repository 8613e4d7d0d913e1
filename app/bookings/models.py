"""Tables of the heart: bookings, the talk about them, and the links that decide on them from an e-mail."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, Person
from app.catalogue.models import Resource
from app.core.span import Span
from app.infra.db import Base, Code, Name, Pk, Prose, PublicId


class Booking(Base):
    """A resource asked for or reserved. Two small machines: `decision` (may they?) and `use` (did they?).

    `start_at`/`end_at` are what people see, without buffers; the capacity is taken by the hold's claims.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("end_at > start_at", name="span"),
        CheckConstraint("quantity > 0", name="quantity"),
        UniqueConstraint("requester_id", "idempotency_key"),
        Index("ix_booking_resource_time", "resource_id", "start_at"),
        Index("ix_booking_organisation_time", "organisation_id", "start_at"),
        Index("ix_booking_requester_time", "requester_id", "start_at"),
        Index("ix_booking_waiting", "decision", "expires_at"),
    )

    id: Mapped[Pk]
    ref: Mapped[PublicId]
    uid: Mapped[str] = mapped_column(String(80), unique=True)  # of the calendar event, for life
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    requester_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("hold.id", ondelete="SET NULL"), unique=True)
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    quantity: Mapped[int] = mapped_column(Integer, default=1)
    purpose: Mapped[Name]
    people: Mapped[int | None] = mapped_column(Integer)
    decision: Mapped[Code]  # app.bookings.rules.DECISION
    use: Mapped[Code]  # app.bookings.rules.USE
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[Prose]  # of the last decision: why refused, why cancelled
    expires_at: Mapped[datetime | None]  # an unanswered request ends here
    idempotency_key: Mapped[str | None] = mapped_column(String(80))
    idempotency_digest: Mapped[str | None] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(default=0)  # grows with every change a calendar shows
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    resource: Mapped[Resource] = relationship()
    organisation: Mapped[Organisation] = relationship()
    requester: Mapped[Person] = relationship(foreign_keys=requester_id)
    decided_by: Mapped[Person | None] = relationship(foreign_keys=decided_by_id)

    @property
    def span(self) -> Span:
        """The time people see."""
        return Span(self.start_at, self.end_at)


class BookingMessage(Base):
    """One message of the talk between both sides of a booking."""

    __tablename__ = "booking_message"

    id: Mapped[Pk]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[Prose]
    at: Mapped[datetime]

    author: Mapped[Person] = relationship()


class DecisionLink(Base):
    """The stored side of the link by which one manager decides from an e-mail."""

    __tablename__ = "decision_link"

    id: Mapped[Pk]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    booking: Mapped[Booking] = relationship()
    person: Mapped[Person] = relationship()
