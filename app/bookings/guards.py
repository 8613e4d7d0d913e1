"""Which guards an act on bookings locks, all at once and before anything else is read (docs/locking.md).

The legs of a bundle wait as one, so whatever gives one of them another deadline concerns the others, and what is
proposed for them. What such an act does not hold it leaves as it is (app.bookings.service.as_one): that has come this
very moment.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select, union

from app.bookings.models import Booking, Proposal
from app.bookings.rules import OPEN
from app.infra.db import db


def beside(booking_id: int) -> Sequence[int]:
    """List the resources of all legs of the bundle a booking is part of, and of what is proposed for them.

    None for a booking that stands alone.
    """
    own = select(Booking.bundle_id).where(Booking.id == booking_id, Booking.bundle_id.is_not(None))
    return _of(own)


def of_bundle(bundle_id: int) -> Sequence[int]:
    """List the resources of all legs of a bundle, and of what is proposed for them."""
    return _of(select(Booking.bundle_id).where(Booking.bundle_id == bundle_id))


def asked_at(resource_ids: Collection[int]) -> list[int]:
    """List the resources of the requests for which something is proposed at these, and of what stands beside them."""
    asked = select(Booking.resource_id, Booking.bundle_id).join(Proposal, Proposal.booking_id == Booking.id)
    found = asked.where(Proposal.resource_id.in_(resource_ids), Proposal.state == OPEN).distinct().subquery()
    rows = db.session.execute(select(found.c.resource_id, found.c.bundle_id)).all()
    bundles = {row.bundle_id for row in rows if row.bundle_id}
    together = _of(select(Booking.bundle_id).where(Booking.bundle_id.in_(bundles))) if bundles else ()
    return sorted({*(row.resource_id for row in rows), *together})


def proposed_for(resource_ids: Collection[int]) -> list[int]:
    """List the resources that are proposed for requests at these: to be locked with them."""
    offered = select(Proposal.resource_id).join(Proposal.booking)
    wanted = offered.where(Booking.resource_id.in_(resource_ids), Proposal.state == OPEN)
    return list(db.session.scalars(wanted.distinct()))


def _of(bundles: Select[int | None]) -> Sequence[int]:
    legs = select(Booking.resource_id).where(Booking.bundle_id.in_(bundles))
    offered = select(Proposal.resource_id).join(Proposal.booking).where(Booking.bundle_id.in_(bundles))
    return db.session.scalars(union(legs, offered.where(Proposal.state == OPEN))).all()
