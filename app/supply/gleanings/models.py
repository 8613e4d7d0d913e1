"""Calls for gleaners, and who signed up."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.infra.db import Base, Code, Name, Pk, Prose, PublicId
from app.payments.models.columns import one_of
from app.supply.cargo import Cargo, Packaging, Regime
from app.supply.chains.rules import Origin
from app.supply.gleanings.rules import DRAFTED_AS, Place, State
from app.supply.offers.models import Goods
from app.supply.offers.rules import Category


class Gleaning(Goods, Base):
    """A field, a day, and how many people are needed there; its `grams` are what is expected."""

    __tablename__ = "gleaning"
    __table_args__ = (
        UniqueConstraint("person_id", "idempotency_key"),
        Index("ix_gleaning_board", "territory_id", "state", "start_at"),
        CheckConstraint("grams > 0 AND per_package > 0", name="grams"),
        CheckConstraint("real_grams > 0", name="real_grams"),
        CheckConstraint("end_at > start_at", name="span"),
        CheckConstraint("least_people > 0 AND most_people >= least_people", name="people"),
        CheckConstraint("min_age >= 0", name="min_age"),
        CheckConstraint(one_of("category", Category), name="category"),
        CheckConstraint(one_of("packaging", Packaging), name="packaging"),
        CheckConstraint(one_of("regime", Regime), name="regime"),
        CheckConstraint(one_of("state", State), name="state"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who called
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    least_people: Mapped[int]
    most_people: Mapped[int]
    min_age: Mapped[int | None]
    meeting_point: Mapped[Name]
    ask_for: Mapped[Name]  # who is there, in words
    tools_provided: Mapped[Prose]
    tools_to_bring: Mapped[Prose]
    rain: Mapped[Prose]  # what happens then
    note: Mapped[Prose]
    state: Mapped[Code] = mapped_column(default=State.OPEN)
    reason: Mapped[Prose]  # why it was cancelled
    real_grams: Mapped[int | None]  # what was picked up
    came: Mapped[int | None]  # how many people: kept when the sign-ups are gone
    revision: Mapped[int] = mapped_column(default=0)  # grows with every change, for calendars
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(80))

    person: Mapped[Person] = relationship()

    @property
    def origin(self) -> Origin:
        """What chains know it by that carry what is picked up."""
        return Origin(DRAFTED_AS, self.public_id)

    @property
    def harvest(self) -> Cargo:
        """What was picked up, as far as that is known, else what is expected."""
        return self.cargo.of(self.real_grams or self.grams)

    def takes_people_at(self, now: datetime) -> bool:
        """Tell whether people sign up and withdraw still."""
        return self.state == State.OPEN and now < self.start_at

    def may_change_at(self, now: datetime) -> bool:
        """Tell whether what it says can still be another thing, or it can be cancelled."""
        return self.state == State.OPEN and now < self.end_at

    def has_begun_at(self, now: datetime) -> bool:
        """Tell whether it takes place, or took place."""
        return self.state != State.CANCELLED and now >= self.start_at


class GleaningSignUp(Base):
    """Somebody who comes, alone or with others, or would; gone when they withdraw, and 30 days after it."""

    __tablename__ = "gleaning_sign_up"
    __table_args__ = (
        UniqueConstraint("gleaning_id", "person_id"),
        CheckConstraint("people > 0", name="people"),
        CheckConstraint(one_of("place", Place), name="place"),
    )

    id: Mapped[Pk]  # in the order of the line
    public_id: Mapped[PublicId]
    gleaning_id: Mapped[int] = mapped_column(ForeignKey("gleaning.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    people: Mapped[int]
    place: Mapped[Code]
    waiting: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # in line, while the others go
    came: Mapped[bool | None]
    created_at: Mapped[datetime]

    gleaning: Mapped[Gleaning] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def is_going(self) -> bool:
        """Tell whether they have a place, all or some of them."""
        return self.place == Place.GOING

    @property
    def in_line(self) -> int:
        """Count those who wait for a place."""
        return self.waiting if self.is_going else self.people

    @property
    def all_people(self) -> int:
        """Count all who would come."""
        return self.people + self.waiting
