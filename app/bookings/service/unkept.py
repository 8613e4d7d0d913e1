"""What is kept for somebody's answer ends when its place opens for less time: nobody could take it any more.

Whoever narrows the hours has locked the guards, those of `asked_at` included, before anything was looked at.
"""

from collections.abc import Callable, Collection

from sqlalchemy import select

from app.bookings.models import Booking, Proposal, Waiting
from app.bookings.proposals import kept_by_proposals
from app.bookings.rules import OPEN
from app.bookings.service.proposing import withdraw_under_lock
from app.bookings.service.waiting import take_back_under_lock
from app.bookings.waitlist import kept_by_offers
from app.core.policy import Actor
from app.core.span import Span
from app.infra.db import db


def asked_at(resource_ids: Collection[int]) -> list[int]:
    """List the resources of the requests for which something is proposed at these: to be locked with them."""
    asked = select(Booking.resource_id).join(Proposal, Proposal.booking_id == Booking.id)
    return list(
        db.session.scalars(
            asked.where(Proposal.resource_id.in_(resource_ids), Proposal.state == OPEN).distinct()
        )
    )


def kept_slots(
    resource_ids: Collection[int], is_hit: Callable[[int, Span], bool]
) -> list[Proposal | Waiting]:
    """List what is proposed or offered at these resources in the time that is hit."""
    kept: list[Proposal | Waiting] = [*kept_by_proposals(resource_ids), *kept_by_offers(resource_ids)]
    return [each for each in kept if is_hit(each.resource_id, each.span)]


def end_kept(
    slots: Collection[Proposal | Waiting], actor: Actor, reason: str, locked: Collection[int]
) -> list[Proposal | Waiting]:
    """Withdraw proposals and take offers back, telling everybody; give those that ended.

    A proposal for a request whose guard is not among `locked` came this very moment: it stays, and accepting it is
    refused, because the place has closed.
    """
    ended = [each for each in slots if not isinstance(each, Proposal) or each.booking.resource_id in locked]
    for each in ended:
        if isinstance(each, Proposal):
            withdraw_under_lock(each, actor, reason)
        else:
            take_back_under_lock(each)
    return ended
