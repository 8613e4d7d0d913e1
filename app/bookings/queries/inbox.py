"""Reads of a manager's inbox: what waits for them, what others answer, what was decided lately, and what lies near."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from app.bookings.legs import is_first_leg, number_of_requests
from app.bookings.models import Booking
from app.bookings.queries.one import whole
from app.bookings.rules import APPROVED, LIVE, REFUSED
from app.bookings.turns import (
    is_mine_to_decide,
    waits_for,
    waits_for_others,
)
from app.catalogue.models import Resource
from app.core import clock
from app.core.policy import Actor
from app.core.span import Span
from app.infra.db import db

INBOX_AT_MOST, RECENT_AT_MOST = 7, 7
RECENT = timedelta(days=7)


def waiting_for(actor: Actor, first: Collection[int] = ()) -> Sequence[Booking]:
    """List the requests a person has to answer: all those in `first`, then the most urgent."""
    return db.session.scalars(
        whole()
        .where(waits_for(actor))
        .where(is_first_leg(waits_for(actor)))
        .order_by(Booking.id.not_in(first), Booking.expires_at, Booking.start_at, Booking.id)
        .limit(max(INBOX_AT_MOST, len(first)))
    ).all()


def waiting_for_others(actor: Actor) -> Sequence[Booking]:
    """List the requests of a person's sites that somebody else has to answer, the most urgent first."""
    return db.session.scalars(
        whole()
        .where(waits_for_others(actor))
        .order_by(Booking.expires_at, Booking.start_at, Booking.id)
        .limit(RECENT_AT_MOST)
    ).all()


def decided_lately(actor: Actor) -> Sequence[Booking]:
    """List what managers of a person's sites decided in the last week, the newest first."""
    return db.session.scalars(
        whole()
        .where(
            is_mine_to_decide(actor),
            Booking.decision.in_((APPROVED, REFUSED)),
            Booking.decided_by_id.is_not(None),
            Booking.decided_at >= clock.now() - RECENT,
        )
        .order_by(Booking.decided_at.desc(), Booking.id.desc())
        .limit(RECENT_AT_MOST)
    ).all()


def count_waiting_for(actor: Actor) -> int:
    """Count the requests a person has to answer."""
    if not (actor.managed_sites or actor.delegations) and "org_admin" not in actor.memberships.values():
        return 0
    return (
        db.session.scalar(
            select(number_of_requests())
            .select_from(Booking)
            .join(Booking.resource)
            .join(Resource.site)
            .where(waits_for(actor))
        )
        or 0
    )


def neighbours(around: Mapping[int, tuple[int, Span]]) -> dict[int, list[Booking]]:
    """Find the live bookings near requests, in one statement.

    `around` gives for each booking id its resource and the span looked at; the answer leaves the booking out.
    """
    if not around:
        return {}
    near = [
        and_(Booking.resource_id == resource, Booking.start_at < span.end, Booking.end_at > span.start)
        for resource, span in set(around.values())
    ]
    rows = db.session.scalars(
        select(Booking)
        .options(joinedload(Booking.organisation), joinedload(Booking.proposal))
        .where(Booking.decision.in_(LIVE), or_(*near))
        .order_by(Booking.start_at, Booking.id)
    ).all()
    found: dict[int, list[Booking]] = defaultdict(list)
    for number, (resource, span) in around.items():
        found[number] = [
            b for b in rows if b.id != number and b.resource_id == resource and b.span.overlaps(span)
        ]
    return found
