"""Requests for the same time that cannot all be had: put side by side, in the order of priority, for whoever decides.

Nothing is decided here, and nothing that was accepted is ever taken back: the order only says who comes first, and why.
What is in the way is what would be taken (app.bookings.rivals): a hall and its half are asked for at the same time.
A series is one request and so is a bundle, whichever of their dates and elements others want too.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from app.accounts.models import Organisation
from app.availability.askers import Asker
from app.availability.having import Claims
from app.availability.queries import fresh_claims, terms_of
from app.availability.rules import Terms
from app.bookings.asked import Asked, key_of, read_asked, wants_for
from app.bookings.models import Booking, Series, Waiting
from app.bookings.queries import whole
from app.bookings.rivals import (
    Group,
    Key,
    Want,
    clashes,
    groups,
    lost_to,
    of_several,
    one_or_the_other,
    pressed,
    wants_of,
)
from app.bookings.rules import APPROVED, PENDING
from app.catalogue.models import Resource
from app.core import clock
from app.core.span import Span
from app.infra.db import db

_NO_CLASS = "~"  # after every class


@dataclass(frozen=True)
class Contest:
    """Requests of which one more than fits was made: the first in the order of priority first.

    Each is there once: of a series or a bundle, `bookings` has the first date or element that is contested, and `parts`
    all of them, by request. `compared_until` is when the place said it would have seen all requests; None where it does
    not wait for any. `scarce` names what there is too little of, where the requests are not all for one resource.
    `ahead` tells, by booking, who comes before, the first first.
    """

    bookings: tuple[Booking, ...]
    compared_until: datetime | None
    scarce: tuple[str, ...] = ()
    ahead: Mapping[int, tuple[Asked, ...]] = field(default_factory=dict)
    parts: Mapping[Key, tuple[Asked, ...]] = field(default_factory=dict)

    def ahead_of(self, booking: Booking) -> tuple[Asked, ...]:
        """List who comes before a booking by a better class, and could not have what they ask for after a yes to it."""
        return self.ahead.get(booking.id, ())

    def parts_of(self, booking: Booking) -> tuple[Asked, ...]:
        """List what of a booking's request is contested here, the first date first; nothing of one that is not."""
        return self.parts.get(key_of(booking), ())

    def has(self, booking: Booking) -> bool:
        """Tell whether a booking is contested here, and not only its request."""
        return any(each.id == booking.id for each in self.parts_of(booking))

    def rank_of(self, booking: Booking) -> int:
        """Give the rank of a booking's request; the first is 1."""
        keys = [key_of(each) for each in self.bookings]
        return keys.index(key_of(booking)) + 1

    def waits(self, booking: Booking) -> bool:
        """Tell whether a request waits for the place: not where it is the asker's turn, because a slot is proposed."""
        return any(each.proposal_id is None for each in self.parts_of(booking))

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
        """Find the contest a booking is part of."""
        return next((each for each in self.contests if each.has(booking)), None)

    def contests_of(self, booking: Booking) -> list[Contest]:
        """List the contests that a booking's request is part of, with whichever of its dates or elements."""
        return [each for each in self.contests if each.parts_of(booking)]

    def ahead_of(self, booking: Booking) -> tuple[Asked, ...]:
        """List who comes before a booking by priority, the first first."""
        return next((found for each in self.contests if (found := each.ahead_of(booking))), ())

    def first_ahead(self, bookings: Iterable[Booking]) -> tuple[Booking, Asked] | None:
        """Find the first of several bookings that somebody comes before, with who does."""
        return next(((each, found[0]) for each in bookings if (found := self.ahead_of(each))), None)


def order(bookings: Iterable[Booking]) -> list[Booking]:
    """Put requests in the order of priority: by class (P0 first), then by who asked first."""
    return sorted(bookings, key=lambda b: (b.organisation.priority_class, b.created_at, b.id))


def in_turn(found: Sequence[Contest]) -> list[Booking]:
    """List the requests that wait for the place, each once: those of contests that share some together, by priority.

    So nobody stands above somebody who comes before them, in whichever of their contests.
    """
    linked: list[dict[Key, Booking]] = []
    for contest in found:
        firsts = {key_of(each): each for each in contest.bookings}
        touched = [each for each in linked if each.keys() & firsts.keys()]
        for each in touched[1:]:
            linked.remove(each)
        if touched:
            touched[0].update({key: b for each in (firsts, *touched) for key, b in each.items()})
        else:
            linked.append(firsts)
    waiting = {key_of(b) for contest in found for b in contest.bookings if contest.waits(b)}
    return [b for each in linked for b in order(each.values()) if key_of(b) in waiting]


def contests(where: ColumnElement[bool]) -> Sequence[Contest]:
    """Read the contests among the requests that meet a condition on their resource and site."""
    return compare(where).contests


def compare_with(*bookings: Booking) -> Comparison:
    """Compare bookings with what else waits at their sites; nothing where they are decided or keep their time."""
    if not any(each.decision == PENDING and each.hold_id is None for each in bookings):
        return Comparison()
    return compare(Resource.site_id.in_({each.resource.site_id for each in bookings}))


def compare(where: ColumnElement[bool]) -> Comparison:
    """Compare all that waits and keeps nothing among the requests that meet a condition on their resource and site."""
    waiting = {each.id: each for each in read_asked(where)}
    if not waiting:
        return Comparison()
    terms = terms_of({each.resource_id for each in waiting.values()})
    wants = wants_for(waiting.values(), terms)
    claims, now = _claims(wants), clock.epoch()
    in_the_way = _in_the_way(waiting, wants, claims, now)
    asked = [want for want in wants if want.booking_id not in in_the_way]
    left = one_or_the_other(claims, asked, _kept(waiting.values()))
    found = groups(asked, left, now)
    ahead = {number: several for each in found for number, several in _ahead(each, waiting, asked, left, now)}
    met = of_several(found, {number: each.key for number, each in waiting.items()})
    return Comparison(_contests(met, waiting, terms, ahead), _lost(waiting.values(), in_the_way))


def ahead_of_offer(booking: Booking, place: Resource, span: Span, quantity: int) -> tuple[Asked, ...]:
    """List who of a better class waits for what a request would be offered instead, and could not have it then."""
    better = _of_a_better_class(place, booking.organisation)
    if not better:
        return ()
    terms = terms_of({place.id, *(each.resource_id for each in better.values())})
    offered = wants_of(booking.id, booking.organisation_id, terms[place.id], span, quantity)
    return _who_loses(better, offered, terms, {booking.id: booking.hold_id} if booking.hold_id else {})


def ahead_of_dates(series: Series, dates: Sequence[tuple[Span, int]]) -> list[tuple[Asked, ...]]:
    """List, for each date (when, how many) that a series would take now, who of a better class waits for it."""
    place, organisation = series.resource, series.organisation
    better = _of_a_better_class(place, organisation)
    if not better:
        return [()] * len(dates)
    terms = terms_of({place.id, *(each.resource_id for each in better.values())})
    number = max(better) + 1  # of none of these requests
    wants = (wants_of(number, organisation.id, terms[place.id], span, quantity) for span, quantity in dates)
    return [_who_loses(better, wanted, terms, {}) for wanted in wants]


def _of_a_better_class(place: Resource, organisation: Organisation) -> dict[int, Asked]:
    is_better = Organisation.priority_class < organisation.priority_class
    return {each.id: each for each in read_asked(Resource.site_id == place.site_id, is_better)}


def ahead_in_line(entry: Waiting, asker: Asker) -> Asked | None:
    """Find who waits for an answer, comes before somebody on a waiting list, and would lose to them what they ask for.

    Before them comes a better class, and of their own who asked before they joined; before nobody's class, everybody.
    """
    rank, place_id = (asker.priority or _NO_CLASS, entry.created_at), entry.resource_id
    asked = read_asked(Resource.site_id == entry.resource.site_id)
    before = {each.id: each for each in asked if each.rank[:2] < rank}
    if not before:
        return None
    terms = terms_of({place_id, *(each.resource_id for each in before.values())})
    number = max(before) + 1  # of none of these requests
    offered = wants_of(number, asker.organisation_id, terms[place_id], entry.span, entry.quantity)
    return next(iter(_who_loses(before, offered, terms, {})), None)


def _who_loses(
    waiting: Mapping[int, Asked], offered: Sequence[Want], terms: Mapping[int, Terms], own: Mapping[int, int]
) -> tuple[Asked, ...]:
    """List those of some requests that could be had now, and not any more once something is given to another.

    `own` is the hold, by number, of what the other has and would give up for it.
    """
    theirs = wants_for(waiting.values(), terms)
    claims, now = _claims([*theirs, *offered]), clock.epoch()
    in_the_way = _in_the_way(waiting, theirs, claims, now)
    asked = [*offered, *(want for want in theirs if want.booking_id not in in_the_way)]
    left = one_or_the_other(claims, asked, {**_kept(waiting.values()), **own})
    lose = pressed(asked, offered[0].booking_id, left, now)
    return tuple(sorted((waiting[number] for number in lose), key=lambda each: each.rank))


def _kept(asked: Iterable[Asked]) -> dict[int, int]:
    """Give, by booking, the hold of what is proposed for it instead."""
    return {each.id: each.kept for each in asked if each.kept is not None}


def _in_the_way(
    waiting: Mapping[int, Asked], wants: Sequence[Want], claims: Claims, now: int
) -> dict[int, set[int]]:
    """Tell of what can no more be had which holds are in its way; a request's own proposal never is."""
    found = lost_to((want for want in wants if waiting[want.booking_id].kept is None), claims, now)
    for want in wants:
        if (own := waiting[want.booking_id].kept) is not None:
            others = [claim for claim in claims.get(want.resource_id, ()) if claim.hold_id != own]
            for number, holds in lost_to([want], {want.resource_id: others}, now).items():
                found.setdefault(number, set()).update(holds)
    return found


def _claims(wants: Sequence[Want]) -> Claims:
    if not wants:
        return {}
    since, until = min(each.start for each in wants), max(each.end for each in wants)
    return fresh_claims({each.resource_id for each in wants}, since, until)


def _ahead(
    group: Group, waiting: Mapping[int, Asked], wants: Sequence[Want], claims: Claims, now: int
) -> Iterable[tuple[int, tuple[Asked, ...]]]:
    """Tell, of the bookings of a group, who of a better class could not have what they ask for after a yes to each."""
    asked = sorted((waiting[number] for number in group.booking_ids), key=lambda each: each.rank)
    wanted = [want for want in wants if want.booking_id in group.booking_ids]
    for each in asked:
        better = [other for other in asked if other.priority < each.priority]
        if better:
            ids = {each.id, *(other.id for other in better)}
            lose = pressed([want for want in wanted if want.booking_id in ids], each.id, claims, now)
            if several := tuple(other for other in better if other.id in lose):
                yield each.id, several


def _contests(
    found: Sequence[Group],
    waiting: Mapping[int, Asked],
    terms: Mapping[int, Terms],
    ahead: Mapping[int, tuple[Asked, ...]],
) -> list[Contest]:
    """Make contests of groups, the most urgent first."""
    parts = [_parts(group, waiting) for group in found]
    firsts = [several[0].id for each in parts for several in each.values()]
    if not firsts:
        return []
    bookings = {each.id: each for each in db.session.scalars(whole().where(Booking.id.in_(firsts)))}
    made = [
        Contest(
            (led := tuple(order(bookings[several[0].id] for several in each.values()))),
            _compared_until(led),
            _names(group, waiting, terms),
            {number: ahead[number] for number in group.booking_ids if number in ahead},
            each,
        )
        for group, each in zip(found, parts, strict=True)
    ]
    return sorted(made, key=lambda contest: _deadline(contest.bookings))


def _parts(group: Group, waiting: Mapping[int, Asked]) -> dict[Key, tuple[Asked, ...]]:
    """Sort what is contested by request, the first date of each first."""
    found: dict[Key, tuple[Asked, ...]] = {}
    for each in sorted((waiting[number] for number in group.booking_ids), key=lambda a: (a.start_at, a.id)):
        found[each.key] = (*found.get(each.key, ()), each)
    return found


def _names(group: Group, waiting: Mapping[int, Asked], terms: Mapping[int, Terms]) -> tuple[str, ...]:
    """Name what there is too little of; nothing where all ask for one resource, because then it is that."""
    resources = {waiting[number].resource_id: waiting[number].resource for number in group.booking_ids}
    if len(resources) == 1:
        return ()
    parts = {part.resource_id: part.name for each in resources for part in terms[each].parts}
    known = parts | resources
    return tuple(sorted(known[each] for each in group.scarce))


def _compared_until(several: Sequence[Booking]) -> datetime | None:
    ends = [
        each.created_at + timedelta(hours=each.resource.arbitration_hours)
        for each in several
        if each.resource.arbitration_hours
    ]
    return min(ends, default=None)


def _deadline(bookings: Sequence[Booking]) -> datetime:
    return min(each.expires_at or each.start_at for each in bookings)


def _lost(waiting: Collection[Asked], in_the_way: Mapping[int, Collection[int]]) -> dict[int, Lost]:
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
    rivals = {each.id: each for each in read_asked(Resource.site_id.in_(sites))} if sites else {}
    if not rivals.keys() - mine.keys() and len(rivals) < 2:
        return {}
    asked = (rivals | mine).values()
    unknown = {each.resource_id for each in asked} - terms.keys()
    known = {**terms, **terms_of(unknown)} if unknown else terms
    found = clashes(wants_for(asked, known), mine, clock.epoch())
    return {number: [rivals[each] for each in several if each in rivals] for number, several in found.items()}
