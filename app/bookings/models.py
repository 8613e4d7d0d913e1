"""Tables of the heart: bookings, series and bundles of them, who agreed, the talk, the links that decide by e-mail."""

from datetime import date, datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    exists,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.accounts.functions import HoldsFunctions
from app.accounts.models import Organisation, Person
from app.availability.models import Claim, QuotaTerms
from app.catalogue.models import Resource
from app.catalogue.packs import Pack
from app.core.span import Span
from app.infra.db import Base, Code, Name, Pk, Prose, PublicId


class Booking(Base):
    """A resource asked for or reserved. Two small machines: `decision` (may they?) and `use` (did they?).

    `start_at`/`end_at` are what people see, without buffers; the capacity is taken by the hold's claims.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("end_at > start_at", name="span"),
        CheckConstraint("quantity > 0", name="quantity"),
        UniqueConstraint("requester_id", "idempotency_key"),
        Index("uq_booking_series_recurrence", "series_id", "recurrence_id", unique=True),
        Index("uq_booking_bundle_leg", "bundle_id", "leg_number", unique=True),
        Index("ix_booking_resource_time", "resource_id", "start_at"),
        Index("ix_booking_organisation_time", "organisation_id", "start_at"),
        Index("ix_booking_requester_time", "requester_id", "start_at"),
        Index("ix_booking_waiting", "decision", "expires_at"),
        Index("ix_booking_absences", "organisation_id", "use", "start_at"),
        Index("ix_booking_elsewhere", "elsewhere_of_id"),
    )

    id: Mapped[Pk]
    ref: Mapped[PublicId]
    uid: Mapped[str] = mapped_column(String(80), unique=True)  # of the calendar event, for life
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    requester_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_as: Mapped[Code] = mapped_column(
        default="", server_default=text("''")
    )  # for others: app.bookings.roles
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("hold.id", ondelete="SET NULL"), unique=True)
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    quantity: Mapped[int] = mapped_column(Integer, default=1)
    pack_unit: Mapped[Code | None]  # what is brought, where it was asked for in a smaller unit
    pack_number: Mapped[int | None]
    pack_per: Mapped[int | None]
    purpose: Mapped[Name]
    people: Mapped[int | None] = mapped_column(Integer)
    decision: Mapped[Code]  # app.bookings.rules.DECISION
    use: Mapped[Code]  # app.bookings.rules.USE
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_for_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id")
    )  # in whose place, by delegation
    decided_at: Mapped[datetime | None]
    reason: Mapped[Prose]  # of the last decision: why refused, why cancelled
    expires_at: Mapped[datetime | None]  # an unanswered request ends here
    reminded_at: Mapped[
        datetime | None
    ]  # of a yes that is awaited or, once it is over, of what was not measured
    free_until: Mapped[datetime | None]  # given up by then, nothing stays due; None: never anything
    late_percent: Mapped[int] = mapped_column(
        Integer, default=0
    )  # of the price, as promised when it was asked for
    due_percent: Mapped[int] = mapped_column(Integer, default=0)  # of the price: given up too late
    moved_late_percent: Mapped[int] = mapped_column(
        Integer, default=0, server_default=text("0")
    )  # of the price: due if it is given up, because it was moved when that already cost something
    recalled_at: Mapped[datetime | None]  # some of it was another's quota, which was called back then
    given_back: Mapped[list[Any]] = mapped_column(
        default=list, server_default=text("'[]'")
    )  # what was called back of it: stretches of [start, end, units], epoch seconds (app.bookings.recalls)
    recalls: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )  # it waits for the yes that calls its own quota back, and keeps nothing until then
    idempotency_key: Mapped[str | None] = mapped_column(String(80))
    idempotency_digest: Mapped[str | None] = mapped_column(String(64))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    recurrence_id: Mapped[date | None] = mapped_column(
        Date
    )  # the local day the series' rule gives it, wherever it was moved alone
    elsewhere_of_id: Mapped[int | None] = mapped_column(
        ForeignKey("series.id")
    )  # the series whose date it is, at another place: a booking alone, answered there (docs/series.md)
    bundle_id: Mapped[int | None] = mapped_column(ForeignKey("bundle.id"))
    leg_number: Mapped[int | None] = mapped_column(
        Integer
    )  # its place in the bundle, from 1; none once it was replaced or let go
    leg_gap_minutes: Mapped[int] = mapped_column(
        Integer, default=0, server_default=text("0")
    )  # what lies at least between what comes before it in the bundle and its own start: a drive
    foreseen_metres: Mapped[
        int | None
    ]  # how far it will probably drive, and what it will hold, as a leg of a
    foreseen_grams: Mapped[int | None]  # plan: what it costs is estimated by it until it is measured
    revision: Mapped[int] = mapped_column(default=0)  # grows with every change a calendar shows
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    series: Mapped["Series | None"] = relationship(foreign_keys=series_id)
    elsewhere_of: Mapped["Series | None"] = relationship(foreign_keys=elsewhere_of_id)
    bundle: Mapped["Bundle | None"] = relationship(back_populates="legs")
    proposal: Mapped["Proposal | None"] = relationship(
        primaryjoin="and_(Proposal.booking_id == Booking.id, Proposal.state == 'open')",
        uselist=False,
        viewonly=True,
    )  # the one that waits for an answer
    resource: Mapped[Resource] = relationship()
    organisation: Mapped[Organisation] = relationship()
    requester: Mapped[Person] = relationship(foreign_keys=requester_id)
    decided_by: Mapped[Person | None] = relationship(foreign_keys=decided_by_id)
    decided_for: Mapped[Person | None] = relationship(foreign_keys=decided_for_id)
    approvals: Mapped[list["BookingApproval"]] = relationship(
        order_by="BookingApproval.id", cascade="all, delete-orphan"
    )
    takes_shared: Mapped[bool] = column_property(
        exists().where(Claim.hold_id == hold_id, QuotaTerms.resource_id == Claim.resource_id), deferred=True
    )  # anything of which organisations have quotas

    @property
    def span(self) -> Span:
        """The time people see."""
        return Span(self.start_at, self.end_at)

    @property
    def as_asked(self) -> str:
        """A short value of what is asked for, which changes with it: place, time, quantity and what is brought.

        Unlike the revision it stays where only an answer or a name changed, and an older page is still right.
        """
        times = int(self.start_at.timestamp()), int(self.end_at.timestamp())
        asked = (self.ref, self.resource_id, *times, self.quantity, *(self.pack or ()))
        return blake2b(repr(asked).encode(), digest_size=8).hexdigest()

    @property
    def pack(self) -> Pack | None:
        """What is brought in a smaller unit, as it was converted when it was asked for."""
        if self.pack_unit is None or self.pack_number is None or self.pack_per is None:
            return None
        return Pack(self.pack_unit, self.pack_number, self.pack_per)

    @pack.setter
    def pack(self, pack: Pack | None) -> None:
        self.pack_unit, self.pack_number, self.pack_per = pack or (None, None, None)


class BookingApproval(HoldsFunctions, Base):
    """One yes where two people have to agree, with the functions its giver held at that moment."""

    __tablename__ = "booking_approval"
    __table_args__ = (UniqueConstraint("booking_id", "person_id"),)

    id: Mapped[Pk]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # in whose place, by delegation
    at: Mapped[datetime]


class Series(Base):
    """A rule by which a resource is asked for again and again; each occurrence is a booking of its own.

    The row describes what is still to come: occurrences that are over keep the times they had.
    """

    __tablename__ = "series"
    __table_args__ = (
        CheckConstraint("end_minute > start_minute", name="minutes"),
        CheckConstraint("quantity > 0", name="quantity"),
        UniqueConstraint("requester_id", "idempotency_key"),
        Index("ix_series_extension", "state", "extended_to"),
    )

    id: Mapped[Pk]
    ref: Mapped[PublicId]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    requester_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_as: Mapped[Code] = mapped_column(default="", server_default=text("''"))
    rule: Mapped[dict[str, Any]]  # app.core.recurrence.Rule
    timezone: Mapped[str] = mapped_column(String(40))
    start_minute: Mapped[int] = mapped_column(Integer)  # wall times, from the midnight that begins the day
    end_minute: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(Integer, default=1)
    purpose: Mapped[Name]
    people: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[Code]  # app.bookings.rules.SERIES_STATES
    extended_to: Mapped[date] = mapped_column(Date)  # days up to this one (included) are bookings already
    idempotency_key: Mapped[str | None] = mapped_column(String(80))
    idempotency_digest: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    resource: Mapped[Resource] = relationship()
    organisation: Mapped[Organisation] = relationship()
    requester: Mapped[Person] = relationship()


class Bundle(Base):
    """Several resources asked for in one act, all or none; each leg is a booking with a manager of its own.

    The row has no state: where a bundle stands is read from its legs (app.bookings.rules.bundle_state).
    """

    __tablename__ = "bundle"
    __table_args__ = (UniqueConstraint("requester_id", "idempotency_key"),)

    id: Mapped[Pk]
    ref: Mapped[PublicId]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    requester_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[Name]
    people: Mapped[int | None] = mapped_column(Integer)
    in_order: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )  # each leg, by its number, begins once the one before it is over (app.bookings.order)
    handover_at: Mapped[datetime | None]  # what came of it is handed over, after the last leg; books nothing
    idempotency_key: Mapped[str | None] = mapped_column(String(80))
    idempotency_digest: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()
    requester: Mapped[Person] = relationship()
    legs: Mapped[list[Booking]] = relationship(back_populates="bundle", order_by=Booking.id)


class BookingMessage(Base):
    """One message of the talk between both sides of a booking."""

    __tablename__ = "booking_message"

    id: Mapped[Pk]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    written_as: Mapped[Code] = mapped_column(default="", server_default=text("''"))  # app.bookings.roles
    text: Mapped[Prose]
    at: Mapped[datetime]

    author: Mapped[Person] = relationship()


class DecisionLink(Base):
    """The stored side of the link by which one manager decides from an e-mail."""

    __tablename__ = "decision_link"

    id: Mapped[Pk]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))  # it answers all that wait of it
    bundle_id: Mapped[int | None] = mapped_column(
        ForeignKey("bundle.id")
    )  # and so here, for its reader's legs

    booking: Mapped[Booking] = relationship()
    person: Mapped[Person] = relationship()


class Proposal(Base):
    """Another slot offered in answer to a request: other times, another place or quantity; one open at most.

    Its hold takes what it needs beyond what the request keeps. `is_binding`: whoever made it answers for both places,
    so that accepting it is all that is left to do; else the place still has to answer.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("end_at > start_at", name="span"),
        CheckConstraint("quantity > 0", name="quantity"),
        Index(
            "uq_proposal_open",
            "booking_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_proposal_booking", "booking_id"),
        Index("ix_proposal_due", "state", "expires_at"),
    )

    id: Mapped[Pk]
    ref: Mapped[PublicId]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("hold.id", ondelete="SET NULL"), unique=True)
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    quantity: Mapped[int] = mapped_column(Integer, default=1)
    message: Mapped[Prose]
    state: Mapped[Code]  # app.bookings.rules.PROPOSAL
    is_binding: Mapped[bool]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # in whose place, by delegation
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    booking: Mapped[Booking] = relationship()
    resource: Mapped[Resource] = relationship()
    made_by: Mapped[Person] = relationship(foreign_keys=made_by_id)
    made_for: Mapped[Person | None] = relationship(foreign_keys=made_for_id)

    @property
    def span(self) -> Span:
        """The time people would see."""
        return Span(self.start_at, self.end_at)


class Waiting(Base):
    """Somebody who waits for a slot that is taken: in line for it, or only to be told when it is free.

    Whoever comes first (the lowest id) and still fits is offered what is freed: `hold_id` keeps it until `expires_at`.
    """

    __tablename__ = "waiting"
    __table_args__ = (
        CheckConstraint("end_at > start_at", name="span"),
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_waiting_resource", "resource_id", "state"),
        Index("ix_waiting_person", "person_id", "state"),
        Index("ix_waiting_due", "state", "expires_at"),
    )

    id: Mapped[Pk]
    ref: Mapped[PublicId]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id")
    )  # none: only to be told
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # As which organisation whoever only wants to be told would ask: each may ask from another day on.
    told_for_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    mode: Mapped[Code]  # app.bookings.rules.IN_LINE, TO_TELL
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    quantity: Mapped[int] = mapped_column(Integer, default=1)
    purpose: Mapped[Name]
    people: Mapped[int | None] = mapped_column(Integer)
    message: Mapped[Prose]  # to the manager, once it is asked for
    state: Mapped[Code]  # app.bookings.rules.WAITING
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("hold.id", ondelete="SET NULL"), unique=True)
    expires_at: Mapped[datetime | None]  # of what is offered
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))  # what became of it
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    resource: Mapped[Resource] = relationship()
    organisation: Mapped[Organisation | None] = relationship(foreign_keys=organisation_id)
    told_for: Mapped[Organisation | None] = relationship(foreign_keys=told_for_id)
    person: Mapped[Person] = relationship()
    booking: Mapped[Booking | None] = relationship()

    @property
    def span(self) -> Span:
        """The time they want."""
        return Span(self.start_at, self.end_at)
