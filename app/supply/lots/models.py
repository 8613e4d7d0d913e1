"""Lots, what each was made of, and the notes with which they went from one organisation to the next."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, Person, Territory
from app.catalogue.models import Resource
from app.infra.db import Base, BigId, Code, Name, Pk, Prose, PublicId
from app.payments.models.columns import one_of
from app.supply.cargo import Cargo, Packaging, Regime
from app.supply.lots.limits import Source, Verdict
from app.supply.lots.rules import IncidentState, LotState, NoteState, Outcome


class Lot(Base):
    """So many grams of one food that an organisation has, from one origin, kept in one way."""

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("person_id", "idempotency_key"),
        Index("ix_lot_holder", "organisation_id", "state", "id"),
        CheckConstraint("grams > 0", name="grams"),
        CheckConstraint("(packaging IS NULL) = (per_package IS NULL)", name="packed"),
        CheckConstraint(one_of("regime", Regime), name="regime"),
        CheckConstraint(one_of("state", LotState), name="state"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))  # whose it is
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id")
    )  # who entered it; None: signed for on the giver's telephone
    product: Mapped[Name]
    folded: Mapped[str] = mapped_column(
        Text, server_default=text("''")
    )  # the product as people type it: core.ids.plain
    grams: Mapped[int]  # as it came; what is left is counted
    packaging: Mapped[Code | None]
    per_package: Mapped[int | None]  # grams
    regime: Mapped[Code]
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # who it came from
    origin: Mapped[Name] = mapped_column(default="")  # the same in words, where that is nobody here
    surplus_claim_ref: Mapped[str | None] = mapped_column(
        String(16), index=True
    )  # the part of an offer it was
    bundle_id: Mapped[int | None] = mapped_column(ForeignKey("bundle.id"), index=True)  # the chain it goes by
    resource_id: Mapped[int | None] = mapped_column(
        ForeignKey("resource.id"), index=True
    )  # where it is stored
    use_by: Mapped[date | None]  # past, nobody eats it
    best_before: Mapped[date | None]  # past, it is still good
    received_on: Mapped[date]
    note: Mapped[Prose]
    state: Mapped[Code] = mapped_column(default=LotState.HELD)
    reason: Mapped[Prose]  # why what was left was destroyed
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(80))

    territory: Mapped[Territory] = relationship()
    organisation: Mapped[Organisation] = relationship(foreign_keys=organisation_id)
    origin_organisation: Mapped[Organisation | None] = relationship(foreign_keys=origin_id)
    resource: Mapped[Resource | None] = relationship()

    @property
    def cargo(self) -> Cargo | None:
        """What it is in packages; None where nobody said how it is packed."""
        if self.packaging is None or self.per_package is None:
            return None
        return Cargo(self.grams, Packaging(self.packaging), self.per_package, Regime(self.regime))

    def is_spoilt_on(self, day: date) -> bool:
        """Tell whether its use-by date is past on a day: it may be handed over up to that date."""
        return self.use_by is not None and self.use_by < day


class Handover(Base):
    """A hand-over note: who gives what to whom, how warm it was, and who signed that they gave and that they got it.

    Without a receiver it goes to people, of whom only the number is known.
    """

    __tablename__ = "handover"
    __table_args__ = (
        UniqueConstraint("person_id", "idempotency_key"),
        Index("ix_handover_giver", "giver_id", "id"),
        Index("ix_handover_receiver", "receiver_id", "id"),
        CheckConstraint("giver_id <> receiver_id", name="sides"),
        CheckConstraint("packages >= 0", name="packages"),
        CheckConstraint("people >= 0 AND (people IS NULL OR receiver_id IS NULL)", name="people"),
        CheckConstraint(one_of("state", NoteState), name="state"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    giver_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    receiver_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    people: Mapped[int | None]
    bundle_id: Mapped[int | None] = mapped_column(ForeignKey("bundle.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who wrote it
    at: Mapped[datetime]
    tenths: Mapped[int | None]  # of a degree Celsius
    packages: Mapped[int | None]
    is_food_aid: Mapped[bool] = mapped_column(default=True)
    note: Mapped[Prose]
    state: Mapped[Code] = mapped_column(default=NoteState.DRAFTED)
    given_at: Mapped[datetime | None]
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    given_name: Mapped[Name] = mapped_column(default="")
    given_digest: Mapped[str | None] = mapped_column(String(64))  # of all that was signed (rules of signing)
    received_at: Mapped[datetime | None]
    received_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id")
    )  # None: on the giver's telephone
    received_name: Mapped[Name] = mapped_column(default="")
    received_digest: Mapped[str | None] = mapped_column(String(64))
    received_tenths: Mapped[int | None]  # of a degree Celsius, as the receiver measured it
    reason: Mapped[Prose]  # why it was refused, taken in part, or cancelled
    reason_digest: Mapped[str | None] = mapped_column(
        String(64)
    )  # of why less came: the words go, this stays
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(80))

    territory: Mapped[Territory] = relationship()
    giver: Mapped[Organisation] = relationship(foreign_keys=giver_id)
    receiver: Mapped[Organisation | None] = relationship(foreign_keys=receiver_id)
    lines: Mapped[list["HandoverLine"]] = relationship(
        back_populates="handover", order_by="HandoverLine.id", cascade="all, delete-orphan"
    )
    answer: Mapped["HandoverAnswer | None"] = relationship()

    @property
    def is_on_the_spot(self) -> bool:
        """Tell whether it was signed in the receiver's name with no account of the receiver."""
        return self.received_at is not None and self.received_by_id is None

    @property
    def is_distribution(self) -> bool:
        """Tell whether it goes to people rather than to an organisation."""
        return self.receiver_id is None


class HandoverAnswer(Base):
    """What a member of the receiver says of a signature on the giver's telephone: it is right, or why it is not."""

    __tablename__ = "handover_answer"

    id: Mapped[Pk]
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    is_right: Mapped[bool]
    reason: Mapped[Prose]
    at: Mapped[datetime]


class HandoverLine(Base):
    """How much of one lot a note hands over, and how much of that was taken."""

    __tablename__ = "handover_line"
    __table_args__ = (
        UniqueConstraint("handover_id", "lot_id"),
        CheckConstraint("grams > 0 AND received_grams >= 0 AND received_grams <= grams", name="grams"),
        CheckConstraint(f"returned IS NULL OR {one_of('returned', Outcome)}", name="returned"),
    )

    id: Mapped[Pk]
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    grams: Mapped[int]
    received_grams: Mapped[int | None]
    returned: Mapped[Code | None]  # what became of what came back, once who gave has said so
    return_reason: Mapped[Prose]

    handover: Mapped[Handover] = relationship(back_populates="lines")
    lot: Mapped[Lot] = relationship()

    @property
    def moved_grams(self) -> int:
        """How much of the lot went to the other side, as far as is known: none of what was refused or cancelled."""
        if self.handover.state in {NoteState.REFUSED, NoteState.CANCELLED}:
            return 0
        return self.grams if self.received_grams is None else self.received_grams

    @property
    def came_back_grams(self) -> int:
        """How much of what was given came back: all that was refused, what was missing where less was received."""
        if self.handover.state == NoteState.REFUSED:
            return self.grams
        return self.grams - (self.grams if self.received_grams is None else self.received_grams)


class LotSource(Base):
    """What a lot came of: so many grams of another one, by a line of a note, or made of it in the same house."""

    __tablename__ = "lot_source"
    __table_args__ = (
        UniqueConstraint("lot_id", "source_id"),
        CheckConstraint("grams > 0", name="grams"),
        CheckConstraint("lot_id <> source_id", name="other"),
    )

    id: Mapped[Pk]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    grams: Mapped[int]
    line_id: Mapped[int | None] = mapped_column(ForeignKey("handover_line.id"))

    lot: Mapped[Lot] = relationship(foreign_keys=lot_id)
    source: Mapped[Lot] = relationship(foreign_keys=source_id)
    line: Mapped[HandoverLine | None] = relationship()


class TemperatureReading(Base):
    """How warm a storage place was at a moment, and what that meant then: limits may change, readings do not."""

    __tablename__ = "temperature_reading"
    __table_args__ = (
        UniqueConstraint("person_id", "idempotency_key"),
        Index("ix_temperature_reading_place", "resource_id", "at"),
        CheckConstraint(one_of("verdict", Verdict), name="verdict"),
    )

    id: Mapped[Pk]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who noted it
    at: Mapped[datetime]
    tenths: Mapped[int]  # of a degree Celsius
    verdict: Mapped[Code]
    incident_id: Mapped[int | None] = mapped_column(
        ForeignKey("incident.id"), index=True
    )  # which it opened, or made worse
    idempotency_key: Mapped[str | None] = mapped_column(String(80))

    resource: Mapped[Resource] = relationship()
    person: Mapped[Person] = relationship()
    corrections: Mapped[list["ReadingCorrection"]] = relationship(order_by="ReadingCorrection.id")


class ReadingCorrection(Base):
    """Somebody looked again at a reading: it had been mistyped, or, where both figures are the same, it is right."""

    __tablename__ = "reading_correction"

    id: Mapped[Pk]
    reading_id: Mapped[int] = mapped_column(ForeignKey("temperature_reading.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    was_tenths: Mapped[int]
    tenths: Mapped[int]
    reason: Mapped[Prose]

    person: Mapped[Person] = relationship()

    @property
    def is_confirmed(self) -> bool:
        """Tell whether the figure was found to be right."""
        return self.was_tenths == self.tenths


class Incident(Base):
    """A cold chain that broke, in a place or at a hand-over: what was measured, which lots, what was done.

    While it is open its lots, or what came back of them, are handed over to nobody.

    `organisation` answers for it: whose place it is, or who gave.
    """

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint("(resource_id IS NULL) <> (handover_id IS NULL)", name="one_place"),
        CheckConstraint(one_of("state", IncidentState), name="state"),
        CheckConstraint(one_of("limit_source", Source), name="limit_source"),
    )

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"), index=True)
    handover_id: Mapped[int | None] = mapped_column(ForeignKey("handover.id"), index=True)
    at: Mapped[datetime]
    tenths: Mapped[int]  # the warmest that was measured
    limit_tenths: Mapped[int]  # from which on it is an alarm
    limit_source: Mapped[Code]
    state: Mapped[Code] = mapped_column(default=IncidentState.OPEN)
    is_mistyped: Mapped[bool] = mapped_column(default=False)  # nothing was too warm: a figure was wrong
    measures: Mapped[Prose]  # what was done; of what was mistyped, why
    why_unmeasured: Mapped[Prose]  # why no reading in range was there when it was closed
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    territory: Mapped[Territory] = relationship()
    organisation: Mapped[Organisation] = relationship()
    resource: Mapped[Resource | None] = relationship()
    handover: Mapped[Handover | None] = relationship()
    closed_by: Mapped[Person | None] = relationship()
    readings: Mapped[list["TemperatureReading"]] = relationship(
        order_by="TemperatureReading.id", viewonly=True
    )  # that opened it, or made it worse

    @property
    def corrections(self) -> list["ReadingCorrection"]:
        """List what was found to be another figure than was noted, of what raised the alarm."""
        return [each for reading in self.readings for each in reading.corrections if not each.is_confirmed]

    @property
    def right_tenths(self) -> int | None:
        """Give the warmest that its readings say since they were corrected; None while one of them is an alarm."""
        if not self.readings or any(each.verdict == Verdict.ALARM for each in self.readings):
            return None
        return max(each.tenths for each in self.readings)

    @property
    def is_return(self) -> bool:
        """Tell whether it is of what came back too warm to who gave it: no more than that of its lots is blocked."""
        note = self.handover
        if note is None or note.received_at is None or note.giver_id != self.organisation_id:
            return False
        return note.received_at <= self.at


class IncidentLot(Base):
    """A lot that an incident affects, and what becomes of it once somebody has said so."""

    __tablename__ = "incident_lot"
    __table_args__ = (CheckConstraint(f"outcome IS NULL OR {one_of('outcome', Outcome)}", name="outcome"),)

    incident_id: Mapped[int] = mapped_column(BigId, ForeignKey("incident.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigId, ForeignKey("lot.id"), primary_key=True, index=True)
    outcome: Mapped[Code | None]

    incident: Mapped[Incident] = relationship()
    lot: Mapped[Lot] = relationship()


class InspectionLink(Base):
    """Lets whoever checks read what an organisation had and handed over between two days, for a while and no more.

    Only a hash of the link is kept.
    """

    __tablename__ = "inspection_link"
    __table_args__ = (CheckConstraint("last_day >= first_day", name="period"),)

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    made_by: Mapped[Person] = relationship()

    def is_open_at(self, now: datetime) -> bool:
        """Tell whether somebody can read by it."""
        return self.revoked_at is None and now < self.expires_at
