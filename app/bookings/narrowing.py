"""Opening a place for less time than before: a closure, or shorter hours, over what is promised already.

Whoever does it sees first which bookings it hits, and keeps them or cancels them with the reason; either way the people
concerned are told. A booking that was not shown stops the whole change, so that nobody is passed over in silence.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from sqlalchemy import select

from app.availability.closures import Subject, check, close
from app.availability.components import whole_ids
from app.availability.hours import falls_outside
from app.availability.schedules import change_resource_hours, change_site_hours, terms_under
from app.availability.service import lock
from app.bookings import service
from app.bookings.errors import BookingsHit
from app.bookings.events import BookingKept, SeriesKept
from app.bookings.guards import asked_at
from app.bookings.models import Booking, Proposal, Waiting
from app.bookings.policy import BookingPermission
from app.bookings.rules import KEPT_OUTSIDE_HOURS, KEPT_THOUGH_CLOSED, LIVE
from app.bookings.service.unkept import end_kept, kept_slots
from app.catalogue.models import Resource, Site
from app.core import clock
from app.core.policy import Actor, can, require
from app.core.span import Span
from app.infra import audit
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic

MAX_REASON = 500
IsHit = Callable[[int, Span], bool]  # a resource (id) and the time it is booked for


class Ahead(NamedTuple):
    """A booking that is not over yet, as far as a change must know it."""

    id: int
    ref: str
    resource_id: int
    series_id: int | None
    span: Span


@dataclass(frozen=True, kw_only=True)
class Narrowing(ABC):
    """A change after which a site or a resource may be open for less time, with the reason that people read."""

    thing: Site | Resource
    reason: str = ""
    kept: ClassVar[str]  # what history calls a booking that stays all the same

    @abstractmethod
    def looks_for(self) -> IsHit:
        """Refuse what cannot be written; give the test of which bookings would be hit."""

    @abstractmethod
    def write(self, actor: Actor) -> None:
        """Write the change itself."""


@dataclass(frozen=True, kw_only=True)
class Closing(Narrowing):
    """Closing for a span; the reason is always needed."""

    span: Span
    kept = KEPT_THOUGH_CLOSED

    def looks_for(self) -> IsHit:
        check(self.span, self.reason)
        return lambda _resource_id, booked: booked.overlaps(self.span)

    def write(self, actor: Actor) -> None:
        close(Subject.of(self.thing), self.span, self.reason, actor)


@dataclass(frozen=True, kw_only=True)
class NewHours(Narrowing):
    """Other opening hours (OSM syntax); None for a resource that follows its site again."""

    expression: str | None
    kept = KEPT_OUTSIDE_HOURS

    def looks_for(self) -> IsHit:
        now = clock.now()
        terms = {
            before.resource_id: (before, after) for before, after in terms_under(self.thing, self.expression)
        }
        return lambda resource_id, booked: (
            resource_id in terms and falls_outside(*terms[resource_id], booked, now)
        )

    def write(self, actor: Actor) -> None:
        if isinstance(self.thing, Resource):
            change_resource_hours(self.thing, self.expression, actor)
        elif self.expression is not None:
            change_site_hours(self.thing, self.expression, actor)


@dataclass(frozen=True)
class Answer:
    """What is to become of the bookings that were shown (`seen`, by reference): they stay, or are cancelled."""

    seen: Collection[str]
    cancel: bool


class Kept(NamedTuple):
    """A slot that is only kept for somebody's answer: proposed to them, or offered from a waiting list.

    `whose` is empty where whoever narrows the hours does not answer for that place.
    """

    resource: str
    span: Span
    timezone: str
    is_proposed: bool
    whose: str

    @classmethod
    def of(cls, slot: Proposal | Waiting, actor: Actor) -> "Kept":
        """Write a slot down as this person may know it."""
        place, is_proposed = slot.resource, isinstance(slot, Proposal)
        organisation = slot.booking.organisation if isinstance(slot, Proposal) else slot.organisation
        knows = can(actor, BookingPermission.CLOSE, place.site)
        whose = organisation.name if organisation and knows else ""
        return cls(place.name, slot.span, place.site.timezone, is_proposed, whose)


class Narrowed(NamedTuple):
    """What a change has hit: so many bookings, and the slots that were only kept for somebody's answer."""

    hit: int
    ended: Sequence[Kept]


def narrow(change: Narrowing, actor: Actor, answer: Answer | None = None) -> Narrowed:
    """Make a change, and keep or cancel the bookings it hits; what is proposed or offered in that time ends.

    Raise BookingsHit while what is to become of them is not settled, and what the change itself refuses.
    """
    with atomic():
        require(actor, BookingPermission.CLOSE, change.thing)
        resources = _concerned(Subject.of(change.thing).resource_ids())
        locked = {*resources, *asked_at(resources)}
        lock(
            sorted(locked)
        )  # all of them first: nobody books meanwhile, and cancelling would lock one by one
        is_hit = change.looks_for()
        hit = _hit(is_hit, resources)
        if lacks := _lacks(hit, answer, change.reason):
            kept = [Kept.of(slot, actor) for slot in kept_slots(resources, is_hit)]
            raise BookingsHit(refs=[each.ref for each in hit], lacks=lacks, max=MAX_REASON, kept=kept)
        for together in _by_series(hit):
            if answer and answer.cancel:
                _cancel(together, change, actor)
            else:
                _keep(together, change, actor)
        ended = end_kept(kept_slots(resources, is_hit), actor, change.reason, locked)
        change.write(actor)
        told = [Kept.of(slot, actor) for slot in ended]
    return Narrowed(len(hit), told)


def _concerned(resources: Collection[int]) -> list[int]:
    """Add those that take some of the resources: whoever has booked the hall counts on its halves."""
    return sorted({*resources, *whole_ids(resources)})


def _hit(is_hit: IsHit, resources: Collection[int]) -> Sequence[Ahead]:
    """List the requests and reservations that a change hits, the first first.

    Requests that hold nothing while they wait are hit like the others.
    """
    live = (
        select(
            Booking.id,
            Booking.ref,
            Booking.resource_id,
            Booking.series_id,
            Booking.start_at,
            Booking.end_at,
        )
        .where(Booking.resource_id.in_(resources), Booking.decision.in_(LIVE), Booking.end_at > clock.now())
        .order_by(Booking.start_at, Booking.id)
    )
    rows = db.session.execute(live).all()
    ahead = [
        Ahead(row.id, row.ref, row.resource_id, row.series_id, Span(row.start_at, row.end_at)) for row in rows
    ]
    return [booking for booking in ahead if is_hit(booking.resource_id, booking.span)]


def _lacks(hit: Sequence[Ahead], answer: Answer | None, reason: str) -> str:
    """Tell what is missing before bookings may be kept or cancelled; empty when nothing is."""
    if not hit:
        return ""
    if answer is None:
        return "answer"
    if not {booking.ref for booking in hit} <= set(answer.seen):
        return "look"
    return "reason" if len(reason) > MAX_REASON or (answer.cancel and not reason.strip()) else ""


def _by_series(hit: Sequence[Ahead]) -> list[list[Ahead]]:
    """Put the dates of one series together, in order of time: what becomes of them is told in one letter."""
    found: dict[tuple[int | None, int], list[Ahead]] = defaultdict(list)
    for booking in hit:
        found[booking.series_id, 0 if booking.series_id else booking.id].append(booking)
    return list(found.values())


def _cancel(together: Sequence[Ahead], change: Narrowing, actor: Actor) -> None:
    series_id = together[0].series_id
    if series_id and len(together) > 1:
        service.cancel_dates(series_id, [booking.id for booking in together], actor, change.reason)
    else:
        service.cancel(together[0].id, actor, change.reason)


def _keep(together: Sequence[Ahead], change: Narrowing, actor: Actor) -> None:
    """Note that bookings stay as promised, and let whoever asked for them know."""
    where, reason = change.thing.territory_id, change.reason.strip()
    for booking in together:
        audit.record("booking", booking.id, change.kept, actor, territory_id=where, reason=reason)
    first = together[0]
    if first.series_id and len(together) > 1:
        told = tuple(booking.id for booking in together)
        emit(SeriesKept(first.series_id, actor.person_id, told, act=change.kept))
    else:
        emit(BookingKept(first.id, actor.person_id, act=change.kept))
