"""Which requests cannot all be had, by what each would take: of its resource, and of all that is made of or with it.

Pure. A hall and one of its halves meet on the half; two kits meet on the boards they draw from the same pool. What
quotas keep for others is not there for who asks for more than their own.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from app.availability.having import Claims
from app.availability.quotas import kept
from app.availability.rules import Load, Taken, Terms, loads
from app.availability.sharing import Quotas
from app.core.span import Span

# Which request a booking is of: what is answered together is one, however many dates or elements it has.
Key = tuple[str, int]


class Want(NamedTuple):
    """What one request would take of one resource from `start` to `end` (epoch seconds, buffers included)."""

    booking_id: int
    resource_id: int
    capacity: int
    start: int
    end: int
    qty: int
    organisation_id: int
    quotas: Quotas | None = None

    @property
    def taken(self) -> Taken:
        """Write it as if it had been taken; it has no hold: a number below zero tells its request apart."""
        return Taken(
            self.start, self.end, self.qty, -self.booking_id, "booking", organisation=self.organisation_id
        )


@dataclass(frozen=True)
class Group:
    """Requests of which one more than fits was made, and the resources there is too little of."""

    booking_ids: frozenset[int]
    scarce: frozenset[int]


def wants_of(booking_id: int, organisation_id: int, terms: Terms, span: Span, quantity: int) -> list[Want]:
    """List what the request of an organisation would take: of the resource itself, then of each of its parts."""
    start, end = span.epochs
    return [
        Want(
            booking_id,
            need.resource_id,
            need.capacity,
            start - need.before * 60,
            end + need.after * 60,
            quantity * need.qty,
            organisation_id,
            need.quotas,
        )
        for need in terms.needs
    ]


def lost_to(wants: Iterable[Want], claims: Claims, now: int) -> dict[int, set[int]]:
    """Tell of requests that cannot be had any more which holds are in their way, by request.

    No hold where only what quotas keep for others is.
    """
    found: dict[int, set[int]] = defaultdict(set)
    for want in wants:
        taken = claims.get(want.resource_id, ())
        for load in _full(want, taken, now):
            at_fault = _at_fault([*taken, want.taken], load, want.quotas, now)
            found[want.booking_id] |= {claim.hold_id for claim in at_fault if claim.hold_id > 0}
    return dict(found)


def _full(want: Want, taken: Sequence[Taken], now: int) -> list[Load]:
    """List the stretches in which too little is left for a request, what is kept from it included."""
    known = [*taken, *_kept(want.quotas, want.organisation_id, taken, (want.start, want.end), now)]
    return [
        load
        for load in loads(known, want.start, want.end)
        if load.qty and load.qty + want.qty > want.capacity
    ]


def _kept(
    quotas: Quotas | None, but: int, taken: Sequence[Taken], span: tuple[int, int], now: int
) -> Iterable[Taken]:
    return kept(quotas, but, taken, *span, now) if quotas else ()


def _at_fault(taken: Iterable[Taken], load: Load, quotas: Quotas | None, now: int) -> list[Taken]:
    """List what makes a stretch too full: only what is above quotas, as long as these are not lent."""
    here = [claim for claim in taken if claim.start < load.end and claim.end > load.start]
    if quotas is None or load.start < quotas.kept_from(now):
        return here
    used: dict[int, int] = defaultdict(int)
    for claim in here:
        used[claim.organisation] += claim.qty
    above = {whose for whose, qty in used.items() if qty > quotas.share_of(whose)}
    return [claim for claim in here if claim.organisation in above]


def one_or_the_other(claims: Claims, wants: Iterable[Want], kept: Mapping[int, int]) -> Claims:
    """Count what is kept beside a request (the hold by its id) only as far as it is more than what it asks for.

    It will have the one or the other, so of both together it takes no more than the greater.
    """
    left = {resource_id: list(taken) for resource_id, taken in claims.items()}
    for want in wants:
        if (hold := kept.get(want.booking_id)) is not None:
            found = left.get(want.resource_id, [])
            left[want.resource_id] = [
                part for each in found for part in (_beyond(each, want) if each.hold_id == hold else [each])
            ]
    return left


def _beyond(claim: Taken, want: Want) -> list[Taken]:
    """Cut a claim where a want begins and ends, and take what is wanted off what lies between."""
    start, end = max(claim.start, want.start), min(claim.end, want.end)
    if start >= end:
        return [claim]
    parts = [
        claim._replace(end=start),
        claim._replace(start=start, end=end, qty=max(0, claim.qty - want.qty)),
        claim._replace(start=end),
    ]
    return [part for part in parts if part.start < part.end and part.qty]


def groups(wants: Iterable[Want], claims: Claims, now: int) -> list[Group]:
    """Group the requests that do not all fit beside what is taken; two groups have no request in common."""
    found: list[Group] = []
    for resource_id, several in _by_resource(wants).items():
        for together in _crowds(several, claims.get(resource_id, ()), now):
            found = _joined(found, Group(together, frozenset({resource_id})))
    return found


def _by_resource(wants: Iterable[Want]) -> Mapping[int, list[Want]]:
    found: dict[int, list[Want]] = defaultdict(list)
    for want in wants:
        found[want.resource_id].append(want)
    return found


def _crowds(wants: Sequence[Want], taken: Sequence[Taken], now: int) -> list[frozenset[int]]:
    """List, for each time in which there is too little of a resource, the several requests that want some of it."""
    one, together = wants[0], [*taken, *(each.taken for each in wants)]
    span = min(each.start for each in wants), max(each.end for each in wants)
    known = [*together, *_kept(one.quotas, 0, together, span, now)]
    full = [load for load in loads(known, *span) if load.qty > one.capacity]
    crowds = [_asked_of(_at_fault(together, load, one.quotas, now)) for load in full]
    return [crowd for crowd in crowds if len(crowd) > 1]


def _asked_of(claims: Iterable[Taken]) -> frozenset[int]:
    return frozenset(-claim.hold_id for claim in claims if claim.hold_id < 0)


def _joined(known: Sequence[Group], new: Group) -> list[Group]:
    """Add a group to others; those it shares a request with become one with it."""
    apart = [each for each in known if not each.booking_ids & new.booking_ids]
    touched = [each for each in known if each.booking_ids & new.booking_ids]
    ids = new.booking_ids.union(*(each.booking_ids for each in touched))
    return [*apart, Group(ids, new.scarce.union(*(each.scarce for each in touched)))]


def of_several(found: Iterable[Group], key_of: Mapping[int, Key]) -> list[Group]:
    """Keep the groups in which several requests meet; those in which the same ones do, on several days, become one.

    A series is one request, whichever of its dates are wanted by others. Two groups that have only that one in common
    stay two: who asks for the first Saturday does not compete with who asks for the fifth.
    """
    kept: list[tuple[frozenset[Key], Group]] = []
    keyed = [(frozenset(key_of[number] for number in each.booking_ids), each) for each in found]
    for keys, group in sorted(keyed, key=lambda pair: (-len(pair[0]), min(pair[1].booking_ids))):
        host = next((n for n, (known, _group) in enumerate(kept) if keys <= known), None)
        if host is not None:
            known, other = kept[host]
            kept[host] = known, Group(other.booking_ids | group.booking_ids, other.scarce | group.scarce)
        elif len(keys) > 1:
            kept.append((keys, group))
    return [group for _keys, group in kept]


def pressed(wants: Sequence[Want], number: int, claims: Claims, now: int) -> frozenset[int]:
    """List the requests of which one at least cannot be had beside what is taken once a request (by its id) is."""
    found: set[int] = set()
    for resource_id, several in _by_resource(wants).items():
        for together in _crowds(several, claims.get(resource_id, ()), now):
            found |= together if number in together else frozenset()
    return frozenset(found - {number})


def clashes(wants: Iterable[Want], of: Collection[int], now: int) -> dict[int, list[int]]:
    """List, for each of some requests, those that cannot be had together with it, in the order of their ids."""
    found: dict[int, set[int]] = defaultdict(set)
    for several in _by_resource(wants).values():
        for one, other in combinations(several, 2):
            if _excludes(one, other, now):
                found[one.booking_id].add(other.booking_id)
                found[other.booking_id].add(one.booking_id)
    return {number: sorted(others) for number, others in found.items() if number in of}


def _excludes(one: Want, other: Want, now: int) -> bool:
    if one.start >= other.end or one.end <= other.start:
        return False
    return one.qty + other.qty > one.capacity or bool(one.quotas and _crowds([one, other], (), now))
