"""Whose turn it is, in SQL: which requests wait for one person, and which of their sites wait for somebody else."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import RoleGrant
from app.bookings.models import Booking, BookingApproval, Series
from app.bookings.rules import ENDED, PENDING
from app.catalogue.models import Approval, Resource, Site
from app.core.policy import Actor
from app.infra.audit import AuditEntry

# What lets a request wait for the place from then on: it was changed, or is the place's turn again.
_ITS_TURN_AGAIN = (
    "moved",
    "decision_undone",
    "proposal_accepted",
    "proposal_declined",
    "proposal_lapsed",
    "proposal_withdrawn",
)


def is_mine_to_decide(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL that a person answers for the booking's site, themselves or as a deputy (join Resource.site)."""
    administered = [number for number, role in actor.memberships.items() if role == "org_admin"]
    return or_(Site.id.in_({*actor.managed_sites, *actor.delegations}), Site.owner_id.in_(administered))


def waits_for_manager() -> ColumnElement[bool]:
    """Say in SQL that a request waits for the place: where a slot was proposed instead, it is the asker's turn."""
    return and_(Booking.decision == PENDING, ~Booking.proposal.has())


def waits_since() -> ColumnElement[datetime]:
    """Say in SQL when a request last began to wait for the place: when it was sent, or its turn came again."""
    again = (
        select(func.max(AuditEntry.at))
        .where(
            AuditEntry.subject_kind == "booking",
            AuditEntry.subject_id == Booking.id,
            AuditEntry.act.in_(_ITS_TURN_AGAIN),
        )
        .correlate(Booking)
        .scalar_subquery()
    )
    return func.coalesce(again, Booking.created_at)


def waits_for(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL that a request waits for a person's answer, alone or for all of its series that does.

    Where two people have to agree, only for whom a yes would still count from. Join Resource.site.
    """
    here = and_(is_mine_to_decide(actor), waits_for_manager(), _can_add_a_yes(actor, Booking))
    return and_(here, _is_first_of_series(actor))


def waits_for_others(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL that a request of a person's sites waits, for one thing to answer, but not for them."""
    here = and_(is_mine_to_decide(actor), waits_for_manager(), ~_can_add_a_yes(actor, Booking))
    return and_(here, is_first_of_series())


def mediated_by(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL that a request of a territory somebody coordinates waits for others, for one thing to answer."""
    here = and_(Booking.territory_id.in_(actor.coordinated), waits_for_manager())
    return and_(here, ~is_mine_to_decide(actor), is_first_of_series())


def is_first_of_series() -> ColumnElement[bool]:
    """Say in SQL that a request stands alone, or for all of its series that wait: these are one thing to answer.

    What waits of a series that has ended is answered date by date.
    """
    return _is_first_of_series(None)


def _is_first_of_series(actor: Actor | None) -> ColumnElement[bool]:
    """Let, for one person, only the earlier dates count that wait for them too."""
    other = aliased(Booking)
    earlier = select(other.id).where(
        other.series_id == Booking.series_id, other.decision == PENDING, other.id < Booking.id
    )
    if actor is not None:
        earlier = earlier.where(_can_add_a_yes(actor, other))
    return or_(Booking.series_id.is_(None), Booking.series.has(Series.state == ENDED), ~earlier.exists())


def _can_add_a_yes(actor: Actor, booking: Any) -> ColumnElement[bool]:
    """Say in SQL what app.bookings.two_step decides: one yes is enough, or theirs would count."""
    seat, given = aliased(RoleGrant), aliased(BookingApproval)
    already = select(given.id).where(given.booking_id == booking.id).correlate(booking, seat)
    involved = seat.person_id, actor.person_id
    completed = already.where(
        given.person_id.not_in(involved),
        or_(given.for_id.is_(None), given.for_id.not_in(involved)),
        or_(given.is_technical, seat.is_technical),
        or_(given.is_elected, seat.is_elected),
    )
    counts = (
        exists()
        .where(
            seat.site_id == Site.id,
            _is_theirs(actor, seat),
            or_(seat.is_technical, seat.is_elected),
            or_(~already.exists(), completed.exists()),
        )
        .correlate(Site, booking)
    )
    return or_(Resource.approval != Approval.TWO_STEP, counts)


def _is_theirs(actor: Actor, seat: type[RoleGrant]) -> ColumnElement[bool]:
    """Say in SQL that a manager's role is the person's, or that of somebody they stand in for at its site."""
    stood_in_for = [
        and_(seat.site_id == site_id, seat.person_id.in_(givers))
        for site_id, givers in actor.delegations.items()
    ]
    return or_(seat.person_id == actor.person_id, *stood_in_for)
