"""Whether a territory reckons with money at all, and what using a resource costs: one version after the other."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.infra.db import Base, BigId, Json, Pk, Prose, PublicId
from app.payments.tariffs.as_json import read
from app.payments.tariffs.tariff import Tariff


class TerritoryMoney(Base):
    """A territory whose coordination has switched money on; without a row, or off, nothing of it is shown there."""

    __tablename__ = "territory_money"

    territory_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("territory.id"), primary_key=True, autoincrement=False
    )
    is_on: Mapped[bool]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class TariffVersion(Base):
    """What using a resource costs from an instant on, until the next version. Never changed: a change is another one.

    `terms` are a tariff (app.payments.tariffs.as_json), or None: free of charge from then on. Goods are no resource:
    their price is said once, with what is taken of them.
    """

    __tablename__ = "tariff_version"
    __table_args__ = (
        UniqueConstraint("resource_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    number: Mapped[int]  # from 1, without a gap
    starts_at: Mapped[datetime]
    terms: Mapped[dict[str, Any] | None] = mapped_column(Json)
    note: Mapped[Prose]  # why it changed, for whoever reads the versions
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    made_by: Mapped[Person | None] = relationship()

    @property
    def tariff(self) -> Tariff | None:
        """Read the terms; None where it is free of charge."""
        return None if self.terms is None else read(self.terms)
