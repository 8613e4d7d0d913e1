"""Reads of one booking, or of a few that are named, with all that a card or a page shows of them."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer

from app.accounts.models import Organisation, Person
from app.bookings.errors import BookingNotFound
from app.bookings.models import Booking, BookingMessage, Proposal, Series
from app.catalogue.models import Resource, Site
from app.core.policy import Actor
from app.core.span import Span
from app.infra import audit
from app.infra.audit import AuditEntry
from app.infra.db import db

REF = re.compile(r"[2-9A-Z]{6,16}")  # what a reference may look like


@dataclass(frozen=True)
class Line:
    """One line of a booking's history, with the names of who acted."""

    entry: AuditEntry
    person: str | None
    organisation: str | None
    giver: str | None = None  # in whose place they acted, by delegation


def whole() -> Select[Booking]:
    """Select bookings with everything a card or a page shows of them."""
    return alone().options(
        joinedload(Booking.decided_for),
        joinedload(Booking.series),
        joinedload(Booking.elsewhere_of).joinedload(Series.resource).joinedload(Resource.site),
        joinedload(Booking.bundle),
    )


def alone() -> Select[Booking]:
    """Select one booking so: what few have of all that, a hundred columns more, is read when it is asked for."""
    return (
        select(Booking)
        .join(Booking.resource)
        .join(Resource.site)
        .options(
            contains_eager(Booking.resource).contains_eager(Resource.site).joinedload(Site.owner),
            joinedload(Booking.organisation),
            joinedload(Booking.requester),
            joinedload(Booking.decided_by),
            joinedload(Booking.proposal).joinedload(Proposal.resource).joinedload(Resource.site),
            selectinload(Booking.approvals),
            undefer(Booking.takes_shared),
        )
    )


def get_booking(ref: str) -> Booking:
    """Get a booking by its reference, whatever the case; raise BookingNotFound."""
    ref = ref.upper()
    found = None
    if REF.fullmatch(ref):
        found = db.session.scalars(whole().where(Booking.ref == ref)).one_or_none()
    if found is None:
        raise BookingNotFound(ref=ref)
    return found


def find_bookings(refs: Iterable[str]) -> Sequence[Booking]:
    """Find the bookings with these references, in the order of their deadlines."""
    clean = [ref for ref in refs if REF.fullmatch(ref)]
    if not clean:
        return []
    return db.session.scalars(
        whole().where(Booking.ref.in_(clean)).order_by(Booking.expires_at, Booking.id)
    ).all()


def bookings_by_time(refs: Collection[str]) -> Sequence[Booking]:
    """Find the bookings with these references, the first first."""
    return db.session.scalars(
        whole().where(Booking.ref.in_(refs)).order_by(Booking.start_at, Booking.id)
    ).all()


def messages_of(booking_id: int) -> Sequence[BookingMessage]:
    """List the talk about a booking, oldest first."""
    return db.session.scalars(
        select(BookingMessage)
        .options(joinedload(BookingMessage.author))
        .filter_by(booking_id=booking_id)
        .order_by(BookingMessage.at, BookingMessage.id)
    ).all()


def first_messages(bookings: Iterable[Booking]) -> dict[int, str]:
    """Give, by booking, what who asked wrote to the place first: most often with the request; nothing for the rest."""
    wanted = {booking.id for booking in bookings}
    if not wanted:
        return {}
    lines = db.session.execute(
        select(BookingMessage.booking_id, BookingMessage.text)
        .join(Booking, Booking.id == BookingMessage.booking_id)
        .where(Booking.id.in_(wanted), BookingMessage.author_id == Booking.requester_id)
        .order_by(BookingMessage.at.desc(), BookingMessage.id.desc())
    )
    return {number: text for number, text in lines if text}  # the last one read of each stays: the earliest


def history_of(booking_id: int) -> list[Line]:
    """List what happened to a booking, oldest first, with names."""
    entries = audit.history("booking", booking_id)
    givers = {e.id: e.facts.get("delegated_by") for e in entries}
    people = _names(Person, {e.actor_id for e in entries} | set(givers.values()))
    organisations = _names(Organisation, {e.acting_for_id for e in entries})
    return [
        Line(
            e,
            people.get(e.actor_id or 0),
            organisations.get(e.acting_for_id or 0),
            people.get(givers[e.id] or 0),
        )
        for e in entries
    ]


def history_of_bundle(bundle_id: int, leg_ids: Collection[int]) -> list[Line]:
    """List what happened to a request for several resources and to some of its legs, oldest first, with names."""
    entries = audit.lines_on({"bundle": [bundle_id], "booking": leg_ids})
    people = _names(Person, {e.actor_id for e in entries} | {e.facts.get("delegated_by") for e in entries})
    return [
        Line(e, people.get(e.actor_id or 0), None, people.get(e.facts.get("delegated_by") or 0))
        for e in entries
    ]


def last_reason(booking_id: int, act: str) -> str:
    """Give the reason of the last such act in a booking's history, empty where it has none."""
    lines = [entry for entry in audit.history("booking", booking_id) if entry.act == act]
    return str(lines[-1].facts.get("reason") or "") if lines else ""


def licence_confirmed(booking: Booking) -> int:
    """Give for how many years the driver was confirmed to have held the licence; 0 where nobody had to confirm it."""
    if booking.resource.kind != "vehicle":
        return 0
    lines = audit.history("booking", booking.id)
    return max((int(line.facts.get("licence_years") or 0) for line in lines), default=0)


def moved_from(booking_id: int) -> Span | None:
    """Give the time a booking had before it was last moved; None where it never was."""
    lines = [entry for entry in audit.history("booking", booking_id) if entry.act == "moved"]
    if not lines or "before" not in lines[-1].facts:
        return None
    before = lines[-1].facts["before"]
    return Span(datetime.fromisoformat(before["start"]), datetime.fromisoformat(before["end"]))


def givers_of(actor: Actor) -> Mapping[int, str]:
    """Name, by id, those in whose place somebody decides today; no statement for who decides in nobody's."""
    return _names(Person, {giver for givers in actor.delegations.values() for giver in givers})


def people_names(ids: Iterable[int | None]) -> Mapping[int, str]:
    """Name people by id, in one statement."""
    return _names(Person, set(ids))


def _names(kind: type[Person | Organisation], wanted: set[int | None]) -> Mapping[int, str]:
    known = [number for number in wanted if number]
    if not known:
        return {}
    return {
        row.id: row.name for row in db.session.execute(select(kind.id, kind.name).where(kind.id.in_(known)))
    }
