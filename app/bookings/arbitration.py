"""Requests for the same time that cannot all be had: put side by side, in the order of priority, for whoever decides.

Nothing is decided here, and nothing that was accepted is ever taken back: the order only says who comes first, and why.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from app.accounts.models import Organisation
from app.availability.rules import Taken, peak
from app.bookings.models import Booking
from app.bookings.queries import whole
from app.bookings.rules import PENDING
from app.bookings.turns import waits_for_manager
from app.catalogue.models import Resource
from app.core import clock
from app.infra.db import db


@dataclass(frozen=True)
class Contest:
    """Requests of which one more than fits was made: the first in the order of priority first.

    `compared_until` is when the place said it would have seen all requests; None where it does not wait for any.
    """

    bookings: tuple[Booking, ...]
    compared_until: datetime | None

    @property
    def is_open(self) -> bool:
        """Tell whether other requests may still come before the place has said it decides."""
        return self.compared_until is not None and self.compared_until > clock.now()

    @property
    def has_classes(self) -> bool:
        """Tell whether priority decides the order, and not only who came first."""
        return len({each.organisation.priority_class for each in self.bookings}) > 1


def order(bookings: Iterable[Booking]) -> list[Booking]:
    """Put requests in the order of priority: by class (P0 first), then by who asked first."""
    return sorted(bookings, key=lambda b: (b.organisation.priority_class, b.created_at, b.id))


def contests_in(bookings: Iterable[Booking]) -> list[Contest]:
    """Group requests that wait for the same resource at the same time and do not all fit; the most urgent first."""
    by_resource: dict[int, list[Booking]] = defaultdict(list)
    for booking in bookings:
        by_resource[booking.resource_id].append(booking)
    found = [_contest(group) for several in by_resource.values() for group in _chains(several)]
    return sorted((each for each in found if each), key=lambda contest: _deadline(contest.bookings))


def _chains(bookings: Sequence[Booking]) -> list[list[Booking]]:
    """Cut the requests for one resource where nobody wants it: what is left together overlaps, one with the next."""
    chains: list[list[Booking]] = []
    until: datetime | None = None
    for booking in sorted(bookings, key=lambda b: (b.start_at, b.id)):
        if until is None or booking.start_at >= until:
            chains.append([])
        chains[-1].append(booking)
        until = max(until or booking.end_at, booking.end_at)
    return chains


def _contest(group: Sequence[Booking]) -> Contest | None:
    """Make a contest of requests that overlap, unless all of them fit side by side."""
    wanted = [Taken(*each.span.epochs, each.quantity, each.id, "booking") for each in group]
    start, end = min(each.start for each in wanted), max(each.end for each in wanted)
    if peak(wanted, start, end) <= group[0].resource.capacity:
        return None
    hours = group[0].resource.arbitration_hours
    until = min(each.created_at for each in group) + timedelta(hours=hours) if hours else None
    return Contest(tuple(order(group)), until)


def _deadline(bookings: Sequence[Booking]) -> datetime:
    return min(each.expires_at or each.start_at for each in bookings)


def contests(where: ColumnElement[bool]) -> list[Contest]:
    """Read the contests among the requests that meet a condition on their resource and site.

    The dates of a series are one request and answered as such, and so are the elements of a bundle: what stands against
    each of them is told on its card.
    """
    rival = aliased(Booking)
    shared = and_(
        rival.resource_id == Booking.resource_id,
        rival.id != Booking.id,
        rival.series_id.is_(None),
        rival.bundle_id.is_(None),
        rival.decision == PENDING,
        rival.start_at < Booking.end_at,
        rival.end_at > Booking.start_at,
    )
    waiting = and_(
        waits_for_manager(),
        Booking.hold_id.is_(None),  # what keeps its time has no rivals
        Booking.series_id.is_(None),
        Booking.bundle_id.is_(None),
        Booking.end_at > clock.now(),
    )
    found = whole().where(where, waiting, select(rival.id).where(shared).exists())
    return contests_in(db.session.scalars(found).all())


def contest_of(booking: Booking) -> Contest | None:
    """Find the contest a request that waits is part of."""
    if booking.decision != PENDING or booking.hold_id is not None:
        return None
    found = contests(Resource.id == booking.resource_id)
    return next((each for each in found if any(one.id == booking.id for one in each.bookings)), None)


def beaten_by(bookings: Iterable[Booking]) -> Mapping[int, Organisation]:
    """Tell of requests that wait which organisation has been accepted for a time that overlaps theirs since they came.

    One statement; the first accepted counts. The place may have room for both: what stands against a yes is told apart.
    """
    waiting = [each for each in bookings if each.decision == PENDING and each.hold_id is None]
    if not waiting:
        return {}
    mine, other = aliased(Booking), aliased(Booking)
    first = (
        select(mine.id, func.min(other.id))
        .join(other, and_(other.resource_id == mine.resource_id, other.id != mine.id))
        .where(
            mine.id.in_([each.id for each in waiting]),
            other.decision == "approved",
            other.decided_at >= mine.created_at,
            other.start_at < mine.end_at,
            other.end_at > mine.start_at,
        )
        .group_by(mine.id)
        .subquery()
    )
    rows = db.session.execute(
        select(first.c[0], Organisation)
        .join(Booking, Booking.id == first.c[1])
        .join(Organisation, Organisation.id == Booking.organisation_id)
    )
    return {row[0]: row[1] for row in rows}
