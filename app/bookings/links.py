"""Deciding from an e-mail without signing in: a link acts once, as the manager it was sent to.

The link itself is the proof, so it only counts while that person still answers for the site.
"""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import select

from app.accounts.queries import load_actor
from app.accounts.service import note_presence
from app.availability import service as capacity
from app.bookings import guards, service
from app.bookings.errors import LinkExpired, LinkUsed
from app.bookings.models import Booking, DecisionLink
from app.bookings.policy import BookingPermission
from app.bookings.queries import get_link
from app.bookings.service.recalls import guards_for_yes
from app.core import clock
from app.core.policy import Actor, can, require
from app.infra.db import db
from app.infra.uow import atomic


class Verdict(StrEnum):
    """What a link can say."""

    APPROVE = "approve"
    REFUSE = "refuse"


def actor_of(link: DecisionLink) -> Actor:
    """Give whom a link acts as, with the roles held at this moment."""
    return load_actor(link.person_id)


def still_manages(link: DecisionLink) -> bool:
    """Tell whether the person a link was sent to still answers for the site."""
    return can(actor_of(link), BookingPermission.DECIDE, link.booking)


def decide_by_link(secret: str, verdict: Verdict, reason: str = "", *, keep_free: bool = False) -> Booking:
    """Spend a link and decide, both or neither; raise NotFound, LinkUsed, LinkExpired, Forbidden, IllegalMove."""
    link = get_link(secret)
    with atomic():
        capacity.lock(_guards_of(link))
        _spend(link.id)
        note_presence(link.person_id)
        if link.series_id is not None:
            return _decide_series(link, link.series_id, verdict, reason, keep_free=keep_free)
        if link.bundle_id is not None:
            return _decide_legs(link, link.bundle_id, verdict, reason)
        if verdict is Verdict.APPROVE:
            return service.approve(link.booking_id, actor_of(link), reason)
        return service.refuse(link.booking_id, actor_of(link), reason)


def _guards_of(link: DecisionLink) -> Sequence[int]:
    """List what to lock for a decision, all at once: what the use case needs is among it."""
    if link.bundle_id:
        return guards.of_bundle(link.bundle_id)
    return [link.booking.resource_id, *guards_for_yes(link.booking_id), *guards.beside(link.booking_id)]


def propose_by_link(secret: str, offer: service.Offer) -> Booking:
    """Spend a link on proposing another slot, both or neither; raise as `decide_by_link` and `service.propose`."""
    link = get_link(secret)
    with atomic():
        capacity.lock([link.booking.resource_id, offer.resource_id, *guards.beside(link.booking_id)])
        _spend(link.id)
        note_presence(link.person_id)
        service.propose(link.booking_id, actor_of(link), offer)
    return link.booking


def _decide_series(
    link: DecisionLink, series_id: int, verdict: Verdict, reason: str, *, keep_free: bool
) -> Booking:
    if verdict is Verdict.APPROVE:
        service.approve_series(series_id, actor_of(link), reason, keep_free=keep_free)
    else:
        service.refuse_series(series_id, actor_of(link), reason)
    return link.booking


def _decide_legs(link: DecisionLink, bundle_id: int, verdict: Verdict, reason: str) -> Booking:
    if verdict is Verdict.APPROVE:
        service.approve_legs(bundle_id, actor_of(link), reason)
    else:
        service.refuse_legs(bundle_id, actor_of(link), reason)
    return link.booking


def undo_by_link(secret: str) -> Booking:
    """Take back, within ten minutes, what a link decided; the link can then decide again."""
    link = get_link(secret)
    with atomic():
        capacity.lock([link.booking.resource_id, *guards.beside(link.booking_id)])
        current = _locked(link.id)
        actor = actor_of(current)
        require(actor, BookingPermission.DECIDE, current.booking)
        booking = current.booking
        theirs = {booking.decided_by_id, *(each.person_id for each in booking.approvals)}
        is_of_one = current.series_id is None and current.bundle_id is None
        if not is_of_one or current.used_at is None or current.person_id not in theirs:
            raise LinkUsed(ref=current.booking.ref)
        current.used_at = None
        return service.undo(current.booking_id, actor)


def _spend(link_id: int) -> None:
    """Mark a link as used; of two at once, one wins."""
    link = _locked(link_id)
    if link.used_at:
        raise LinkUsed(ref=link.booking.ref)
    if link.expires_at <= clock.now():
        raise LinkExpired(ref=link.booking.ref)
    link.used_at = clock.now()


def _locked(link_id: int) -> DecisionLink:
    return db.session.scalars(
        select(DecisionLink)
        .filter_by(id=link_id)
        .with_for_update(of=DecisionLink)
        .execution_options(populate_existing=True)
    ).one()
