"""Reads of the heart: one booking with all its page shows, a person's bookings, a manager's inbox.

Every list comes with what its page shows, in a number of statements that does not grow with the list.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer

from app.accounts.models import Organisation, OrganisationState, Person
from app.accounts.queries import load_actor
from app.bookings.errors import BookingNotFound
from app.bookings.legs import bundle_waits, is_first_leg, number_of_requests
from app.bookings.models import Booking, BookingMessage, DecisionLink, Proposal, Series
from app.bookings.rules import APPROVED, LIVE, PENDING, REFUSED
from app.bookings.turns import (
    is_first_of_series,
    is_mine_to_decide,
    waits_for,
    waits_for_others,
)
from app.catalogue.models import Resource, Site
from app.core import clock, ids
from app.core.errors import NotFound
from app.core.policy import Actor
from app.core.span import Span
from app.infra import audit
from app.infra.audit import AuditEntry
from app.infra.db import db

INBOX_AT_MOST, RECENT_AT_MOST, COMING_AT_MOST, PAST_AT_MOST = 8, 8, 100, 30
RECENT = timedelta(days=7)
_REF = re.compile(r"[2-9A-Z]{6,16}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{20,100}")


@dataclass(frozen=True)
class Mine:
    """The bookings of a person and of the organisations they belong to."""

    coming: Sequence[Booking]  # reserved, not over yet, the next first
    waiting: Sequence[Booking]  # asked, without an answer yet; of a series the first date for all
    past: Sequence[Booking]  # over, refused, expired or cancelled, the latest first

    @property
    def is_empty(self) -> bool:
        """Tell whether this person has never asked for anything."""
        return not (self.coming or self.waiting or self.past)


@dataclass(frozen=True)
class Line:
    """One line of a booking's history, with the names of who acted."""

    entry: AuditEntry
    person: str | None
    organisation: str | None
    giver: str | None = None  # in whose place they acted, by delegation


def whole() -> Select[Booking]:
    """Select bookings with everything a card or a page shows of them."""
    return (
        select(Booking)
        .join(Booking.resource)
        .join(Resource.site)
        .options(
            contains_eager(Booking.resource).contains_eager(Resource.site).joinedload(Site.owner),
            joinedload(Booking.organisation),
            joinedload(Booking.requester),
            joinedload(Booking.decided_by),
            joinedload(Booking.decided_for),
            joinedload(Booking.series),
            joinedload(Booking.elsewhere_of).joinedload(Series.resource).joinedload(Resource.site),
            selectinload(Booking.approvals),
            joinedload(Booking.bundle),
            undefer(Booking.takes_shared),
            joinedload(Booking.proposal).joinedload(Proposal.resource).joinedload(Resource.site),
        )
    )


def get_booking(ref: str) -> Booking:
    """Get a booking by its reference, whatever the case; raise BookingNotFound."""
    ref = ref.upper()
    found = None
    if _REF.fullmatch(ref):
        found = db.session.scalars(whole().where(Booking.ref == ref)).one_or_none()
    if found is None:
        raise BookingNotFound(ref=ref)
    return found


def find_bookings(refs: Iterable[str]) -> Sequence[Booking]:
    """Find the bookings with these references, in the order of their deadlines."""
    clean = [ref for ref in refs if _REF.fullmatch(ref)]
    if not clean:
        return []
    return db.session.scalars(
        whole().where(Booking.ref.in_(clean)).order_by(Booking.expires_at, Booking.id)
    ).all()


def bookings_by_time(refs: Collection[str]) -> Sequence[Booking]:
    """Find the bookings with these references, the first first."""
    return db.session.scalars(
        whole().where(Booking.ref.in_(refs)).order_by(Booking.start_at, Booking.id)
    ).all()


def messages_of(booking_id: int) -> Sequence[BookingMessage]:
    """List the talk about a booking, oldest first."""
    return db.session.scalars(
        select(BookingMessage)
        .options(joinedload(BookingMessage.author))
        .filter_by(booking_id=booking_id)
        .order_by(BookingMessage.at, BookingMessage.id)
    ).all()


def history_of(booking_id: int) -> list[Line]:
    """List what happened to a booking, oldest first, with names."""
    entries = audit.history("booking", booking_id)
    givers = {e.id: e.facts.get("delegated_by") for e in entries}
    people = _names(Person, {e.actor_id for e in entries} | set(givers.values()))
    organisations = _names(Organisation, {e.acting_for_id for e in entries})
    return [
        Line(
            e,
            people.get(e.actor_id or 0),
            organisations.get(e.acting_for_id or 0),
            people.get(givers[e.id] or 0),
        )
        for e in entries
    ]


def last_reason(booking_id: int, act: str) -> str:
    """Give the reason of the last such act in a booking's history, empty where it has none."""
    lines = [entry for entry in audit.history("booking", booking_id) if entry.act == act]
    return str(lines[-1].facts.get("reason") or "") if lines else ""


def _names(kind: type[Person | Organisation], wanted: set[int | None]) -> Mapping[int, str]:
    known = [number for number in wanted if number]
    if not known:
        return {}
    return {
        row.id: row.name for row in db.session.execute(select(kind.id, kind.name).where(kind.id.in_(known)))
    }


def givers_of(actor: Actor) -> Mapping[int, str]:
    """Name, by id, those in whose place somebody decides today; no statement for who decides in nobody's."""
    return _names(Person, {giver for givers in actor.delegations.values() for giver in givers})


# -- a person's bookings ------------------------------------------------------------------------------------


def is_mine(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL that a booking is the person's own or of an organisation they belong to."""
    return or_(
        Booking.requester_id == actor.person_id,
        Booking.organisation_id.in_(list(actor.memberships)),
    )


def spans_like(booking: Booking, after: datetime) -> list[Span]:
    """List when the same organisation already has, or has asked for, the same resource from `after` (aware) on."""
    same = and_(
        Booking.resource_id == booking.resource_id, Booking.organisation_id == booking.organisation_id
    )
    rows = db.session.execute(
        select(Booking.start_at, Booking.end_at).where(
            same, Booking.decision.in_(LIVE), Booking.end_at > after
        )
    )
    return [Span(start, end) for start, end in rows]


def bookings_of(actor: Actor) -> Mine:
    """Read a person's bookings, in three statements."""
    now = clock.now()
    ahead = and_(Booking.decision.in_(LIVE), Booking.end_at > now)
    soonest = whole().where(is_mine(actor), ahead).order_by(Booking.start_at, Booking.id)
    past = db.session.scalars(
        whole()
        .where(is_mine(actor), ~ahead)
        .order_by(Booking.start_at.desc(), Booking.id.desc())
        .limit(PAST_AT_MOST)
    ).all()
    return Mine(
        coming=db.session.scalars(soonest.where(Booking.decision == APPROVED).limit(COMING_AT_MOST)).all(),
        waiting=db.session.scalars(
            soonest.where(Booking.decision == PENDING, is_first_of_series()).limit(COMING_AT_MOST)
        ).all(),
        past=past,
    )


def unanswered(actor: Actor, bookings: Sequence[Booking]) -> list[BookingMessage]:
    """List the last messages of talks in which somebody of the other side spoke last, the newest first."""
    by_id = {b.id: b for b in bookings}
    if not by_id:
        return []
    last = (
        select(func.max(BookingMessage.id))
        .where(BookingMessage.booking_id.in_(by_id))
        .group_by(BookingMessage.booking_id)
    )
    found = db.session.scalars(
        select(BookingMessage)
        .options(joinedload(BookingMessage.author))
        .where(BookingMessage.id.in_(last), BookingMessage.author_id != actor.person_id)
        .order_by(BookingMessage.id.desc())
    )
    return [m for m in found if m.author_id != by_id[m.booking_id].requester_id]


# -- a manager's inbox --------------------------------------------------------------------------------------


def waiting_for(actor: Actor, first: Collection[int] = ()) -> Sequence[Booking]:
    """List the requests a person has to answer: all those in `first`, then the most urgent."""
    return db.session.scalars(
        whole()
        .where(waits_for(actor))
        .where(is_first_leg(waits_for(actor)))
        .order_by(Booking.id.not_in(first), Booking.expires_at, Booking.start_at, Booking.id)
        .limit(max(INBOX_AT_MOST, len(first)))
    ).all()


def waiting_for_others(actor: Actor) -> Sequence[Booking]:
    """List the requests of a person's sites that somebody else has to answer, the most urgent first."""
    return db.session.scalars(
        whole()
        .where(waits_for_others(actor))
        .order_by(Booking.expires_at, Booking.start_at, Booking.id)
        .limit(RECENT_AT_MOST)
    ).all()


def decided_lately(actor: Actor) -> Sequence[Booking]:
    """List what managers of a person's sites decided in the last week, the newest first."""
    return db.session.scalars(
        whole()
        .where(
            is_mine_to_decide(actor),
            Booking.decision.in_((APPROVED, REFUSED)),
            Booking.decided_by_id.is_not(None),
            Booking.decided_at >= clock.now() - RECENT,
        )
        .order_by(Booking.decided_at.desc(), Booking.id.desc())
        .limit(RECENT_AT_MOST)
    ).all()


def count_waiting_for(actor: Actor) -> int:
    """Count the requests a person has to answer."""
    if not (actor.managed_sites or actor.delegations) and "org_admin" not in actor.memberships.values():
        return 0
    return (
        db.session.scalar(
            select(number_of_requests())
            .select_from(Booking)
            .join(Booking.resource)
            .join(Resource.site)
            .where(waits_for(actor))
        )
        or 0
    )


def neighbours(around: Mapping[int, tuple[int, Span]]) -> dict[int, list[Booking]]:
    """Find the live bookings near requests, in one statement.

    `around` gives for each booking id its resource and the span looked at; the answer leaves the booking out.
    """
    if not around:
        return {}
    near = [
        and_(Booking.resource_id == resource, Booking.start_at < span.end, Booking.end_at > span.start)
        for resource, span in set(around.values())
    ]
    rows = db.session.scalars(
        select(Booking)
        .options(joinedload(Booking.organisation))
        .where(Booking.decision.in_(LIVE), or_(*near))
        .order_by(Booking.start_at, Booking.id)
    ).all()
    found: dict[int, list[Booking]] = defaultdict(list)
    for number, (resource, span) in around.items():
        found[number] = [
            b for b in rows if b.id != number and b.resource_id == resource and b.span.overlaps(span)
        ]
    return found


# -- asking -------------------------------------------------------------------------------------------------


def organisations_to_ask_for(
    resource: Resource, actor: Actor, *, any_of_territory: bool
) -> Sequence[Organisation]:
    """List the organisations a person may ask for: their own, or every active one of the territory."""
    found = select(Organisation).where(
        Organisation.territory_id == resource.territory_id, Organisation.state == OrganisationState.ACTIVE
    )
    if not any_of_territory:
        found = found.where(Organisation.id.in_(list(actor.memberships)))
    return db.session.scalars(found.order_by(Organisation.name, Organisation.id)).all()


# -- links from e-mails -------------------------------------------------------------------------------------


def find_link(secret: str) -> DecisionLink | None:
    """Find the stored side of a decision link, with its booking as pages show it."""
    if not _SECRET.fullmatch(secret):
        return None
    booking = joinedload(DecisionLink.booking)
    return db.session.scalars(
        select(DecisionLink)
        .options(
            joinedload(DecisionLink.person),
            booking.joinedload(Booking.resource).joinedload(Resource.site).joinedload(Site.owner),
            booking.joinedload(Booking.organisation),
            booking.joinedload(Booking.requester),
            booking.joinedload(Booking.decided_by),
            booking.joinedload(Booking.decided_for),
            booking.selectinload(Booking.approvals),
            booking.undefer(Booking.takes_shared),
        )
        .where(DecisionLink.token_hash == ids.hash_secret(secret))
    ).one_or_none()


def get_link(secret: str) -> DecisionLink:
    """Get the stored side of a decision link; raise NotFound."""
    link = find_link(secret)
    if link is None:
        raise NotFound(kind="decision_link")
    return link


def is_open(link: DecisionLink, now: datetime) -> bool:
    """Tell whether a link can still decide: it was not used, and something it is about waits for its reader."""
    return link.used_at is None and link.expires_at > now and _waits(link)


def _waits(link: DecisionLink) -> bool:
    """Tell whether what a link is about waits; of a bundle, only the legs its reader answers for count."""
    if link.bundle_id is not None:
        return bundle_waits(link.bundle_id, waits_for(load_actor(link.person_id)))
    if link.booking.decision == PENDING:
        return True
    return link.series_id is not None and bool(waiting_of([link.series_id]))


# -- series -------------------------------------------------------------------------------------------------


def get_series(ref: str) -> Series:
    """Get a series by its reference, with its place; raise BookingNotFound."""
    if _REF.fullmatch(ref.upper()):
        place = joinedload(Series.resource).joinedload(Resource.site).joinedload(Site.owner)
        parties = joinedload(Series.organisation), joinedload(Series.requester)
        wanted = select(Series).options(place, *parties).filter_by(ref=ref.upper())
        if found := db.session.scalars(wanted).one_or_none():
            return found
    raise BookingNotFound(ref=ref)


def occurrences_of(series_id: int) -> Sequence[Booking]:
    """List the bookings of a series in order of time."""
    return db.session.scalars(
        whole().where(Booking.series_id == series_id).order_by(Booking.start_at, Booking.id)
    ).all()


def waiting_dates(series_ids: Iterable[int]) -> dict[int, list[Booking]]:
    """List, for each series, the occurrences that can still be answered, in order of time, in one statement."""
    wanted, found = list(series_ids), defaultdict(list)
    if wanted:
        waiting = and_(Booking.decision == PENDING, Booking.end_at > clock.now())
        rows = select(Booking).where(Booking.series_id.in_(wanted), waiting)
        for booking in db.session.scalars(rows.order_by(Booking.start_at, Booking.id)):
            found[booking.series_id or 0].append(booking)
    return dict(found)


def waiting_of(series_ids: Iterable[int]) -> dict[int, int]:
    """Count, for each series, the occurrences that wait for an answer, in one statement."""
    wanted = list(series_ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Booking.series_id, func.count(Booking.id))
        .where(Booking.series_id.in_(wanted), Booking.decision == PENDING)
        .group_by(Booking.series_id)
    )
    return {series_id: number for series_id, number in rows if series_id}
