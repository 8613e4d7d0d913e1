"""What waits and keeps nothing meanwhile, read as far as it is compared with others: requests, dates, elements."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, select

from app.accounts.models import Organisation
from app.availability.rules import Terms
from app.bookings.models import Booking, Proposal, Series
from app.bookings.rivals import Key, Want, wants_of
from app.bookings.rules import ENDED, OPEN, PENDING
from app.catalogue.models import Resource
from app.core import clock
from app.core.span import Span
from app.infra.db import db


class Asked(NamedTuple):
    """A booking that waits, as far as it is compared with others.

    `series_id` is set while the dates of its series are answered together. `kept` is the hold of what is proposed for
    it instead: it may have one or the other, never both.
    """

    id: int
    resource_id: int
    organisation_id: int
    start_at: datetime
    end_at: datetime
    quantity: int
    created_at: datetime
    ref: str
    resource: str
    organisation: str
    priority: str
    series_id: int | None = None
    bundle_id: int | None = None
    proposal_id: int | None = None
    kept: int | None = None

    @classmethod
    def of(cls, booking: Booking) -> "Asked":
        """Write down what is compared of a booking."""
        b = booking
        when = b.start_at, b.end_at, b.quantity, b.created_at
        names = b.ref, b.resource.name, b.organisation.name, b.organisation.priority_class
        return cls(b.id, b.resource_id, b.organisation_id, *when, *names, *_together(b))

    @property
    def span(self) -> Span:
        """The time people see."""
        return Span(self.start_at, self.end_at)

    @property
    def key(self) -> Key:
        """The request it is of."""
        return _key(self.id, self.series_id, self.bundle_id)

    @property
    def rank(self) -> tuple[Any, ...]:
        """What the order of priority looks at: the class (P0 first), then who asked first."""
        return self.priority, self.created_at, self.id


def key_of(booking: Booking) -> Key:
    """Tell which request a booking is of: its series while that is answered as one, its bundle, or itself."""
    return _key(booking.id, *_together(booking))


def _together(booking: Booking) -> tuple[int | None, int | None]:
    """Give the series whose dates are answered together, and the bundle."""
    series = booking.series
    return (series.id if series and series.state != ENDED else None), booking.bundle_id


def _key(booking_id: int, series_id: int | None, bundle_id: int | None) -> Key:
    if series_id is not None:
        return "series", series_id
    return ("booking", booking_id) if bundle_id is None else ("bundle", bundle_id)


def read_asked(*where: ColumnElement[bool]) -> list[Asked]:
    """Read what waits and keeps nothing meanwhile, under conditions on booking, resource, site and organisation.

    Where another slot is proposed it still waits for the one it asked for. Who calls their own quota back competes
    with nobody: others will give it back.
    """
    b, o = Booking, Organisation
    columns = b.id, b.resource_id, b.organisation_id, b.start_at, b.end_at, b.quantity, b.created_at, b.ref
    together = case((Series.state != ENDED, b.series_id), else_=None)
    waiting = (
        select(*columns, Resource.name, o.name, o.priority_class, together, b.bundle_id)
        .add_columns(Proposal.id, Proposal.hold_id)
        .join(b.resource)
        .join(Resource.site)
        .join(b.organisation)
        .outerjoin(b.series)
        .outerjoin(Proposal, and_(Proposal.booking_id == b.id, Proposal.state == OPEN))
        .where(b.decision == PENDING, b.hold_id.is_(None), b.end_at > clock.now(), ~b.recalls, *where)
        .order_by(b.id)
    )
    return [Asked._make(row) for row in db.session.execute(waiting)]


def wants_for(asked: Iterable[Asked], terms: Mapping[int, Terms]) -> list[Want]:
    """List what bookings would take; nothing for what has no hours yet."""
    return [
        want
        for each in asked
        if each.resource_id in terms
        for want in wants_of(each.id, each.organisation_id, terms[each.resource_id], each.span, each.quantity)
    ]
