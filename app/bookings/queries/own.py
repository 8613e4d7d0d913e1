"""Reads of what belongs to a person: their bookings, and for whom they may ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation, OrganisationState
from app.bookings.models import Booking, BookingMessage
from app.bookings.queries.one import whole
from app.bookings.roles import OWN
from app.bookings.rules import APPROVED, LIVE, PENDING
from app.bookings.turns import (
    is_first_of_series,
)
from app.catalogue.models import Resource
from app.core import clock
from app.core.policy import Actor
from app.core.span import Span
from app.infra.db import db

COMING_AT_MOST, PAST_AT_MOST = 100, 30


@dataclass(frozen=True)
class Mine:
    """The bookings of a person and of the organisations they belong to."""

    coming: Sequence[Booking]  # reserved, not over yet, the next first
    waiting: Sequence[Booking]  # asked, without an answer yet; of a series the first date for all
    past: Sequence[Booking]  # over, refused, expired or cancelled, the latest first

    @property
    def is_empty(self) -> bool:
        """Tell whether this person has never asked for anything."""
        return not (self.coming or self.waiting or self.past)


def is_mine(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL that a booking is of an organisation a person belongs to, or asked for by them on behalf of one."""
    return or_(
        and_(Booking.requester_id == actor.person_id, Booking.asked_as != OWN),
        Booking.organisation_id.in_(list(actor.memberships)),
    )


def bookings_of(actor: Actor) -> Mine:
    """Read a person's bookings, in three statements."""
    now = clock.now()
    ahead = and_(Booking.decision.in_(LIVE), Booking.end_at > now)
    soonest = whole().where(is_mine(actor), ahead).order_by(Booking.start_at, Booking.id)
    past = db.session.scalars(
        whole()
        .where(is_mine(actor), ~ahead)
        .order_by(Booking.start_at.desc(), Booking.id.desc())
        .limit(PAST_AT_MOST)
    ).all()
    return Mine(
        coming=db.session.scalars(soonest.where(Booking.decision == APPROVED).limit(COMING_AT_MOST)).all(),
        waiting=db.session.scalars(
            soonest.where(Booking.decision == PENDING, is_first_of_series()).limit(COMING_AT_MOST)
        ).all(),
        past=past,
    )


def unanswered(actor: Actor, bookings: Sequence[Booking]) -> list[BookingMessage]:
    """List the last messages of talks in which somebody of the other side spoke last, the newest first."""
    by_id = {b.id: b for b in bookings}
    if not by_id:
        return []
    last = (
        select(func.max(BookingMessage.id))
        .where(BookingMessage.booking_id.in_(by_id))
        .group_by(BookingMessage.booking_id)
    )
    found = db.session.scalars(
        select(BookingMessage)
        .options(joinedload(BookingMessage.author))
        .where(BookingMessage.id.in_(last), BookingMessage.author_id != actor.person_id)
        .order_by(BookingMessage.id.desc())
    )
    return [m for m in found if m.author_id != by_id[m.booking_id].requester_id]


def spans_like(booking: Booking, after: datetime) -> list[Span]:
    """List when the same organisation already has, or has asked for, the same resource from `after` (aware) on."""
    same = and_(
        Booking.resource_id == booking.resource_id, Booking.organisation_id == booking.organisation_id
    )
    rows = db.session.execute(
        select(Booking.start_at, Booking.end_at).where(
            same, Booking.decision.in_(LIVE), Booking.end_at > after
        )
    )
    return [Span(start, end) for start, end in rows]


def organisations_to_ask_for(
    resource: Resource, actor: Actor, *, any_of_territory: bool
) -> Sequence[Organisation]:
    """List the organisations a person may ask for: their own, or every active one of the territory."""
    found = select(Organisation).where(
        Organisation.territory_id == resource.territory_id, Organisation.state == OrganisationState.ACTIVE
    )
    if not any_of_territory:
        found = found.where(Organisation.id.in_(list(actor.memberships)))
    return db.session.scalars(found.order_by(Organisation.name, Organisation.id)).all()
