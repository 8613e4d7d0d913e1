"""Requests for the same time that cannot all be had: put side by side, in the order of priority, for whoever decides.

Nothing is decided here, and nothing that was accepted is ever taken back: the order only says who comes first, and why.
What is in the way is what would be taken (app.bookings.rivals): a hall and its half are asked for at the same time.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, select

from app.accounts.models import Organisation
from app.availability.having import Claims
from app.availability.queries import fresh_claims, terms_of
from app.availability.rules import Terms
from app.bookings.models import Booking
from app.bookings.queries import whole
from app.bookings.rivals import Group, Want, clashes, groups, lost_to, pressed, wants_of
from app.bookings.rules import APPROVED, PENDING
from app.bookings.turns import waits_for_manager
from app.catalogue.models import Resource
from app.core import clock
from app.core.span import Span
from app.infra.db import db


@dataclass(frozen=True)
class Contest:
    """Requests of which one more than fits was made: the first in the order of priority first.

    `compared_until` is when the place said it would have seen all requests; None where it does not wait for any.
    `scarce` names what there is too little of, where the requests are not all for one resource.
    """

    bookings: tuple[Booking, ...]
    compared_until: datetime | None
    scarce: tuple[str, ...] = ()
    ahead: Mapping[int, Booking] = field(default_factory=dict)  # by booking

    def ahead_of(self, booking: Booking) -> Booking | None:
        """Find who comes before a request by a better class, where a yes to it leaves too little for all of these."""
        return self.ahead.get(booking.id)

    @property
    def is_open(self) -> bool:
        """Tell whether other requests may still come before the place has said it decides."""
        return self.compared_until is not None and self.compared_until > clock.now()

    @property
    def has_classes(self) -> bool:
        """Tell whether priority decides the order, and not only who came first."""
        return len({each.organisation.priority_class for each in self.bookings}) > 1


@dataclass(frozen=True)
class Lost:
    """What became of the time a request asks for: the organisation that was accepted for it since, and when."""

    organisation: Organisation
    at: datetime


@dataclass(frozen=True)
class Comparison:
    """What waits and keeps nothing meanwhile, looked at together: what cannot all be had, what can no more be had."""

    contests: Sequence[Contest] = ()
    lost: Mapping[int, Lost] = field(default_factory=dict)  # by booking

    def contest_of(self, booking: Booking) -> Contest | None:
        """Find the contest a request is part of."""
        return next((each for each in self.contests if any(b.id == booking.id for b in each.bookings)), None)


class Asked(NamedTuple):
    """A request that waits, as far as it is compared with others."""

    id: int
    resource_id: int
    organisation_id: int
    start_at: datetime
    end_at: datetime
    quantity: int
    created_at: datetime
    resource: str
    organisation: str
    is_alone: bool  # neither a date of a series nor an element of a bundle

    @classmethod
    def of(cls, booking: Booking) -> "Asked":
        """Write down what is compared of a request."""
        b, is_alone = booking, booking.series_id is None and booking.bundle_id is None
        names = b.resource.name, b.organisation.name
        return cls(
            b.id, b.resource_id, b.organisation_id, b.start_at, b.end_at, b.quantity, b.created_at, *names, is_alone
        )  # fmt: skip

    @property
    def span(self) -> Span:
        """The time people see."""
        return Span(self.start_at, self.end_at)


# Which of those of a better class cannot all be had once a request is.
PressedBy = Callable[[Booking, Sequence[Booking]], frozenset[int]]


def order(bookings: Iterable[Booking]) -> list[Booking]:
    """Put requests in the order of priority: by class (P0 first), then by who asked first."""
    return sorted(bookings, key=lambda b: (b.organisation.priority_class, b.created_at, b.id))


def contests(where: ColumnElement[bool]) -> Sequence[Contest]:
    """Read the contests among the requests that meet a condition on their resource and site."""
    return compare(where).contests


def compare_with(booking: Booking) -> Comparison:
    """Compare a request with what else waits at its site; nothing for one that is decided or keeps its time."""
    if booking.decision != PENDING or booking.hold_id is not None:
        return Comparison()
    return compare(Resource.site_id == booking.resource.site_id)


def compare(where: ColumnElement[bool]) -> Comparison:
    """Compare all that waits and keeps nothing among the requests that meet a condition on their resource and site.

    The dates of a series are one request and answered as such, and so are the elements of a bundle: they are in no
    contest; what stands against each of them is told on its card.
    """
    waiting = _asked(where, waits_for_manager())
    if not waiting:
        return Comparison()
    terms = terms_of({each.resource_id for each in waiting})
    wants = _wants(waiting, terms)
    claims = _claims(wants)
    now = clock.epoch()
    in_the_way = lost_to(wants, claims, now)
    alone = {each.id for each in waiting if each.is_alone} - set(in_the_way)
    asked = [want for want in wants if want.booking_id in alone]

    def pressed_by(booking: Booking, better: Sequence[Booking]) -> frozenset[int]:
        ids = {booking.id, *(each.id for each in better)}
        return pressed([want for want in asked if want.booking_id in ids], booking.id, claims, now)

    return Comparison(_contests(groups(asked, claims, now), terms, pressed_by), _lost(waiting, in_the_way))


def _asked(*where: ColumnElement[bool]) -> list[Asked]:
    """Read what waits and keeps nothing meanwhile, under conditions on booking, resource and site.

    Who calls their own quota back competes with nobody: others will give it back.
    """
    b = Booking
    columns = b.id, b.resource_id, b.organisation_id, b.start_at, b.end_at, b.quantity, b.created_at
    is_alone = and_(b.series_id.is_(None), b.bundle_id.is_(None))
    waiting = (
        select(*columns, Resource.name, Organisation.name, is_alone)
        .join(b.resource)
        .join(Resource.site)
        .join(b.organisation)
        .where(b.decision == PENDING, b.hold_id.is_(None), b.end_at > clock.now(), ~b.recalls, *where)
        .order_by(b.id)
    )
    return [Asked._make(row) for row in db.session.execute(waiting)]


def _claims(wants: Sequence[Want]) -> Claims:
    if not wants:
        return {}
    since, until = min(each.start for each in wants), max(each.end for each in wants)
    return fresh_claims({each.resource_id for each in wants}, since, until)


def _contests(found: Sequence[Group], terms: Mapping[int, Terms], pressed_by: PressedBy) -> list[Contest]:
    """Make contests of groups, the most urgent first."""
    if not found:
        return []
    wanted = whole().where(Booking.id.in_([number for group in found for number in group.booking_ids]))
    bookings = {each.id: each for each in db.session.scalars(wanted)}
    made = [
        _contest(
            order(bookings[number] for number in group.booking_ids),
            _names(group, bookings, terms),
            pressed_by,
        )
        for group in found
    ]
    return sorted(made, key=lambda contest: _deadline(contest.bookings))


def _names(group: Group, bookings: Mapping[int, Booking], terms: Mapping[int, Terms]) -> tuple[str, ...]:
    """Name what there is too little of; nothing where all ask for one resource, because then it is that."""
    resources = {bookings[number].resource_id: bookings[number].resource.name for number in group.booking_ids}
    if len(resources) == 1:
        return ()
    parts = {part.resource_id: part.name for each in resources for part in terms[each].parts}
    known = parts | resources
    return tuple(sorted(known[each] for each in group.scarce))


def _contest(several: Sequence[Booking], scarce: tuple[str, ...], pressed_by: PressedBy) -> Contest:
    ends = [
        each.created_at + timedelta(hours=each.resource.arbitration_hours)
        for each in several
        if each.resource.arbitration_hours
    ]
    ahead = {each.id: first for each in several if (first := _ahead(each, several, pressed_by))}
    return Contest(tuple(several), min(ends, default=None), scarce, ahead)


def _ahead(booking: Booking, several: Sequence[Booking], pressed_by: PressedBy) -> Booking | None:
    own = booking.organisation.priority_class
    better = [each for each in several if each.organisation.priority_class < own]
    lose = pressed_by(booking, better) if better else frozenset()
    return next((each for each in better if each.id in lose), None)


def _deadline(bookings: Sequence[Booking]) -> datetime:
    return min(each.expires_at or each.start_at for each in bookings)


def _lost(waiting: Sequence[Asked], in_the_way: Mapping[int, Collection[int]]) -> dict[int, Lost]:
    """Tell who was accepted since for what can no more be had; of several, who was accepted first."""
    holds = {hold for several in in_the_way.values() for hold in several}
    if not holds:
        return {}
    accepted = (
        select(Booking.hold_id, Booking.decided_at, Organisation)
        .join(Booking.organisation)
        .where(Booking.hold_id.in_(holds), Booking.decision == APPROVED)
        .order_by(Booking.decided_at, Booking.id)
    )
    found: dict[int, Lost] = {}
    for hold_id, decided_at, organisation in db.session.execute(accepted):
        for each in waiting:
            if hold_id in in_the_way.get(each.id, ()) and decided_at and decided_at >= each.created_at:
                found.setdefault(each.id, Lost(organisation, decided_at))
    return found


def rivals_of(bookings: Collection[Booking], terms: Mapping[int, Terms]) -> dict[int, list[Asked]]:
    """List, for each of these requests, the others that keep nothing and cannot be had together with it.

    `terms` are known for what they ask for; those of the rest of their sites are read where something is asked of it.
    """
    mine = {each.id: Asked.of(each) for each in bookings}
    sites = {each.resource.site_id for each in bookings}
    rivals = {each.id: each for each in _asked(Resource.site_id.in_(sites))} if sites else {}
    if not rivals.keys() - mine.keys() and len(rivals) < 2:
        return {}
    asked = (rivals | mine).values()
    unknown = {each.resource_id for each in asked} - terms.keys()
    known = {**terms, **terms_of(unknown)} if unknown else terms
    found = clashes(_wants(asked, known), mine, clock.epoch())
    return {number: [rivals[each] for each in several if each in rivals] for number, several in found.items()}


def _wants(asked: Iterable[Asked], terms: Mapping[int, Terms]) -> list[Want]:
    """List what requests would take; nothing for what has no hours yet."""
    return [
        want
        for each in asked
        if each.resource_id in terms
        for want in wants_of(each.id, each.organisation_id, terms[each.resource_id], each.span, each.quantity)
    ]
