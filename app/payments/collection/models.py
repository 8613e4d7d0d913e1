"""Tables of what goes to a public accountant: batches, and a line for each due; each due is in one batch at most."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.infra.db import Base, BigId, Pk, PublicId
from app.payments.models import Due
from app.payments.models.columns import KEPT, Currency, OrganisationId


class CollectionBatch(Base):
    """A batch (bordereau) of one issuer, with a number of its year."""

    __tablename__ = "collection_batch"
    __table_args__ = (UniqueConstraint("issuer_id", "year", "number"), KEPT)

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    issuer_id: Mapped[OrganisationId]
    year: Mapped[int]
    number: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]  # its last day
    currency: Mapped[Currency]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    issuer: Mapped[dict[str, Any]]  # name, SIRET and address as they were
    sent_on: Mapped[date | None]

    lines: Mapped[list["CollectionLine"]] = relationship(
        order_by="CollectionLine.position", cascade="all, delete-orphan"
    )

    @property
    def name(self) -> str:
        """What it is called: its year and its number."""
        return f"{self.year}-{self.number}"

    @property
    def cents(self) -> int:
        """What it comes to."""
        return sum(line.cents for line in self.lines)

    @property
    def is_withdrawn(self) -> bool:
        """Tell whether it was made by mistake: it keeps its number, and its lines are free for the next one."""
        return not self.lines

    @property
    def is_handed_over(self) -> bool:
        """Tell whether the accountant has it."""
        return self.sent_on is not None or any(line.order_number for line in self.lines)


class CollectionLine(Base):
    """What an accountant is asked to collect for one due, as it stood then; `order_number` is the accountant's."""

    __tablename__ = "collection_line"
    __table_args__ = (
        UniqueConstraint("batch_id", "position"),
        Index("ix_collection_line_order_number", "order_number"),
        CheckConstraint("cents > 0 AND credited_before_cents >= 0", name="cents"),
        KEPT,
    )

    due_id: Mapped[int] = mapped_column(BigId, ForeignKey("due.id"), primary_key=True, autoincrement=False)
    batch_id: Mapped[int] = mapped_column(ForeignKey("collection_batch.id"))
    position: Mapped[int]
    cents: Mapped[int]
    credited_before_cents: Mapped[int]
    facts: Mapped[dict[str, Any]]  # debtor, SIRET, address, object, day, what it is made of
    order_number: Mapped[str] = mapped_column(String(40), default="")

    due: Mapped[Due] = relationship()

    @property
    def lowered_cents(self) -> int:
        """What was taken back since: the order has to be lowered by it, or cancelled."""
        return min(self.due.credited_cents - self.credited_before_cents, self.cents)

    @property
    def state(self) -> str:
        """Tell how it stands: to be cancelled or lowered, collected, in part, or waited for."""
        if self.lowered_cents:
            return "cancel" if self.lowered_cents == self.cents else "lower"
        if not self.due.owed_cents:
            return "collected"
        return "part" if self.due.owed_cents < self.cents else "waited"
