"""What a request for several resources in order carries, and what each of its legs is there for."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, Person
from app.bookings.models import Bundle
from app.infra.db import Base, BigId, Code, Name, Pk, Prose
from app.supply.cargo import Cargo, Packaging, Regime
from app.supply.chains.planning.world import Place


class Chain(Base):
    """What a bundle carries: so much of something, so packed, to be kept at a temperature, from somewhere.

    The bundle is the rest: who asked, its legs, their order and where they stand, the hand-over.
    """

    __tablename__ = "chain"
    __table_args__ = (
        CheckConstraint("grams > 0", name="grams"),
        CheckConstraint("per_package > 0", name="per_package"),
    )

    id: Mapped[Pk]
    bundle_id: Mapped[int] = mapped_column(ForeignKey("bundle.id"), unique=True)
    product: Mapped[Name]
    grams: Mapped[int]
    packaging: Mapped[Code]  # app.supply.cargo.Packaging
    per_package: Mapped[int]  # grams
    regime: Mapped[Code]  # app.supply.cargo.Regime
    from_place: Mapped[Name] = mapped_column(default="", server_default=text("''"))  # in words
    receiver_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # None: who asked for it
    for_food_aid: Mapped[bool] = mapped_column(default=False, server_default=false())
    surplus_claim_ref: Mapped[str | None] = mapped_column(
        String(16), index=True
    )  # the part of an offer that it carries; where there is none it was asked for from scratch

    from_commune: Mapped[str | None] = mapped_column(
        String(5)
    )  # what is known of its way: a code, degrees, instants
    from_lat: Mapped[float | None]
    from_lon: Mapped[float | None]
    load_from_at: Mapped[datetime | None]
    load_until_at: Mapped[datetime | None]
    to_lat: Mapped[float | None]  # where it is brought; none: it ends in its last place
    to_lon: Mapped[float | None]

    bundle: Mapped[Bundle] = relationship()
    receiver: Mapped[Organisation | None] = relationship()
    steps: Mapped[list["ChainStep"]] = relationship(
        order_by="ChainStep.leg_number", cascade="all, delete-orphan"
    )

    override: Mapped["FoodAidOverride | None"] = relationship(cascade="all, delete-orphan")

    @property
    def destination(self) -> Organisation:
        """Whom it is for: the organisation to which what comes of it is handed over."""
        return self.receiver or self.bundle.organisation

    @property
    def cargo(self) -> Cargo:
        """What it is on the road and in store."""
        return Cargo(self.grams, Packaging(self.packaging), self.per_package, Regime(self.regime))

    @property
    def start(self) -> Place | None:
        """Where it is fetched, where that is known."""
        return _place(self.from_lat, self.from_lon)

    @property
    def end(self) -> Place | None:
        """Where it is brought; None where it ends in its last place."""
        return _place(self.to_lat, self.to_lon)


def _place(lat: float | None, lon: float | None) -> Place | None:
    return None if lat is None or lon is None else Place(lat, lon)


class ChainStep(Base):
    """What the leg of a number is there for, whichever booking has that number now: what replaces one takes it over."""

    __tablename__ = "chain_step"
    __table_args__ = (UniqueConstraint("chain_id", "leg_number"),)

    id: Mapped[Pk]
    chain_id: Mapped[int] = mapped_column(ForeignKey("chain.id"))
    leg_number: Mapped[int] = mapped_column(Integer)
    role: Mapped[Code]  # app.supply.chains.planning.plan.Role
    metres: Mapped[int] = mapped_column(Integer, default=0)  # in all trips together, the way back included
    trips: Mapped[int] = mapped_column(Integer, default=1)


class FoodAidOverride(Base):
    """That the coordination allows food aid for a chain though its receiver is not authorised, and why."""

    __tablename__ = "food_aid_override"

    chain_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("chain.id"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[Prose]
    at: Mapped[datetime]

    person: Mapped[Person] = relationship()
