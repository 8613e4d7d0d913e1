"""What is bought together, and what each organisation orders of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, Person, Territory
from app.bookings.models import Booking
from app.bookings.rules import LIVE as LIVE_BOOKINGS
from app.infra.db import Base, Code, Name, Pk, Prose, PublicId
from app.payments.models.columns import one_of
from app.supply.cargo import Cargo, Packaging, Regime
from app.supply.chains.rules import Origin
from app.supply.purchases.rules import DRAFTED_AS, OrderState, State


class GroupPurchase(Base):
    """Something ordered together from one supplier: price by the kilo, packages, minimum, until when, where packed."""

    __tablename__ = "group_purchase"
    __table_args__ = (
        UniqueConstraint("person_id", "idempotency_key"),
        Index("ix_group_purchase_board", "territory_id", "state", "deadline_at"),
        CheckConstraint("per_package > 0 AND least_grams > 0", name="grams"),
        CheckConstraint("most_grams >= least_grams", name="most_grams"),
        CheckConstraint("price_cents >= 0", name="price_cents"),
        CheckConstraint(one_of("packaging", Packaging), name="packaging"),
        CheckConstraint(one_of("regime", Regime), name="regime"),
        CheckConstraint(one_of("state", State), name="state"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who opened it
    product: Mapped[Name]
    supplier: Mapped[Name]  # in words: it may be anybody
    price_cents: Mapped[int]  # for a kilo
    packaging: Mapped[Code]
    per_package: Mapped[int]  # grams: it is ordered by whole packages
    regime: Mapped[Code]
    least_grams: Mapped[int]
    most_grams: Mapped[int | None]
    deadline_at: Mapped[datetime]  # nobody orders from then on
    booking_id: Mapped[int | None] = mapped_column(
        ForeignKey("booking.id"), index=True
    )  # where and when it is packed
    bring: Mapped[Prose]
    note: Mapped[Prose]
    state: Mapped[Code] = mapped_column(default=State.OPEN)
    reason: Mapped[Prose]  # why it was cancelled; nothing where the minimum was not reached
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(80))

    territory: Mapped[Territory] = relationship()
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person] = relationship()
    booking: Mapped[Booking | None] = relationship()

    @property
    def origin(self) -> Origin:
        """What chains know it by that fetch it."""
        return Origin(DRAFTED_AS, self.public_id)

    @property
    def is_placed(self) -> bool:
        """Tell whether there is a place where it is packed."""
        return self.booking is not None and self.booking.decision in LIVE_BOOKINGS

    def cargo(self, grams: int) -> Cargo:
        """Tell what so much of it is on the road and in store."""
        return Cargo(grams, Packaging(self.packaging), self.per_package, Regime(self.regime))

    def is_open_at(self, now: datetime) -> bool:
        """Tell whether somebody can order now: a sweep closes it a little after its deadline."""
        return self.state == State.OPEN and now < self.deadline_at


class PurchaseOrder(Base):
    """What an organisation orders of a purchase: one row for each, changed in its place."""

    __tablename__ = "purchase_order"
    __table_args__ = (
        UniqueConstraint("purchase_id", "organisation_id"),
        CheckConstraint("grams > 0", name="grams"),
        CheckConstraint(one_of("state", OrderState), name="state"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    purchase_id: Mapped[int] = mapped_column(ForeignKey("group_purchase.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who ordered last
    grams: Mapped[int]
    message: Mapped[Prose]
    state: Mapped[Code] = mapped_column(default=OrderState.ORDERED)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    purchase: Mapped[GroupPurchase] = relationship()
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person] = relationship()
