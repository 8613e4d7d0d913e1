"""Dates of a series at another place: bookings alone, each answered by its own place, that know the series they are of.

They are no occurrences of it (docs/series.md): one act of the place of the series never decides about another place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select, update

from app.availability.errors import Refusal, SlotRefused
from app.bookings.at_once import is_at_once
from app.bookings.errors import MovedMeanwhile
from app.bookings.events import BookingApproved, BookingRequested
from app.bookings.models import Booking, Series
from app.bookings.occurrences import Occurrence
from app.bookings.policy import BookingPermission
from app.bookings.rules import APPROVED, LIVE
from app.bookings.service import costs
from app.bookings.service.asking import (
    Request,
    asked_facts,
    new_booking,
    organisation_for,
    refuse_licence,
    refuse_passengers,
)
from app.bookings.service.common import record
from app.bookings.service.holding import take
from app.bookings.service.talking import new_message
from app.catalogue.models import Resource
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor, can
from app.infra.db import db
from app.infra.events import emit


@dataclass(frozen=True)
class Taken:
    """What came of the dates elsewhere: those that can be had, not yet added, and by number what refuses the others."""

    bookings: Sequence[Booking]
    refusals: dict[int, tuple[Refusal, ...]]


def take_elsewhere(
    series: Series, planned: Sequence[Occurrence], actor: Actor, uid_host: str, *, licence_years: int
) -> Taken:
    """Take what dates need at their own places, each in turn; the guards of all these places are locked.

    `licence_years` is what is confirmed of their drivers.
    """
    places = {each.resource_id: _place(each.resource_id, series, actor) for each in planned}
    for place in places.values():
        refuse_licence(place, licence_years)
    bookings, refusals = [], {}
    for number, each in enumerate(planned):
        place = places[each.resource_id]
        together = [other for other in planned if other.resource_id == each.resource_id]
        booking = _asked(series, place, each, together, actor, uid_host)
        try:
            booking.hold_id = take(booking, place)
        except SlotRefused as refused:
            refusals[number] = refused.refusals
        else:
            bookings.append(booking)
    return Taken(bookings, refusals)


def enter_elsewhere(series: Series, bookings: Sequence[Booking], actor: Actor, message: str) -> None:
    """Add the dates that have what they take: the series is stored by now. Each place reads the message once."""
    for booking in bookings:
        booking.elsewhere_of_id = series.id
    db.session.add_all(bookings)
    db.session.flush()
    costs.begin(bookings)
    for booking in bookings:
        at_once = booking.decision == APPROVED
        act = "approved_at_once" if at_once else "requested"
        record(booking, act, actor, **asked_facts(booking), elsewhere_of=series.ref)
        emit(
            BookingApproved(booking.id, actor.person_id, at_once=True, elsewhere=True)
            if at_once
            else BookingRequested(booking.id, actor.person_id, elsewhere=True)
        )
    first_of_site = {booking.resource.site_id: booking for booking in reversed(bookings)}
    if message:
        db.session.add_all(new_message(booking, actor, message) for booking in first_of_site.values())


def places_of(booking_id: int) -> list[int]:
    """List the resources at which a booking's series has dates elsewhere that go on, to be locked with its own."""
    series_id = select(Booking.series_id).filter_by(id=booking_id).scalar_subquery()
    found = select(Booking.resource_id).where(*_going_on(), Booking.elsewhere_of_id == series_id)
    return list(db.session.scalars(found.distinct()))


def ahead_elsewhere(
    series: Series, since: Booking | None, locked: Sequence[int], actor: Actor
) -> list[Booking]:
    """List the dates elsewhere that somebody may give up: all that go on, or those from an occurrence on.

    Raise MovedMeanwhile where one of them has just gone to a place that is not locked.
    """
    wanted = [*_going_on(), Booking.elsewhere_of_id == series.id]
    if since is not None and since.recurrence_id:
        wanted.append(Booking.recurrence_id >= since.recurrence_id)
    found = select(Booking).where(*wanted).order_by(Booking.start_at, Booking.id)
    bookings = db.session.scalars(found.execution_options(populate_existing=True)).all()
    if any(booking.resource_id not in locked for booking in bookings):
        raise MovedMeanwhile(ref=bookings[0].ref)
    return [booking for booking in bookings if can(actor, BookingPermission.CANCEL, booking)]


def follow_split(before: Series, after: Series, since: date) -> None:
    """Let the dates elsewhere belong to the part of a split series that has their day."""
    theirs = Booking.elsewhere_of_id == before.id, Booking.recurrence_id >= since
    db.session.execute(update(Booking).where(*theirs).values(elsewhere_of_id=after.id))


def _going_on() -> tuple[ColumnElement[bool], ...]:
    return Booking.decision.in_(LIVE), Booking.start_at > clock.now()


def _place(resource_id: int | None, series: Series, actor: Actor) -> Resource:
    """Read another place; raise what stands against asking for it in the name of the series' organisation."""
    place = db.session.get(Resource, resource_id)
    if place is None:
        raise NotFound(kind="resource")
    organisation_for(series.organisation_id, place, actor)
    refuse_passengers(place, series.people)
    return place


def _asked(
    series: Series,
    place: Resource,
    each: Occurrence,
    together: Sequence[Occurrence],
    actor: Actor,
    uid_host: str,
) -> Booking:
    """Write a date at another place down; `together` are all that are asked of it, which count as one for its rule."""
    if each.span is None:
        raise ValueError("a date elsewhere has a time")
    spans = [other.span for other in together if other.span]
    quantity = each.quantity or series.quantity
    at_once = is_at_once(place, series.organisation, spans, quantity)
    facts = (quantity, series.purpose, series.people)
    wanted = Request(place.id, series.organisation_id, each.span, *facts)
    booking = new_booking(wanted, place, actor, uid_host, at_once=at_once)
    booking.resource, booking.organisation = place, series.organisation
    booking.recurrence_id = each.day
    return booking
