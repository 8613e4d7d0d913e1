"""Who has taken a slot, for the calendars of places: names only to those who may read them."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.availability.holders import Holder, holder_reader
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission, is_party
from app.bookings.rules import PENDING
from app.catalogue.models import Resource
from app.core.policy import Actor, can
from app.infra.db import db


@holder_reader
def holders_of(hold_ids: Collection[int], actor: Actor, shows_names: bool) -> Mapping[int, Holder]:  # noqa: FBT001  # the shape of a reader
    """Name the bookings behind holds, in one statement, as far as this reader may know them."""
    found = db.session.scalars(
        select(Booking)
        .options(joinedload(Booking.organisation), joinedload(Booking.resource).joinedload(Resource.site))
        .where(Booking.hold_id.in_(list(hold_ids)))
    )
    return {b.hold_id: _holder(b, actor, shows_names=shows_names) for b in found if b.hold_id is not None}


def _holder(booking: Booking, actor: Actor, *, shows_names: bool) -> Holder:
    may_see = can(actor, BookingPermission.SEE, booking)
    kind = "mine" if is_party(actor, booking) else "pending" if booking.decision == PENDING else "busy"
    # Taken as a part of something else, or with it: then what is told of that other place counts as well.
    named = may_see or (shows_names and booking.resource.shows_holder and bool(actor.memberships))
    return Holder(
        name=booking.organisation.name if named else "",
        href=f"/reservations/{booking.ref}" if may_see else None,
        kind=kind,
    )
