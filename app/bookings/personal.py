"""What accounts ask of this room: what a person or an organisation still has going, and what is kept of a person."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.asks import Pledge, Whose, gives_own, keeps_still, names_things, pledges_of
from app.accounts.queries.own import write_instant
from app.availability.service import lock
from app.bookings.models import (
    Booking,
    BookingApproval,
    BookingMessage,
    Bundle,
    DecisionLink,
    Proposal,
    Series,
    Waiting,
)
from app.bookings.rules import LIVE, PENDING
from app.catalogue.models import Resource, Site
from app.core import clock
from app.core.span import Span
from app.infra.db import db


@pledges_of.answered_by
def not_over(whose: Whose) -> Sequence[Pledge]:
    """List what a person has asked for, or anybody for an organisation, that is not over yet, the first first."""
    theirs = (
        Booking.requester_id == whose.person_id
        if whose.person_id is not None
        else Booking.organisation_id == whose.organisation_id
    )
    columns = (
        Booking.ref, Booking.start_at, Booking.end_at, Booking.decision, Resource.id, Resource.name, Site.name,
        Site.timezone, Booking.organisation_id,
    )  # fmt: skip
    rows = db.session.execute(
        select(*columns)
        .join(Resource, Resource.id == Booking.resource_id)
        .join(Site, Site.id == Resource.site_id)
        .where(theirs, Booking.decision.in_(LIVE), Booking.end_at > clock.now())
        .order_by(Booking.start_at, Booking.id)
    )
    return [Pledge(row[0], Span(row[1], row[2]), row[3] == PENDING, *row[4:]) for row in rows]


@keeps_still
def keep_resources(resource_ids: Collection[int]) -> None:
    """Keep resources from being booked or freed by others until the use case ends."""
    lock(list(resource_ids))


@names_things("booking")
def refs(ids: Collection[int]) -> Mapping[int, str]:
    """Name bookings by their reference."""
    rows = db.session.execute(select(Booking.id, Booking.ref).where(Booking.id.in_(ids)))
    return {row.id: row.ref for row in rows}


@gives_own("bookings")
def asked_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of what a person has asked for; not who answered."""
    found = db.session.scalars(
        select(Booking)
        .options(joinedload(Booking.organisation), joinedload(Booking.resource).joinedload(Resource.site))
        .filter_by(requester_id=person_id)
        .order_by(Booking.id)
    )
    return [_asked(each) for each in found]


@gives_own("series")
def repeated_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of what a person asked for again and again; its dates are among the bookings."""
    found = db.session.scalars(select(Series).filter_by(requester_id=person_id).order_by(Series.id))
    return [
        {
            "ref": each.ref,
            "rule": each.rule,
            "purpose": each.purpose,
            "state": each.state,
            "asked_at": write_instant(each.created_at),
        }
        for each in found
    ]


@gives_own("bundles")
def bundled_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of what a person asked for in one act; its legs are among the bookings."""
    found = db.session.scalars(select(Bundle).filter_by(requester_id=person_id).order_by(Bundle.id))
    return [
        {
            "ref": each.ref,
            "purpose": each.purpose,
            "people_expected": each.people,
            "asked_at": write_instant(each.created_at),
        }
        for each in found
    ]


@gives_own("messages")
def written_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of what a person wrote in talks about bookings; not what others wrote."""
    rows = db.session.execute(
        select(Booking.ref, BookingMessage.at, BookingMessage.text)
        .join(Booking, Booking.id == BookingMessage.booking_id)
        .where(BookingMessage.author_id == person_id)
        .order_by(BookingMessage.id)
    )
    return [{"booking": row.ref, "at": write_instant(row.at), "text": row.text} for row in rows]


@gives_own("approvals_given")
def agreed_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of the requests a person agreed to where two people have to."""
    rows = db.session.execute(
        select(Booking.ref, BookingApproval.at)
        .join(Booking, Booking.id == BookingApproval.booking_id)
        .where(BookingApproval.person_id == person_id)
        .order_by(BookingApproval.id)
    )
    return [{"booking": row.ref, "at": write_instant(row.at)} for row in rows]


@gives_own("proposals")
def proposed_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of the slots a person proposed instead of those asked for; not what the askers answered."""
    rows = db.session.execute(
        select(
            Booking.ref,
            Resource.name,
            Proposal.start_at,
            Proposal.end_at,
            Proposal.message,
            Proposal.created_at,
        )
        .join(Booking, Booking.id == Proposal.booking_id)
        .join(Resource, Resource.id == Proposal.resource_id)
        .where(Proposal.made_by_id == person_id)
        .order_by(Proposal.id)
    )
    return [
        {
            "booking": row.ref,
            "resource": row.name,
            "start": write_instant(row.start_at),
            "end": write_instant(row.end_at),
            "message": row.message,
            "at": write_instant(row.created_at),
        }
        for row in rows
    ]


@gives_own("waiting")
def waited_for_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of what a person waited for, and what became of it."""
    found = db.session.scalars(
        select(Waiting)
        .options(joinedload(Waiting.resource))
        .filter_by(person_id=person_id)
        .order_by(Waiting.id)
    )
    return [
        {
            "ref": each.ref,
            "resource": each.resource.name,
            "start": write_instant(each.start_at),
            "end": write_instant(each.end_at),
            "quantity": each.quantity,
            "purpose": each.purpose,
            "message": each.message,
            "state": each.state,
            "at": write_instant(each.created_at),
        }
        for each in found
    ]


@gives_own("links_to_decide")
def links_of(person_id: int) -> list[dict[str, Any]]:
    """Tell of the links a person was sent to answer requests; not their addresses."""
    rows = db.session.execute(
        select(Booking.ref, DecisionLink.created_at, DecisionLink.expires_at, DecisionLink.used_at)
        .join(Booking, Booking.id == DecisionLink.booking_id)
        .where(DecisionLink.person_id == person_id)
        .order_by(DecisionLink.id)
    )
    return [
        {
            "booking": row.ref,
            "sent_at": write_instant(row.created_at),
            "ends_at": write_instant(row.expires_at),
            "used_at": write_instant(row.used_at),
        }
        for row in rows
    ]


def _asked(booking: Booking) -> dict[str, Any]:
    return {
        "ref": booking.ref,
        "place": booking.resource.site.name,
        "resource": booking.resource.name,
        "organisation": booking.organisation.name,
        "start": write_instant(booking.start_at),
        "end": write_instant(booking.end_at),
        "quantity": booking.quantity,
        "brought": booking.pack._asdict() if booking.pack else None,
        "purpose": booking.purpose,
        "people_expected": booking.people,
        "decision": booking.decision,
        "reason": booking.reason,
        "use": booking.use,
        "part_of_price_due_percent": booking.due_percent,
        "asked_at": write_instant(booking.created_at),
        "changed_at": write_instant(booking.changed_at),
    }
