"""What is offered, the parts that were taken of it, and what organisations want to be told of."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.accounts.models import Organisation, Person, Territory
from app.infra.db import Base, BigId, Code, Name, Pk, Prose, PublicId
from app.payments.models.columns import one_of
from app.supply.cargo import Cargo, Packaging, Regime, cost_cents
from app.supply.offers.rules import Category, ClaimState, Point, State

_AT_ONCE: Final = timedelta(minutes=1)  # nobody types an hour that is less than that away


class Goods:
    """So much food of an organisation, packed and kept in one way, at one place: offered, or to be gleaned."""

    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    product: Mapped[Name]
    category: Mapped[Code]
    grams: Mapped[int]
    packaging: Mapped[Code]
    per_package: Mapped[int]  # grams
    regime: Mapped[Code]
    commune_code: Mapped[str] = mapped_column(String(5))
    place: Mapped[Name]  # where exactly, in words
    lat: Mapped[float]
    lon: Mapped[float]

    @declared_attr
    def territory(self) -> Mapped[Territory]:
        """Give the territory whose organisations know of it."""
        return relationship()

    @declared_attr
    def organisation(self) -> Mapped[Organisation]:
        """Give the organisation whose it is."""
        return relationship()

    @property
    def cargo(self) -> Cargo:
        """What all of it is on the road and in store."""
        return Cargo(self.grams, Packaging(self.packaging), self.per_package, Regime(self.regime))

    @property
    def point(self) -> Point:
        """Where it is collected."""
        return Point(self.lat, self.lon)


class SurplusOffer(Goods, Base):
    """What an organisation has too much of: how much, how packed, where, until when, at what price by the kilo."""

    __tablename__ = "surplus_offer"
    __table_args__ = (
        UniqueConstraint("person_id", "idempotency_key"),
        Index("ix_surplus_offer_board", "territory_id", "state", "until_at"),
        CheckConstraint("grams > 0 AND per_package > 0", name="grams"),
        CheckConstraint("price_cents >= 0", name="price_cents"),
        CheckConstraint("until_at > from_at", name="span"),
        CheckConstraint(one_of("category", Category), name="category"),
        CheckConstraint(one_of("packaging", Packaging), name="packaging"),
        CheckConstraint(one_of("regime", Regime), name="regime"),
        CheckConstraint(one_of("state", State), name="state"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who posted it
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]  # it can be collected up to then, and is offered no longer
    use_by: Mapped[date | None]
    price_cents: Mapped[int] = mapped_column(default=0)  # for a kilo; 0: a gift
    note: Mapped[Prose]
    photo: Mapped[str | None] = mapped_column(String(64))  # the digest that names its files
    state: Mapped[Code] = mapped_column(default=State.OPEN)
    reason: Mapped[Prose]  # why it was withdrawn
    told_at: Mapped[datetime | None]  # when those whom it concerns were last told of it
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(80))

    person: Mapped[Person] = relationship()

    @property
    def is_gift(self) -> bool:
        """Tell whether nothing is to be paid for it."""
        return self.price_cents == 0

    @property
    def said_from_at(self) -> datetime | None:
        """Give from when on it can be collected, as it was typed; None where it was at once, at whatever hour."""
        return None if abs(self.from_at - self.created_at) < _AT_ONCE else self.from_at

    def is_open_at(self, now: datetime) -> bool:
        """Tell whether somebody can take a part of it now: a sweep closes it a little after its last moment."""
        return self.state == State.OPEN and now < self.until_at


class SurplusClaim(Base):
    """A part of an offer that an organisation took; one may take several, one after the other."""

    __tablename__ = "surplus_claim"
    __table_args__ = (
        UniqueConstraint("person_id", "idempotency_key"),
        CheckConstraint("grams > 0", name="grams"),
        CheckConstraint("price_cents >= 0", name="price_cents"),
        CheckConstraint(one_of("state", ClaimState), name="state"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    offer_id: Mapped[int] = mapped_column(ForeignKey("surplus_offer.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    grams: Mapped[int]
    price_cents: Mapped[int] = mapped_column(
        server_default=text("0")
    )  # for a kilo, as it was when it was taken
    message: Mapped[Prose]
    state: Mapped[Code] = mapped_column(default=ClaimState.CLAIMED)
    reason: Mapped[Prose]  # why who offers does not give it after all
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    collected_at: Mapped[datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(80))

    offer: Mapped[SurplusOffer] = relationship()
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def cents(self) -> int:
        """What all of it comes to; 0 where it is given."""
        return cost_cents(self.grams, self.price_cents)


class SurplusInterest(Base):
    """What an organisation wants to be told of; without a row, what `rules.Interest` says by itself."""

    __tablename__ = "surplus_interest"
    __table_args__ = (CheckConstraint("radius_km > 0", name="radius_km"),)

    organisation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("organisation.id"), primary_key=True, autoincrement=False
    )
    radius_km: Mapped[int]
    categories: Mapped[list[Any]]
    is_wanted: Mapped[bool]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
