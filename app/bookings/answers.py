"""What the pages of the catalogue ask of this room: what waits at a site, what lies ahead for a resource."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.bookings.legs import number_of_requests
from app.bookings.models import Booking, Proposal, Waiting
from app.bookings.proposals import kept_by_proposals
from app.bookings.rules import LIVE
from app.bookings.turns import is_first_of_series, waits_for_manager
from app.bookings.waitlist import kept_by_offers
from app.bookings.words import offered_to_words, proposed_to_words
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
    """List what is reserved or asked for and not over yet, and what is kept for somebody until they answer."""
    return [*_booked(resource_ids), *_proposed(resource_ids), *_offered(resource_ids)]


def _booked(resource_ids: Collection[int]) -> list[Promise]:
    found = db.session.scalars(
        select(Booking)
        .options(joinedload(Booking.organisation))
        .where(
            Booking.resource_id.in_(resource_ids), Booking.decision.in_(LIVE), Booking.end_at > clock.now()
        )
        .order_by(Booking.start_at, Booking.id)
    )
    return [
        Promise(each.ref, each.resource_id, each.span, each.organisation.name, _page(each.ref))
        for each in found
    ]


def _proposed(resource_ids: Collection[int]) -> list[Promise]:
    """List what is proposed here for requests of other places; requests of this one are listed themselves."""
    found = [each for each in kept_by_proposals(resource_ids) if each.booking.resource_id not in resource_ids]
    return [_of_proposal(each) for each in found]


def _of_proposal(proposal: Proposal) -> Promise:
    booking, zone = proposal.booking, proposal.resource.site.timezone
    name = booking.organisation.name
    note = proposed_to_words(name, proposal.expires_at, zone)
    return Promise(booking.ref, proposal.resource_id, proposal.span, name, _page(booking.ref), note)


def _offered(resource_ids: Collection[int]) -> list[Promise]:
    return [_of_offer(each) for each in kept_by_offers(resource_ids)]


def _of_offer(entry: Waiting) -> Promise:
    name = entry.organisation.name if entry.organisation else ""
    note = offered_to_words(name, entry.expires_at or entry.start_at, entry.resource.site.timezone)
    return Promise(entry.ref, entry.resource_id, entry.span, name, note=note)


def _page(ref: str) -> str:
    return f"/reservations/{ref}"
