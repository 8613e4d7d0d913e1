"""What is agreed about a cost before it is charged: at which price, shared by whom, and what helps to pay it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation
from app.infra.db import Base, Code, Pk, Prose, PublicId
from app.payments.models.charges import Charge
from app.payments.models.columns import OrganisationId, TerritoryId, one_of
from app.payments.models.subsidies import Programme
from app.payments.models.tariffs import TariffVersion
from app.payments.splits.keys import KeyKind


class PartyState(StrEnum):
    """Whether somebody who was asked to bear a part has said yes."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class CostPlan(Base):
    """What a subject will cost, of which payments know only its kind and its public id; once charged, it is closed."""

    __tablename__ = "cost_plan"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_ref"),
        Index("ix_cost_plan_closed_at", "closed_at"),
        CheckConstraint(one_of("key_kind", KeyKind), name="key_kind"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    subject_kind: Mapped[Code]
    subject_ref: Mapped[str] = mapped_column(String(40))
    territory_id: Mapped[TerritoryId]
    organisation_id: Mapped[OrganisationId]  # for whom it is: bears what nobody else has said yes to
    payee_id: Mapped[OrganisationId]
    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariff_version.id"))  # promised when it was asked for
    priority: Mapped[Code]  # the class then
    key_kind: Mapped[Code] = mapped_column(default=KeyKind.SINGLE)
    residual_payer_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id")
    )  # bears what ceilings leave; none named: for whom it is
    measures: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # by meter, in thousandths: what was entered
    waiver_reason: Mapped[Prose]  # why nothing is charged
    are_measures_final: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # whoever is paid has entered them
    holds: Mapped[int] = mapped_column(default=0)  # how often envelopes were held for it
    corrections: Mapped[int] = mapped_column(
        default=0, server_default=text("0")
    )  # how often it was charged anew
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"), unique=True)
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    tariff: Mapped[TariffVersion] = relationship()
    charge: Mapped[Charge | None] = relationship()
    organisation: Mapped[Organisation] = relationship(foreign_keys="CostPlan.organisation_id")
    payee: Mapped[Organisation] = relationship(foreign_keys="CostPlan.payee_id")
    parties: Mapped[list["CostParty"]] = relationship(
        order_by="CostParty.id", cascade="all, delete-orphan", back_populates="plan"
    )
    subsidies: Mapped[list["PlanSubsidy"]] = relationship(
        order_by="PlanSubsidy.id", cascade="all, delete-orphan"
    )

    @property
    def key(self) -> str:
        """Name what is charged by it: another each time it is charged anew."""
        again = f"#{self.corrections}" if self.corrections else ""
        return f"{self.subject_kind}:{self.subject_ref}{again}"

    @property
    def is_closed(self) -> bool:
        """Tell whether it was charged: nothing about it changes any more."""
        return self.closed_at is not None

    @property
    def is_priced(self) -> bool:
        """Tell whether a price was promised; where none is set, only how much is used is kept."""
        return self.tariff.terms is not None

    def party(self, organisation_id: int) -> "CostParty | None":
        """Find what an organisation is to bear."""
        return next((each for each in self.parties if each.organisation_id == organisation_id), None)


class CostParty(Base):
    """An organisation that bears a part by the key; one that was asked counts only once it has said yes."""

    __tablename__ = "cost_party"
    __table_args__ = (
        UniqueConstraint("plan_id", "organisation_id"),
        CheckConstraint("weight >= 0", name="weight"),
        CheckConstraint("ceiling_cents >= 0", name="ceiling"),
        CheckConstraint(one_of("state", PartyState), name="state"),
    )

    id: Mapped[Pk]
    plan_id: Mapped[int] = mapped_column(ForeignKey("cost_plan.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    weight: Mapped[int]  # as its key counts: parts, basis points, thousandths measured
    ceiling_cents: Mapped[int | None]  # the most it bears
    state: Mapped[Code]
    agreed_cents: Mapped[int | None]  # what it said yes to, of all lines as things stood then
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    plan: Mapped[CostPlan] = relationship(back_populates="parties")
    organisation: Mapped[Organisation] = relationship()


class PlanSubsidy(Base):
    """A programme that helps to pay, as was said when it was asked for, and what is held of its envelope for this."""

    __tablename__ = "cost_plan_subsidy"
    __table_args__ = (UniqueConstraint("plan_id", "programme_id"),)

    id: Mapped[Pk]
    plan_id: Mapped[int] = mapped_column(ForeignKey("cost_plan.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("subsidy_programme.id"))
    hold_key: Mapped[str | None] = mapped_column(String(120))  # of the EnvelopeHold that is live
    # Its terms then: what is changed of it later does not touch what was promised.
    rate_bp: Mapped[int] = mapped_column(server_default=text("0"))
    priority: Mapped[int] = mapped_column(server_default=text("0"))
    most_cents: Mapped[int | None]
    most_each_cents: Mapped[int | None]

    programme: Mapped[Programme] = relationship()
