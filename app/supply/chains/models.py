"""What a request for several resources in order carries, what its legs are there for; what is still to be asked."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, Person
from app.bookings.models import Bundle
from app.catalogue.models import Site
from app.infra.db import Base, BigId, Code, Name, Pk, Prose, PublicId
from app.supply.cargo import Cargo, Packaging, Regime
from app.supply.chains.planning.world import Place
from app.supply.chains.rules import Origin


class Chain(Base):
    """What a bundle carries: so much of something, so packed, to be kept at a temperature, from somewhere.

    The bundle is the rest: who asked, its legs, their order and where they stand, the hand-over.
    """

    __tablename__ = "chain"
    __table_args__ = (
        CheckConstraint("grams > 0", name="grams"),
        CheckConstraint("per_package > 0", name="per_package"),
        Index("ix_chain_origin", "origin_kind", "origin_ref"),
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
    )  # the part of an offer that it carries
    origin_kind: Mapped[Code | None]  # what it was drafted for, as that room calls itself
    origin_ref: Mapped[str | None] = mapped_column(String(16))
    surplus_offer_ref: Mapped[str | None] = mapped_column(
        String(16), index=True
    )  # or the offer, where who offers asks for it; where there is neither it was asked for from scratch

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
    def origin(self) -> Origin | None:
        """What it was drafted for, if it was."""
        return Origin(self.origin_kind, self.origin_ref) if self.origin_kind and self.origin_ref else None

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


class ChainDraft(Base):
    """A chain that an organisation has still to ask for: what is to be carried, from where and when, up to where.

    A room above keeps it true, under what it comes from; it is there as long as it can be asked for.
    """

    __tablename__ = "chain_draft"
    __table_args__ = (
        UniqueConstraint("origin_kind", "origin_ref"),
        CheckConstraint("grams > 0 AND per_package > 0", name="grams"),
        CheckConstraint("until_at > from_at", name="span"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    origin_kind: Mapped[Code]
    origin_ref: Mapped[str] = mapped_column(String(16))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    product: Mapped[Name]
    grams: Mapped[int]
    packaging: Mapped[Code]
    per_package: Mapped[int]  # grams
    regime: Mapped[Code]
    is_exact: Mapped[bool]  # weighed or ordered; else it is what is expected
    commune_code: Mapped[str] = mapped_column(String(5))  # "": nobody has said it yet
    place: Mapped[Name]  # where exactly, in words
    lat: Mapped[float | None]  # None: in the middle of its commune
    lon: Mapped[float | None]
    from_at: Mapped[datetime]  # it can be loaded from then on
    until_at: Mapped[datetime]  # and up to then: afterwards there is no draft
    to_site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    by_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    to_site: Mapped[Site | None] = relationship()

    @property
    def point(self) -> tuple[float, float] | None:
        """Where it is to the metre; None where nobody knows."""
        return (self.lat, self.lon) if self.lat is not None and self.lon is not None else None

    @property
    def origin(self) -> Origin:
        """What it is for."""
        return Origin(self.origin_kind, self.origin_ref)

    @property
    def cargo(self) -> Cargo:
        """What all of it is on the road and in store."""
        return Cargo(self.grams, Packaging(self.packaging), self.per_package, Regime(self.regime))


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
