"""Tables of settlements: who is party to one, what debts it is about, and what is owed in their place."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation
from app.infra.db import Base, BigId, Code, Pk, Prose, PublicId
from app.payments.books.postings import Pair
from app.payments.models import Due
from app.payments.models.columns import KEPT, Currency, Key, OrganisationId, TerritoryId, one_of
from app.payments.settlement.rules import Answer, Kind, State

_IS_LIVE = text("is_live")


class Settlement(Base):
    """Debts that are set off against each other, or were proposed to be."""

    __tablename__ = "settlement"
    __table_args__ = (
        CheckConstraint(one_of("kind", Kind), name="kind"),
        CheckConstraint(one_of("state", State), name="state"),
        Index("ix_settlement_open", "state", "expires_at"),
        KEPT,
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    key: Mapped[Key]
    territory_id: Mapped[TerritoryId]
    kind: Mapped[Code]
    state: Mapped[Code]
    currency: Mapped[Currency]
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    begun_for_id: Mapped[OrganisationId]
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[Prose]

    begun_for: Mapped[Organisation] = relationship()
    parties: Mapped[list["SettlementParty"]] = relationship(order_by="SettlementParty.organisation_id")
    dues: Mapped[list["SettledDue"]] = relationship(order_by="SettledDue.due_id")
    transfers: Mapped[list["SettlementTransfer"]] = relationship(order_by="SettlementTransfer.id")

    @property
    def is_open(self) -> bool:
        """Tell whether parties may still answer."""
        return self.state == State.PROPOSED

    def party(self, organisation_id: int) -> "SettlementParty | None":
        """Find an organisation among the parties."""
        return next((each for each in self.parties if each.organisation_id == organisation_id), None)

    def pairs(self) -> dict[Pair, int]:
        """Add up what is settled, by who owes it to whom."""
        found: dict[Pair, int] = {}
        for each in self.dues:
            pair = Pair(each.due.payer_id, each.due.payee_id)
            found[pair] = found.get(pair, 0) + each.cents
        return found


class SettlementParty(Base):
    """An organisation whose debts are settled, and what it says; it has one open proposal at most."""

    __tablename__ = "settlement_party"
    __table_args__ = (
        Index(
            "uq_settlement_party_live",
            "organisation_id",
            unique=True,
            sqlite_where=_IS_LIVE,
            postgresql_where=_IS_LIVE,
        ),
        CheckConstraint(one_of("answer", Answer), name="answer"),
        KEPT,
    )

    settlement_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("settlement.id"), primary_key=True, autoincrement=False
    )
    organisation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("organisation.id"), primary_key=True, autoincrement=False, index=True
    )
    is_live: Mapped[bool]
    answer: Mapped[Code]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    organisation: Mapped[Organisation] = relationship()


class SettledDue(Base):
    """So many cents of a due, as they were owed when it was written."""

    __tablename__ = "settled_due"
    __table_args__ = (CheckConstraint("cents > 0", name="cents"), KEPT)

    settlement_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("settlement.id"), primary_key=True, autoincrement=False
    )
    due_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("due.id"), primary_key=True, autoincrement=False, index=True
    )
    cents: Mapped[int]

    due: Mapped[Due] = relationship()


class SettlementTransfer(Base):
    """What one party owes another in the place of all that was settled."""

    __tablename__ = "settlement_transfer"
    __table_args__ = (
        CheckConstraint("cents > 0", name="cents"),
        CheckConstraint("payer_id <> payee_id", name="pair"),
        KEPT,
    )

    id: Mapped[Pk]
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id"), index=True)
    payer_id: Mapped[OrganisationId]
    payee_id: Mapped[OrganisationId]
    cents: Mapped[int]
