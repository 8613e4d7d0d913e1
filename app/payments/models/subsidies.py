"""What subsidisers pay: programmes, and envelopes of which no more is promised and spent than there is."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation
from app.core.states import Machine
from app.infra.db import Base, Code, Name, Pk, PublicId
from app.payments.models.columns import KEPT, Currency, Key, OrganisationId, TerritoryId, one_of

FOOD: Final = "food"  # what is sold, and no use of a resource


class HoldState(StrEnum):
    """What became of what was held in an envelope."""

    HELD = "held"
    RELEASED = "released"
    SPENT = "spent"


class ProgrammeState(StrEnum):
    """Whether a programme promises anything: not before who pays has said yes, nor once it is closed."""

    ASKED = "asked"
    OPEN = "open"
    CLOSED = "closed"


PROGRAMME: Final = Machine(
    "programme",
    {
        ("accept", ProgrammeState.ASKED): ProgrammeState.OPEN,
        ("decline", ProgrammeState.ASKED): ProgrammeState.CLOSED,
        ("ask", ProgrammeState.OPEN): ProgrammeState.ASKED,  # who pays is to pay something else
        ("ask", ProgrammeState.ASKED): ProgrammeState.ASKED,
        ("close", ProgrammeState.ASKED): ProgrammeState.CLOSED,
        ("close", ProgrammeState.OPEN): ProgrammeState.CLOSED,
    },
)


class Programme(Base):
    """How an organisation subsidises others: its rate, its ceilings, and before or after whom."""

    __tablename__ = "subsidy_programme"
    __table_args__ = (CheckConstraint("rate_bp >= 0 AND rate_bp <= 10000", name="rate"), KEPT)

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    territory_id: Mapped[TerritoryId]
    organisation_id: Mapped[OrganisationId]  # who pays
    name: Mapped[Name]
    currency: Mapped[Currency]
    rate_bp: Mapped[int]
    priority: Mapped[int] = mapped_column(default=0)
    most_cents: Mapped[int | None]  # for one charge
    most_each_cents: Mapped[int | None]  # for one organisation, of one envelope
    kinds: Mapped[list[Any]] = mapped_column(
        default=list, server_default=text("'[]'")
    )  # of the resources whose use it helps to pay; none named: all
    state: Mapped[Code] = mapped_column(default=ProgrammeState.OPEN, server_default=text("'open'"))

    organisation: Mapped[Organisation] = relationship()

    def is_for(self, kind: str) -> bool:
        """Tell whether it helps to pay the use of resources of a kind, or FOOD, which it does only where it says so."""
        return kind in self.kinds or (not self.kinds and kind != FOOD)


class Envelope(Base):
    """The budget of a programme for a period."""

    __tablename__ = "subsidy_envelope"
    __table_args__ = (
        UniqueConstraint("programme_id", "starts_on"),
        CheckConstraint("ends_on > starts_on", name="period"),
        CheckConstraint("held_cents >= 0 AND spent_cents >= 0", name="parts"),
        CheckConstraint("held_cents + spent_cents <= budget_cents", name="budget"),
        KEPT,
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    programme_id: Mapped[int] = mapped_column(ForeignKey("subsidy_programme.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]  # the first day that is not in it
    budget_cents: Mapped[int]  # what who pays has agreed to
    asked_cents: Mapped[int | None]  # a budget that waits for the yes of who pays
    held_cents: Mapped[int] = mapped_column(default=0)
    spent_cents: Mapped[int] = mapped_column(default=0)

    programme: Mapped[Programme] = relationship()

    @property
    def left_cents(self) -> int:
        """What is neither promised nor spent."""
        return self.budget_cents - self.held_cents - self.spent_cents


class EnvelopeHold(Base):
    """What is promised of an envelope to an organisation, from approval until it is charged or given up."""

    __tablename__ = "envelope_hold"
    __table_args__ = (
        CheckConstraint("cents >= 0", name="cents"),
        CheckConstraint(one_of("state", HoldState), name="state"),
        KEPT,
    )

    id: Mapped[Pk]
    key: Mapped[Key]
    envelope_id: Mapped[int] = mapped_column(ForeignKey("subsidy_envelope.id"), index=True)
    organisation_id: Mapped[OrganisationId]  # who is helped
    cents: Mapped[int]
    state: Mapped[Code] = mapped_column(default=HoldState.HELD)
    held_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
