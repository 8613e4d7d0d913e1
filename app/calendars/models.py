"""Tables of subscriptions to feeds, and of the written events they are joined from."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.infra.db import Base, Code, Pk, PublicId


class Subscription(Base):
    """A private link to a feed: revocable alone, stored hashed. `scope_id` is the row of its scope's table.

    `scope` and `audience` are words of app.calendars.audiences; `audience` is the most this link may ever tell.
    """

    __tablename__ = "subscription"
    __table_args__ = (Index("ix_subscription_owner", "person_id", "scope", "scope_id"),)

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    scope: Mapped[Code]
    scope_id: Mapped[int]
    audience: Mapped[Code]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_fetched_at: Mapped[datetime | None]
    last_client: Mapped[str] = mapped_column(String(160), default="")

    person: Mapped[Person] = relationship()


class FeedFragment(Base):
    """One booking written as a calendar event, for one audience and language, as of one revision.

    `revision` is the event's SEQUENCE; `renderer` tells by which writer and words, so that new ones write anew.
    """

    __tablename__ = "feed_fragment"

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True)
    audience: Mapped[Code] = mapped_column(primary_key=True)
    locale: Mapped[Code] = mapped_column(primary_key=True)
    renderer: Mapped[Code]
    revision: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)
