"""Tables of what is shared: sites, their resources, their photos."""

from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation
from app.catalogue.rules import KM_PRICE
from app.infra.db import Base, BigId, Code, Name, Pk, Prose, PublicId


class Mode(StrEnum):
    """How a resource is shared out."""

    EXCLUSIVE = "exclusive"
    STATIONS = "stations"
    QUANTITY = "quantity"
    SEASON = "season"  # asked for by months
    SEATS = "seats"  # counted in places for people


class OpeningMode(StrEnum):
    """What opening hours bind: the whole stay, only its two ends, or nothing."""

    CONTINUOUS = "continuous"
    ENDPOINTS = "endpoints"
    ALWAYS = "always"


class Approval(StrEnum):
    """Who says yes."""

    AUTO = "auto"
    AUTO_FOR_MEMBERS = (
        "auto_for_members"  # organisations up to a priority class (`auto_up_to`) at once, others ask
    )
    AUTO_WITHIN_QUOTA = "auto_within_quota"  # what lies within an organisation's own quota at once
    MANAGER = "manager"
    TWO_STEP = "two_step"  # two different managers of the site, with both functions between them


class Status(StrEnum):
    """Whether a resource can be used."""

    ACTIVE = "active"
    TO_CHECK = "to_check"
    OUT_OF_ORDER = "out_of_order"
    ARCHIVED = "archived"


class Visibility(StrEnum):
    """Who may see that a resource exists."""

    PUBLIC = "public"
    MEMBERS = "members"
    HIDDEN = "hidden"


class Site(Base):
    """A place with an address, a door and somebody who answers for it."""

    __tablename__ = "site"

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[Name]
    description: Mapped[Prose]
    address: Mapped[Name] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(String(5), default="")
    commune_code: Mapped[str] = mapped_column(String(5))
    lat: Mapped[float]
    lon: Mapped[float]
    access_notes: Mapped[Prose]
    phone: Mapped[str] = mapped_column(String(30), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    timezone: Mapped[Code] = mapped_column(default="Europe/Paris")
    school_zone: Mapped[str | None] = mapped_column(String(1))
    source_key: Mapped[str | None] = mapped_column(String(120), unique=True)  # where an import took it from
    revision: Mapped[int] = mapped_column(default=0)  # grows with every change a calendar could show
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    owner: Mapped[Organisation] = relationship()
    resources: Mapped[list["Resource"]] = relationship(back_populates="site")
    photos: Mapped[list["Photo"]] = relationship(
        order_by="Photo.position, Photo.id", foreign_keys="Photo.site_id", back_populates="own_site"
    )


class Resource(Base):
    """Something shared at a site: a kitchen, cold storage, a van, a plot. Lengths in minutes."""

    __tablename__ = "resource"
    __table_args__ = (
        CheckConstraint("capacity >= 1", name="capacity"),
        CheckConstraint(
            "step_minutes >= 1 AND min_minutes >= 1 AND max_minutes >= min_minutes", name="durations"
        ),
        CheckConstraint("buffer_before >= 0 AND buffer_after >= 0", name="buffers"),
        Index("ix_resource_place", "territory_id", "kind"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[Code]
    subtype: Mapped[Code] = mapped_column(default="")
    name: Mapped[Name]
    description: Mapped[Prose]
    house_rules: Mapped[Prose]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # validated by app.catalogue.kinds
    capacity: Mapped[int] = mapped_column(default=1)
    unit: Mapped[Code] = mapped_column(default="whole")
    packs: Mapped[dict[str, Any]] = mapped_column(default=dict)  # smaller units accepted: how many fill one
    mode: Mapped[Code] = mapped_column(default=Mode.EXCLUSIVE)
    opening_mode: Mapped[Code] = mapped_column(default=OpeningMode.CONTINUOUS)
    step_minutes: Mapped[int] = mapped_column(default=30)  # 1440 = whole days
    min_minutes: Mapped[int] = mapped_column(default=60)
    max_minutes: Mapped[int] = mapped_column(default=720)
    buffer_before: Mapped[int] = mapped_column(default=0)
    buffer_after: Mapped[int] = mapped_column(default=0)
    min_notice_minutes: Mapped[int] = mapped_column(default=0)
    horizon_days: Mapped[int] = mapped_column(default=365)
    windows: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by priority class: app.catalogue.windows
    approval: Mapped[Code] = mapped_column(default=Approval.MANAGER)
    auto_up_to: Mapped[str] = mapped_column(
        String(2), default="P2", server_default=text("'P2'")
    )  # AUTO_FOR_MEMBERS
    auto_hours: Mapped[
        int | None
    ]  # at once only up to these a month for each organisation; None: without limit
    holds_request: Mapped[bool] = mapped_column(default=True)  # a waiting request keeps its slot
    answer_hours: Mapped[int] = mapped_column(default=72)  # a request not answered by then expires
    arbitration_hours: Mapped[int] = mapped_column(
        default=0
    )  # so long requests are compared; 0: who comes first
    price_cents: Mapped[int] = mapped_column(default=0)  # shown only; 0 = free
    price_per: Mapped[Code] = mapped_column(default="use")
    free_cancel_hours: Mapped[int] = mapped_column(
        default=0
    )  # before the start; up to then nothing stays due
    late_cancel_percent: Mapped[int] = mapped_column(default=0)  # of the price, from then on
    visibility: Mapped[Code] = mapped_column(default=Visibility.PUBLIC)
    status: Mapped[Code] = mapped_column(default=Status.ACTIVE)
    shows_holder: Mapped[bool] = mapped_column(default=False)  # members may read who has taken a slot
    search_text: Mapped[Prose]  # folded words of name, kind, site and commune
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    site: Mapped[Site] = relationship(back_populates="resources")
    photos: Mapped[list["Photo"]] = relationship(
        order_by="Photo.position, Photo.id", foreign_keys="Photo.resource_id", back_populates="resource"
    )

    @property
    def keeps_requests(self) -> bool:
        """Tell whether a request that waits keeps its time: not where several are compared for the same one."""
        return self.holds_request and not self.arbitration_hours

    @property
    def shows_price(self) -> bool:
        """Tell whether its page says that using it costs something."""
        return bool(self.price_cents or self.facts.get(KM_PRICE))


class Component(Base):
    """What one unit of a resource takes of another one of its site: a hall both its halves, a kit two of the boards."""

    __tablename__ = "component"
    __table_args__ = (
        CheckConstraint("qty >= 1", name="qty"),
        CheckConstraint("whole_id <> part_id", name="other"),
        Index("ix_component_part", "part_id"),
    )

    whole_id: Mapped[int] = mapped_column(BigId, ForeignKey("resource.id"), primary_key=True)
    part_id: Mapped[int] = mapped_column(BigId, ForeignKey("resource.id"), primary_key=True)
    qty: Mapped[int]

    whole: Mapped[Resource] = relationship(foreign_keys=whole_id)
    part: Mapped[Resource] = relationship(foreign_keys=part_id)


class Photo(Base):
    """A picture of a site or a resource; files are named by `digest` in three sizes."""

    __tablename__ = "photo"
    __table_args__ = (CheckConstraint("(site_id IS NULL) <> (resource_id IS NULL)", name="one_subject"),)

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    alt: Mapped[Name]
    width: Mapped[int]
    height: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    own_site: Mapped[Site | None] = relationship(foreign_keys=site_id, back_populates="photos")
    resource: Mapped[Resource | None] = relationship(foreign_keys=resource_id, back_populates="photos")

    @property
    def site(self) -> Site:
        """The site in the photo, or that of the resource in it."""
        return self.resource.site if self.resource else cast("Site", self.own_site)
