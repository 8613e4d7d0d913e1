"""What organisations look for, and who can help."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, Person, Territory
from app.infra.db import Base, Code, Name, Pk, Prose, PublicId
from app.payments.models.columns import one_of
from app.supply.needs.rules import Sort, Source, State, Wanted
from app.supply.offers.rules import Point


class Need(Base):
    """What an organisation looks for: food (what, how much, until when) or a place (its kind, how many, on which days).

    Both within so many kilometres around a commune. Days and hours of a place are kept as the finder takes them.
    """

    __tablename__ = "need"
    __table_args__ = (
        UniqueConstraint("person_id", "idempotency_key"),
        Index("ix_need_board", "territory_id", "state", "until_at"),
        CheckConstraint("radius_km > 0", name="radius_km"),
        CheckConstraint(one_of("sort", Sort), name="sort"),
        CheckConstraint(one_of("state", State), name="state"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who posted it
    sort: Mapped[Code]
    product: Mapped[Name] = mapped_column(default="")  # food: what, in words
    category: Mapped[Code] = mapped_column(default="")  # food: app.supply.offers.rules.Category, "" for any
    grams: Mapped[int | None]  # food: at least
    regime: Mapped[Code] = mapped_column(default="")  # app.supply.cargo.Regime, "" for any
    kind: Mapped[Code] = mapped_column(default="")  # place: of resource
    quantity: Mapped[int] = mapped_column(default=1)  # place
    first_day: Mapped[date | None]  # place
    last_day: Mapped[date | None]  # place
    start_time: Mapped[str] = mapped_column(String(5), default="")  # place: "08:00"
    end_time: Mapped[str] = mapped_column(String(5), default="")
    commune_code: Mapped[str] = mapped_column(String(5))
    lat: Mapped[float]
    lon: Mapped[float]
    radius_km: Mapped[int]
    until_at: Mapped[datetime]  # it is looked for up to then
    note: Mapped[Prose]
    state: Mapped[Code] = mapped_column(default=State.OPEN)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(80))

    territory: Mapped[Territory] = relationship()
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def point(self) -> Point:
        """Around where it is looked for."""
        return Point(self.lat, self.lon)

    @property
    def wanted(self) -> Wanted:
        """What of an offer has to fit."""
        return Wanted(self.product, self.category, self.regime, self.radius_km, self.until_at)

    def is_open_at(self, now: datetime) -> bool:
        """Tell whether somebody can help now: a sweep closes it a little after its last moment."""
        return self.state == State.OPEN and now < self.until_at


class UnmetCount(Base):
    """How often something was looked for in vain in a week (its Monday): counts, nobody's name, no words of anybody."""

    __tablename__ = "unmet_count"
    __table_args__ = (
        UniqueConstraint("territory_id", "week", "source", "kind", "commune_code", "regime"),
        CheckConstraint(one_of("source", Source), name="source"),
    )

    id: Mapped[Pk]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    week: Mapped[date] = mapped_column(index=True)
    source: Mapped[Code]
    kind: Mapped[Code]  # of resource; "" for any
    commune_code: Mapped[str] = mapped_column(String(5))  # "" where nobody said
    regime: Mapped[Code]  # "" for any
    number: Mapped[int]


class NeedAnswer(Base):
    """An organisation that says that it can help, and how."""

    __tablename__ = "need_answer"
    __table_args__ = (UniqueConstraint("person_id", "idempotency_key"),)

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    message: Mapped[Prose]
    created_at: Mapped[datetime]
    idempotency_key: Mapped[str | None] = mapped_column(String(80))

    need: Mapped[Need] = relationship()
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person] = relationship()
