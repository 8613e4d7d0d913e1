"""What is kept for somebody's answer ends when its place opens for less time, or a quota is called back there.

Whoever does that has locked the guards, those of `guards.asked_at` included, before anything was looked at.
"""

from collections.abc import Callable, Collection

from sqlalchemy import select

from app.bookings.models import Proposal, Waiting
from app.bookings.proposals import kept_by_proposals
from app.bookings.rules import OFFERED, OPEN
from app.bookings.service.common import SYSTEM
from app.bookings.service.proposing import withdraw_under_lock
from app.bookings.service.waiting import take_back_under_lock
from app.bookings.waitlist import kept_by_offers
from app.core.policy import Actor
from app.core.span import Span
from app.infra.db import db


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


def end_recalled(hold_id: int, locked: Collection[int]) -> None:
    """End what was kept for somebody's answer of a quota that is called back: they read why, and keep their place."""
    proposals = select(Proposal).where(Proposal.hold_id == hold_id, Proposal.state == OPEN)
    offers = select(Waiting).where(Waiting.hold_id == hold_id, Waiting.state == OFFERED)
    for proposal in db.session.scalars(proposals).all():
        if proposal.booking.resource_id in locked:
            withdraw_under_lock(proposal, SYSTEM, "", is_recalled=True)
    for entry in db.session.scalars(offers).all():
        take_back_under_lock(entry, is_recalled=True)
