"""Tables of time: opening schedules in two forms, guards to lock, holds, and the claims that take capacity.

Claims and their guards follow measured rules (docs/locking.md): a row exists if and only if it takes capacity.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.core.span import Span
from app.infra.db import Base, BigId, Code, Pk, Prose, PublicId

MAX_CLAIM_SECONDS = 604_800  # a week: longer stays are cut, so that one B-tree range finds every overlap


class HoldKind(StrEnum):
    """Who takes the capacity."""

    BOOKING = "booking"
    CLOSURE = "closure"
    IMPORT = "import"


class Schedule(Base):
    """The opening hours of a site, or of one resource where they differ, in OSM syntax.

    `school_zone` and `timezone` are the site's. The rules below are compiled from `expression` for search by SQL.
    """

    __tablename__ = "schedule"
    __table_args__ = (CheckConstraint("(site_id IS NULL) <> (resource_id IS NULL)", name="one_subject"),)

    id: Mapped[Pk]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), unique=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"), unique=True)
    expression: Mapped[Prose]
    timezone: Mapped[Code]
    school_zone: Mapped[str | None]
    compiled_until: Mapped[int] = mapped_column(default=0)  # day number (date.toordinal) the exceptions reach


class OpeningRule(Base):
    """Open every such weekday from `start_min` to `end_min` (local minutes of one civil day), unless excepted."""

    __tablename__ = "opening_rule"
    __table_args__ = (Index("ix_opening_rule_lookup", "schedule_id", "weekday", "start_min", "end_min"),)

    id: Mapped[Pk]
    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedule.id", ondelete="CASCADE"))
    weekday: Mapped[int] = mapped_column(Integer)  # Monday is 0
    start_min: Mapped[int] = mapped_column(Integer)
    end_min: Mapped[int] = mapped_column(Integer)


class OpeningException(Base):
    """The hours of one day that differ from the weekly rule; a closed day is one row from 0 to 0."""

    __tablename__ = "opening_exception"
    __table_args__ = (
        Index("ix_opening_exception_lookup", "schedule_id", "day", "start_min", "end_min"),
        Index("ix_opening_exception_day", "day", "schedule_id", "start_min", "end_min"),
    )

    id: Mapped[Pk]
    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedule.id", ondelete="CASCADE"))
    day: Mapped[int] = mapped_column(Integer)  # date.toordinal()
    start_min: Mapped[int] = mapped_column(Integer)
    end_min: Mapped[int] = mapped_column(Integer)


class ResourceGuard(Base):
    """The row to lock before touching a resource's claims. `rev` grows with each change: an ETag for calendars."""

    __tablename__ = "resource_guard"

    resource_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("resource.id"), primary_key=True, autoincrement=False
    )
    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedule.id"), index=True)
    rev: Mapped[int] = mapped_column(default=0)


class Hold(Base):
    """One taker of capacity, with all its claims; `expires_at` (epoch seconds) lets a forgotten one be dropped."""

    __tablename__ = "hold"
    __table_args__ = (Index("ix_hold_expires_at", "expires_at"),)

    id: Mapped[Pk]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id")
    )  # whose quota it counts in
    kind: Mapped[Code]
    expires_at: Mapped[int | None]


class Claim(Base):
    """Capacity taken: `qty` of a resource from `start_at` to `end_at` (UTC epoch seconds, half-open, with buffers)."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint(f"end_at > start_at AND end_at - start_at <= {MAX_CLAIM_SECONDS}", name="bounded"),
        CheckConstraint("qty > 0", name="qty"),
        Index("ix_claim_resource", "resource_id", "start_at", "end_at", "qty"),
        Index("ix_claim_window", "start_at", "end_at", "resource_id", "qty"),
    )

    id: Mapped[Pk]
    hold_id: Mapped[int] = mapped_column(ForeignKey("hold.id", ondelete="CASCADE"), index=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    start_at: Mapped[int]
    end_at: Mapped[int]
    qty: Mapped[int] = mapped_column(Integer)
    buffer_before: Mapped[int] = mapped_column(
        Integer, default=0
    )  # minutes inside the claim, as of when it was taken
    buffer_after: Mapped[int] = mapped_column(Integer, default=0)
    alone: Mapped[bool] = mapped_column(
        default=False
    )  # capacity 1: PostgreSQL's exclusion constraint applies
    via_id: Mapped[int | None]  # the resource it is taken with, as a part of it; none when wished for itself


class QuotaTerms(Base):
    """How the quotas of a resource are lent and called back (app.availability.sharing); only where it has some."""

    __tablename__ = "quota_terms"
    __table_args__ = (
        CheckConstraint("lend_days >= 0", name="lend_days"),
        CheckConstraint("recall_hours >= 1", name="recall_hours"),
    )

    resource_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("resource.id"), primary_key=True, autoincrement=False
    )
    lend_days: Mapped[int | None]  # what is not used is lent for times so near; None: never
    recall_hours: Mapped[int]


class Quota(Base):
    """What one organisation can always have of a resource."""

    __tablename__ = "quota"
    __table_args__ = (CheckConstraint("qty >= 1", name="qty"),)

    resource_id: Mapped[int] = mapped_column(BigId, ForeignKey("resource.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("organisation.id"), primary_key=True, index=True
    )
    qty: Mapped[int]


class Closure(Base):
    """A site or resource closed for a reason; its hold takes all that is free and all that becomes free."""

    __tablename__ = "closure"
    __table_args__ = (CheckConstraint("(site_id IS NULL) <> (resource_id IS NULL)", name="one_subject"),)

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"), index=True)
    hold_id: Mapped[int] = mapped_column(ForeignKey("hold.id", ondelete="RESTRICT"), unique=True)
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    reason: Mapped[Prose]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]

    @property
    def span(self) -> Span:
        """The time it closes."""
        return Span(self.start_at, self.end_at)
