"""What the pages of the catalogue ask of this room: what waits at a site, what lies ahead for a resource."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.bookings.legs import number_of_requests
from app.bookings.models import Booking
from app.bookings.rules import LIVE
from app.bookings.turns import is_first_of_series, waits_for_manager
from app.catalogue.asks import Promise, counts_waiting, tells_promises
from app.catalogue.models import Resource
from app.core import clock
from app.infra.db import db


@counts_waiting
def waiting_at(site_ids: Collection[int]) -> Mapping[int, int]:
    """Count the requests that wait for an answer at each site."""
    rows = db.session.execute(
        select(Resource.site_id, number_of_requests().label("number"))
        .join(Booking, Booking.resource_id == Resource.id)
        .where(Resource.site_id.in_(site_ids), waits_for_manager(), is_first_of_series())
        .group_by(Resource.site_id)
    )
    return {row.site_id: row.number for row in rows}


@tells_promises
def ahead_for(resource_ids: Collection[int]) -> Sequence[Promise]:
    """List what is reserved or asked for and not over yet, earliest first."""
    found = db.session.scalars(
        select(Booking)
        .options(joinedload(Booking.organisation))
        .where(
            Booking.resource_id.in_(resource_ids), Booking.decision.in_(LIVE), Booking.end_at > clock.now()
        )
        .order_by(Booking.start_at, Booking.id)
    )
    return [Promise(each.ref, each.resource_id, each.span, each.organisation.name) for each in found]
