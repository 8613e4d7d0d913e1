"""Reads around proposals: the one a person looks at, what may be proposed instead, what waits for a person's answer."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.queries import load_actor
from app.availability.askers import Asker
from app.availability.beside import Beside, beside_reader
from app.availability.queries import Wish
from app.bookings.at_once import is_at_once
from app.bookings.models import Booking, Proposal
from app.bookings.policy import BookingPermission, in_whose_place
from app.bookings.roles import OWN
from app.bookings.rules import OPEN, PENDING, own_end
from app.bookings.turns import is_mine_to_decide
from app.catalogue.models import Approval, Resource, Site, Status
from app.core import clock
from app.core.policy import Actor, can
from app.core.span import Span
from app.infra.db import db

MOST_PLACES, MOST_SHOWN = 100, 20


@dataclass(frozen=True)
class Offer:
    """What is proposed instead, with the words for whoever asked.

    `instead_of` is the ref of the proposal it takes the place of, where one waits for an answer.
    """

    resource_id: int
    span: Span
    quantity: int
    message: str = ""
    instead_of: str = ""

    def wish_for(self, booking: Booking) -> Wish:
        """Say what capacity it would take, in the place of a booking's."""
        return Wish(self.resource_id, self.span, self.quantity, Asker.on_behalf_of(booking.organisation))


def find_open_proposals(booking_ids: Iterable[int]) -> Sequence[Proposal]:
    """Find the proposals for these bookings that wait for an answer, as they are now."""
    found = select(Proposal).where(Proposal.booking_id.in_(list(booking_ids)), Proposal.state == OPEN)
    fresh = found.order_by(Proposal.id).execution_options(populate_existing=True)
    return db.session.scalars(fresh).all()


def kept_by_proposals(resource_ids: Collection[int]) -> Sequence[Proposal]:
    """List what is proposed at these resources and still kept for who asked, the first to begin first."""
    kept = Proposal.resource_id.in_(resource_ids), Proposal.expires_at > clock.now()
    in_order = _open_ones().where(*kept).order_by(None).order_by(Proposal.start_at, Proposal.id)
    return db.session.scalars(in_order).all()


@beside_reader
def beside_requests(hold_ids: Collection[int]) -> list[Beside]:
    """List what is proposed and kept beside requests that keep their own time; holds of either side find the pair."""
    p, b = Proposal, Booking
    of_either = p.hold_id.in_(hold_ids) | b.hold_id.in_(hold_ids)
    rows = db.session.execute(
        select(p.hold_id, b.hold_id, p.resource_id, p.start_at, p.end_at, p.quantity)
        .join(b, b.id == p.booking_id)
        .where(p.state == OPEN, p.hold_id.is_not(None), b.hold_id.is_not(None), of_either)
    )
    return [
        Beside(kept, own, Wish(place, Span(start, end), quantity))
        for kept, own, place, start, end, quantity in rows
        if kept and own
    ]


def ends_with_bundle(proposal: Proposal, booking: Booking) -> bool:
    """Tell whether other legs wait beside the one it is for: all of them end when it can no longer be accepted."""
    if booking.bundle_id is None:
        return False
    beside = select(Booking.id).where(
        Booking.bundle_id == booking.bundle_id,
        Booking.id != booking.id,
        Booking.decision == PENDING,
        Booking.expires_at <= proposal.expires_at,
    )
    return db.session.scalar(beside.limit(1)) is not None


def ends_with_request(proposal: Proposal, booking: Booking) -> bool:
    """Tell whether the time of what was asked for is over too once a proposal for it can no longer be accepted."""
    of_two = booking.resource.approval == Approval.TWO_STEP
    return booking.bundle_id is None and proposal.expires_at >= own_end(booking.start_at, of_two=of_two)


def find_last_proposal(booking_id: int) -> Proposal | None:
    """Find the last proposal made for a booking, whatever became of it, with its place."""
    place = joinedload(Proposal.resource).joinedload(Resource.site).joinedload(Site.owner)
    made = joinedload(Proposal.made_by), joinedload(Proposal.made_for)
    last = select(Proposal).options(place, *made).filter_by(booking_id=booking_id)
    return db.session.scalars(last.order_by(Proposal.id.desc()).limit(1)).one_or_none()


def proposals_to_answer(actor: Actor) -> Sequence[Proposal]:
    """List the proposals a person may accept, the first to end first."""
    administered = [number for number, role in actor.memberships.items() if role == "org_admin"]
    may_ask = (Booking.asked_as != OWN) | Booking.organisation_id.in_(list(actor.memberships))
    mine = (Booking.requester_id == actor.person_id) & may_ask | Booking.organisation_id.in_(administered)
    return db.session.scalars(_open_ones().where(mine)).all()


def proposals_made(actor: Actor) -> Sequence[Proposal]:
    """List what is proposed for requests at a person's sites and not answered yet, the first to end first."""
    return db.session.scalars(_open_ones().where(is_mine_to_decide(actor)).limit(MOST_SHOWN)).all()


def _open_ones() -> Select[Proposal]:
    place = joinedload(Proposal.resource).joinedload(Resource.site).joinedload(Site.owner)
    booking = contains_eager(Proposal.booking)
    return (
        select(Proposal)
        .join(Proposal.booking)
        .join(Booking.resource)
        .join(Resource.site)
        .options(
            booking.joinedload(Booking.organisation),
            booking.joinedload(Booking.proposal),  # its card says whose turn it is
            booking.contains_eager(Booking.resource).contains_eager(Resource.site),
            place,
        )
        .where(Proposal.state == OPEN)
        .order_by(Proposal.expires_at, Proposal.id)
    )


def places_to_propose(booking: Booking, actor: Actor) -> Sequence[Resource]:
    """List what a person may propose instead of what a booking asks for: its own place first, then others of its kind.

    Managers propose what they answer for; the coordination, any place of the territory, which then has to answer.
    """
    own = booking.resource
    if booking.series_id is not None:
        return [own]
    found = (
        select(Resource)
        .join(Resource.site)
        .options(contains_eager(Resource.site))
        .where(
            Resource.territory_id == booking.territory_id,
            Resource.status.in_((Status.ACTIVE, Status.TO_CHECK)),
            Resource.kind == own.kind,
        )
    )
    if booking.territory_id not in actor.coordinated:
        administered = [number for number, role in actor.memberships.items() if role == "org_admin"]
        found = found.where(Site.id.in_(actor.managed_sites) | Site.owner_id.in_(administered))
    ranked = found.order_by(
        Resource.id != own.id,
        Resource.site_id != own.site_id,
        Resource.name,
        Resource.id,
    )
    return db.session.scalars(ranked.limit(MOST_PLACES)).all()


def is_yes_enough(proposal: Proposal, booking: Booking) -> bool:
    """Tell whether the asker's yes is all that is left: the place agrees with it already, or books at once."""
    span, quantity = proposal.span, proposal.quantity
    at_once = is_at_once(proposal.resource, booking.organisation, [span], quantity, but=[booking.id])
    return proposal.is_binding or at_once


def is_from_the_place(proposal: Proposal, booking: Booking) -> bool:
    """Tell whether whoever answers for both places proposed it, and not the coordination between them."""
    maker = load_actor(proposal.made_by_id)
    return proposal.is_binding or answers_for_both(booking, proposal.resource, maker)


def made_in_whose_place(booking: Booking, place: Resource, actor: Actor) -> int | None:
    """Tell in whose place somebody proposes who answers, at one of both places, by delegation; None for all others.

    Who only coordinates speaks for no place.
    """
    if not answers_for_both(booking, place, actor):
        return None
    return in_whose_place(actor, booking) or in_whose_place(actor, place)


def is_binding(booking: Booking, place: Resource, actor: Actor) -> bool:
    """Tell whether a proposal of this person needs nobody's answer but the asker's: they answer for both places.

    Not where two people have to agree: the other one has not been asked.
    """
    if Approval.TWO_STEP in (booking.resource.approval, place.approval):
        return False
    return answers_for_both(booking, place, actor)


def answers_for_both(booking: Booking, place: Resource, actor: Actor) -> bool:
    """Tell whether a person answers for the place a booking asks for and for another, alone or with somebody else."""
    return can(actor, BookingPermission.DECIDE, booking) and can(actor, BookingPermission.DECIDE, place)
