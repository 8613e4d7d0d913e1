"""Legs of bundles as conditions of SQL: what is one thing to answer is listed and counted once; their order."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, distinct, func, or_, select
from sqlalchemy.orm import joinedload

from app.availability.policy import TimePermission
from app.availability.rules import DAY_MINUTES
from app.bookings.models import Booking, Bundle
from app.bookings.order import Order, Step
from app.bookings.rules import LIVE, PENDING
from app.catalogue.models import Resource
from app.core.policy import Actor, can
from app.core.span import Span
from app.infra.db import db


def is_first_leg(theirs: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say in SQL that a request stands alone, or for all legs of its bundle that wait and are somebody's to answer.

    `theirs` says so of a booking joined to its resource and site, as app.bookings.turns.is_mine_to_decide does.
    """
    first = (
        select(func.min(Booking.id))
        .join(Booking.resource)
        .join(Resource.site)
        .where(theirs, Booking.decision == PENDING, Booking.bundle_id.is_not(None))
        .group_by(Booking.bundle_id)
        .correlate(None)
    )
    return or_(Booking.bundle_id.is_(None), Booking.id.in_(first))


def number_of_requests() -> ColumnElement[int]:
    """Count bookings in SQL, those of one bundle as one."""
    return func.count(distinct(func.coalesce(-Booking.bundle_id, Booking.id)))


def bundle_waits(bundle_id: int, theirs: ColumnElement[bool]) -> bool:
    """Tell whether a leg of this bundle waits for somebody; `theirs` says so of a booking, as for `is_first_leg`."""
    waiting = (
        select(Booking.id)
        .join(Booking.resource)
        .join(Resource.site)
        .where(Booking.bundle_id == bundle_id, Booking.decision == PENDING, theirs)
    )
    return db.session.scalar(waiting.limit(1)) is not None


def step_of(number: int, place: Resource, span: Span, gap_minutes: int = 0) -> Step:
    """Write a leg as its order sees it."""
    by_day = place.step_minutes >= DAY_MINUTES
    return Step(
        number, place.name, span, by_day, ZoneInfo(place.site.timezone), timedelta(minutes=gap_minutes)
    )


def legs_in_order(bundle_id: int, actor: Actor | None = None) -> list[Step]:
    """List the legs of a bundle that wait or are accepted, in their order: what is lost binds nothing.

    With an actor, those at places that they may not know of have no name.
    """
    wanted = (
        select(Booking)
        .where(Booking.bundle_id == bundle_id, Booking.leg_number.is_not(None), Booking.decision.in_(LIVE))
        .order_by(Booking.leg_number)
    )
    fresh = wanted.options(joinedload(Booking.resource)).execution_options(populate_existing=True)
    return _steps(db.session.scalars(fresh).all(), actor)


def _steps(legs: Iterable[Booking], actor: Actor | None) -> list[Step]:
    return [_step(leg, actor) for leg in legs]


def _step(leg: Booking, actor: Actor | None) -> Step:
    step = step_of(leg.leg_number or 0, leg.resource, leg.span, leg.leg_gap_minutes)
    is_known = actor is None or can(actor, TimePermission.SEE_RESOURCE, leg.resource)
    return step if is_known else replace(step, name="")


def order_among(bundle: Bundle, legs: Iterable[Booking], actor: Actor | None = None) -> Order | None:
    """Give the order of legs that were read already, in order: what is lost binds nothing; None where there is none."""
    live = [leg for leg in legs if leg.decision in LIVE]
    return Order(_steps(live, actor), bundle.handover_at) if bundle.in_order else None


def find_order(leg: Booking, actor: Actor) -> Order | None:
    """Give the order in which a leg has to stay, as it is now; None for a booking that follows nothing.

    Legs at places that somebody may not know of have no name in it.
    """
    if leg.bundle_id is None or leg.leg_number is None:
        return None
    if leg.bundle is not None and not leg.bundle.in_order:
        return None  # settled when it was sent: only the hand-over of a bundle changes
    bundle = db.session.get_one(Bundle, leg.bundle_id, populate_existing=True)
    return Order(legs_in_order(bundle.id, actor), bundle.handover_at) if bundle.in_order else None
