"""Who has taken a slot, for the calendars of places: names only to those who may read them.

Besides bookings, what is proposed instead of a request and what is offered from a waiting list are kept for somebody.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Select, bindparam, literal, select, union_all
from sqlalchemy.orm import aliased

from app.accounts.models import Organisation
from app.availability.holders import Holder, holder_reader
from app.bookings.models import Booking, Proposal, Waiting
from app.bookings.policy import BookingPermission, is_party
from app.bookings.rules import OFFERED, OPEN, PENDING
from app.bookings.words import offered_to_words, proposed_to_words
from app.catalogue.models import Resource, Site
from app.core.policy import Actor, can
from app.infra.db import db

_BOOKING, _PROPOSAL, _OFFER = "booking", "proposal", "offer"


class _Place(NamedTuple):
    """What permissions ask of a site."""

    id: int
    owner_id: int


class _Held(NamedTuple):
    """What permissions and calendars ask of what is held: a planning names hundreds, so no row objects."""

    what: str
    hold_id: int
    ref: str
    decision: str
    requester_id: int
    organisation_id: int
    territory_id: int
    organisation: str
    until: datetime | None
    site_id: int
    owner_id: int
    timezone: str
    shows_holder: bool
    asked_site_id: int  # where the request is answered for which this place is proposed
    asked_owner_id: int

    @property
    def site(self) -> _Place:
        return _Place(self.site_id, self.owner_id)

    @property
    def as_asked(self) -> "_Held":
        """Give the request itself, as permissions look at it."""
        return self._replace(site_id=self.asked_site_id, owner_id=self.asked_owner_id)


_HOLDS: BindParameter[Any] = bindparam("holds", expanding=True)
_HERE = Site.id, Site.owner_id, Site.timezone, Resource.shows_holder


def _bookings() -> Select[*tuple[Any, ...]]:
    b = Booking
    asked = b.ref, b.decision, b.requester_id, b.organisation_id, b.territory_id, Organisation.name
    columns = literal(_BOOKING), b.hold_id, *asked, b.expires_at, *_HERE, Site.id, Site.owner_id
    found = select(*columns).join(Organisation, Organisation.id == b.organisation_id)
    return found.join(Resource, Resource.id == b.resource_id).join(Site).where(b.hold_id.in_(_HOLDS))


def _proposals() -> Select[*tuple[Any, ...]]:
    b, p, resource, site = Booking, Proposal, aliased(Resource), aliased(Site)
    asked = b.ref, b.decision, b.requester_id, b.organisation_id, b.territory_id, Organisation.name
    columns = literal(_PROPOSAL), p.hold_id, *asked, p.expires_at, *_HERE, site.id, site.owner_id
    found = (
        select(*columns)
        .join(b, b.id == p.booking_id)
        .join(Organisation, Organisation.id == b.organisation_id)
    )
    found = found.join(Resource, Resource.id == p.resource_id).join(Site, Site.id == Resource.site_id)
    found = found.join(resource, resource.id == b.resource_id).join(site, site.id == resource.site_id)
    return found.where(p.hold_id.in_(_HOLDS), p.state == OPEN)


def _offers() -> Select[*tuple[Any, ...]]:
    w = Waiting
    asked = w.ref, literal(PENDING), w.person_id, w.organisation_id, w.territory_id, Organisation.name
    columns = literal(_OFFER), w.hold_id, *asked, w.expires_at, *_HERE, Site.id, Site.owner_id
    found = select(*columns).join(Organisation, Organisation.id == w.organisation_id)
    found = found.join(Resource, Resource.id == w.resource_id).join(Site, Site.id == Resource.site_id)
    return found.where(w.hold_id.in_(_HOLDS), w.state == OFFERED)


_HELD = union_all(_bookings(), _proposals(), _offers())


@holder_reader
def holders_of(hold_ids: Collection[int], actor: Actor, shows_names: bool) -> Mapping[int, Holder]:  # noqa: FBT001  # the shape of a reader
    """Name what is behind holds, in one statement, as far as this reader may know it."""
    rows: Iterable[Any] = db.session.connection().execute(_HELD, {"holds": list(hold_ids)})
    found = (_Held(*row) for row in rows)
    return {held.hold_id: _holder(held, actor, shows_names=shows_names) for held in found}


def _holder(held: _Held, actor: Actor, *, shows_names: bool) -> Holder:
    booking: Any = held  # it has all that the table asks of a booking
    may_see = can(actor, BookingPermission.SEE, booking) or can(actor, BookingPermission.SEE, held.as_asked)
    waits = held.decision == PENDING
    # Taken as a part of something else, or with it: then what is told of that other place counts as well. What is only
    # proposed or offered to somebody is between them and the place.
    is_told = shows_names and held.shows_holder and bool(actor.memberships) and held.what == _BOOKING
    return Holder(
        name=held.organisation if may_see or is_told else "",
        label=_label(held) if may_see else "",
        href=_href(held, actor),
        kind="mine" if is_party(actor, booking) else "pending" if waits else "busy",
        waits=waits,
    )


def _label(held: _Held) -> str:
    if held.until is None or held.what == _BOOKING:
        return ""
    words = proposed_to_words if held.what == _PROPOSAL else offered_to_words
    return words(held.organisation, held.until, held.timezone)


def _href(held: _Held, actor: Actor) -> str | None:
    """Lead to the booking, also from what is proposed instead of it; to an offer, only whom it is made."""
    asked: Any = held.as_asked
    if held.what == _OFFER:
        return f"/attente/{held.ref}" if can(actor, BookingPermission.SEE_WAITING, _Entry.of(held)) else None
    return f"/reservations/{held.ref}" if can(actor, BookingPermission.SEE, asked) else None


class _Entry(NamedTuple):
    """What permissions ask of a place on a waiting list."""

    person_id: int
    organisation_id: int

    @classmethod
    def of(cls, held: _Held) -> "_Entry":
        return cls(held.requester_id, held.organisation_id)
