"""Who has taken a slot, for the calendars of places: names only to those who may read them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from app.accounts.models import Organisation
from app.availability.holders import Holder, holder_reader
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission, is_party
from app.bookings.rules import PENDING
from app.catalogue.models import Resource, Site
from app.core.policy import Actor, can
from app.infra.db import db


class _Place(NamedTuple):
    """What permissions ask of a site."""

    id: int
    owner_id: int


class _Held(NamedTuple):
    """What permissions and calendars ask of a booking: a planning names hundreds, each too light for a row object."""

    hold_id: int
    ref: str
    decision: str
    requester_id: int
    organisation_id: int
    territory_id: int
    organisation: str
    site_id: int
    owner_id: int
    shows_holder: bool

    @property
    def site(self) -> _Place:
        return _Place(self.site_id, self.owner_id)


_HELD = (
    select(
        Booking.hold_id,
        Booking.ref,
        Booking.decision,
        Booking.requester_id,
        Booking.organisation_id,
        Booking.territory_id,
        Organisation.name,
        Site.id,
        Site.owner_id,
        Resource.shows_holder,
    )
    .join(Organisation, Organisation.id == Booking.organisation_id)
    .join(Resource, Resource.id == Booking.resource_id)
    .join(Site, Site.id == Resource.site_id)
    .where(Booking.hold_id.in_(bindparam("holds", expanding=True)))
)


@holder_reader
def holders_of(hold_ids: Collection[int], actor: Actor, shows_names: bool) -> Mapping[int, Holder]:  # noqa: FBT001  # the shape of a reader
    """Name the bookings behind holds, in one statement, as far as this reader may know them."""
    rows: Iterable[Any] = db.session.connection().execute(_HELD, {"holds": list(hold_ids)})
    found = (_Held(*row) for row in rows)
    return {held.hold_id: _holder(held, actor, shows_names=shows_names) for held in found}


def _holder(held: _Held, actor: Actor, *, shows_names: bool) -> Holder:
    booking: Any = held  # it has all that the table asks of a booking
    may_see = can(actor, BookingPermission.SEE, booking)
    waits = held.decision == PENDING
    # Taken as a part of something else, or with it: then what is told of that other place counts as well.
    named = may_see or (shows_names and held.shows_holder and bool(actor.memberships))
    return Holder(
        name=held.organisation if named else "",
        href=f"/reservations/{held.ref}" if may_see else None,
        kind="mine" if is_party(actor, booking) else "pending" if waits else "busy",
        waits=waits,
    )
