"""Reads of series and of their dates."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from app.bookings.errors import BookingNotFound
from app.bookings.models import Booking, Series
from app.bookings.queries.one import REF, whole
from app.bookings.rules import PENDING
from app.catalogue.models import Resource, Site
from app.core import clock
from app.infra.db import db


def get_series(ref: str) -> Series:
    """Get a series by its reference, with its place; raise BookingNotFound."""
    if REF.fullmatch(ref.upper()):
        place = joinedload(Series.resource).joinedload(Resource.site).joinedload(Site.owner)
        parties = joinedload(Series.organisation), joinedload(Series.requester)
        wanted = select(Series).options(place, *parties).filter_by(ref=ref.upper())
        if found := db.session.scalars(wanted).one_or_none():
            return found
    raise BookingNotFound(ref=ref)


def occurrences_of(series_id: int) -> Sequence[Booking]:
    """List the bookings of a series in order of time."""
    return db.session.scalars(
        whole().where(Booking.series_id == series_id).order_by(Booking.start_at, Booking.id)
    ).all()


def elsewhere_dates(series_id: int) -> Sequence[Booking]:
    """List the dates of a series that are at another place (bookings alone, docs/series.md) in order of time."""
    return db.session.scalars(
        whole().where(Booking.elsewhere_of_id == series_id).order_by(Booking.start_at, Booking.id)
    ).all()


def waiting_dates(series_ids: Iterable[int]) -> dict[int, list[Booking]]:
    """List, for each series, the occurrences that can still be answered, in order of time, in one statement."""
    wanted, found = list(series_ids), defaultdict(list)
    if wanted:
        waiting = and_(Booking.decision == PENDING, Booking.end_at > clock.now())
        rows = select(Booking).where(Booking.series_id.in_(wanted), waiting)
        for booking in db.session.scalars(rows.order_by(Booking.start_at, Booking.id)):
            found[booking.series_id or 0].append(booking)
    return dict(found)


def waiting_of(series_ids: Iterable[int]) -> dict[int, int]:
    """Count, for each series, the occurrences that wait for an answer, in one statement."""
    wanted = list(series_ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Booking.series_id, func.count(Booking.id))
        .where(Booking.series_id.in_(wanted), Booking.decision == PENDING)
        .group_by(Booking.series_id)
    )
    return {series_id: number for series_id, number in rows if series_id}
