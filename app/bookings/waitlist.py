"""Reads of waiting lists: who waits for a resource, in which order, and what one person waits for."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.availability.components import whole_ids
from app.bookings.models import Booking, Waiting
from app.bookings.rules import IN_LINE, OFFERED, STILL_WAITING, WAITS
from app.catalogue.models import Resource, Site
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor
from app.core.span import Span
from app.infra.db import db

MOST_SHOWN = 50
_REF = re.compile(r"[2-9A-Z]{6,16}")


@dataclass(frozen=True)
class Want:
    """A slot somebody waits for. Without an organisation they only want to be told when it is free."""

    resource_id: int
    span: Span
    quantity: int
    organisation_id: int | None = None
    purpose: str = ""
    people: int | None = None
    message: str = ""  # to the manager, once it is asked for

    def told_for(self, actor: Actor) -> int | None:
        """Tell as which organisation somebody would ask who only wants to be told; None for who is in line for one."""
        return actor.acting_for if self.organisation_id is None else None


def get_waiting(ref: str) -> Waiting:
    """Get somebody's place on a list by its reference, with what its page shows; raise NotFound."""
    found = None
    if _REF.fullmatch(ref.upper()):
        found = db.session.scalars(_whole().where(Waiting.ref == ref.upper())).one_or_none()
    if found is None:
        raise NotFound(kind="waiting")
    return found


def waiting_of(actor: Actor) -> Sequence[Waiting]:
    """List what a person still waits for, or somebody for an organisation they administer; offers first."""
    administered = [number for number, role in actor.memberships.items() if role == "org_admin"]
    mine = (Waiting.person_id == actor.person_id) | Waiting.organisation_id.in_(administered)
    found = _whole().where(Waiting.state.in_(STILL_WAITING), mine)
    in_order = found.order_by(Waiting.expires_at.is_(None), Waiting.start_at, Waiting.id)
    return db.session.scalars(in_order.limit(MOST_SHOWN)).all()


def in_line_for(resource_id: int, span: Span) -> Sequence[Waiting]:
    """List who is in line for a resource around a time, the first first."""
    return db.session.scalars(
        select(Waiting)
        .options(joinedload(Waiting.organisation), joinedload(Waiting.person))
        .where(
            Waiting.resource_id == resource_id,
            Waiting.state.in_(STILL_WAITING),
            Waiting.mode == IN_LINE,
            Waiting.start_at < span.end,
            Waiting.end_at > span.start,
        )
        .order_by(Waiting.id)
        .limit(MOST_SHOWN)
    ).all()


def places_in_line(entries: Iterable[Waiting]) -> dict[int, int]:
    """Tell, by id, which place in line each has among those who want some of the same time; in one statement."""
    mine = [each for each in entries if each.mode == IN_LINE]
    others = _lines(each.resource_id for each in mine)
    return {each.id: 1 + sum(_is_before(other, each) for other in others[each.resource_id]) for each in mine}


def _lines(resource_ids: Iterable[int]) -> Mapping[int, list[Waiting]]:
    wanted, found = set(resource_ids), defaultdict(list)
    if wanted:
        live = Waiting.state.in_(STILL_WAITING), Waiting.mode == IN_LINE
        for each in db.session.scalars(select(Waiting).where(Waiting.resource_id.in_(wanted), *live)):
            found[each.resource_id].append(each)
    return found


def _is_before(other: Waiting, entry: Waiting) -> bool:
    return other.id < entry.id and other.span.overlaps(entry.span)


def still_waiting(resource_id: int) -> Sequence[Waiting]:
    """List all who wait for a resource as they are now: those in line first, in their order, then those to be told."""
    return db.session.scalars(
        select(Waiting)
        .where(Waiting.resource_id == resource_id, Waiting.state == WAITS)
        .order_by(Waiting.mode != IN_LINE, Waiting.id)
        .execution_options(populate_existing=True)
    ).all()


def kept_by_offers(resource_ids: Collection[int]) -> Sequence[Waiting]:
    """List what of these resources is offered to somebody and kept for them now, the first to begin first."""
    kept = Waiting.resource_id.in_(resource_ids), Waiting.state == OFFERED, Waiting.expires_at > clock.now()
    return db.session.scalars(_whole().where(*kept).order_by(Waiting.start_at, Waiting.id)).all()


def waited_for(resource_ids: Collection[int]) -> list[int]:
    """List which of these resources somebody waits for."""
    concerned = {*resource_ids, *whole_ids(resource_ids)}  # what takes them may fit now, too
    found = select(Waiting.resource_id).where(Waiting.resource_id.in_(concerned), Waiting.state == WAITS)
    return sorted(db.session.scalars(found.distinct()))


def waited_for_beside(booking_ids: Collection[int], left: Collection[int] = ()) -> list[int]:
    """List what somebody waits for at the sites of some bookings, whose requests may have come before them.

    `left` are resources that these asked for before.
    """
    asked = select(Booking.resource_id).where(Booking.id.in_(booking_ids))
    sites = select(Resource.site_id).where(Resource.id.in_(asked) | Resource.id.in_(left))
    beside = Resource.site_id.in_(sites)
    found = select(Waiting.resource_id).join(Waiting.resource).where(Waiting.state == WAITS, beside)
    return sorted(db.session.scalars(found.distinct()))


def _whole() -> Select[Waiting]:
    place = joinedload(Waiting.resource).joinedload(Resource.site).joinedload(Site.owner)
    whose = joinedload(Waiting.organisation), joinedload(Waiting.told_for), joinedload(Waiting.person)
    return select(Waiting).options(place, *whose)
