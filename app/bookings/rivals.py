"""Which requests cannot all be had, by what each would take: of its resource, and of all that is made of or with it.

Pure. A hall and one of its halves meet on the half; two kits meet on the boards they draw from the same pool.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from app.availability.rules import Taken, Terms, loads
from app.core.span import Span

Claims = Mapping[int, Sequence[Taken]]  # what is taken, by resource


class Want(NamedTuple):
    """What one request would take of one resource from `start` to `end` (epoch seconds, buffers included)."""

    booking_id: int
    resource_id: int
    capacity: int
    start: int
    end: int
    qty: int


@dataclass(frozen=True)
class Group:
    """Requests of which one more than fits was made, and the resources there is too little of."""

    booking_ids: frozenset[int]
    scarce: frozenset[int]


def wants_of(booking_id: int, terms: Terms, span: Span, quantity: int) -> list[Want]:
    """List what a request would take: of the resource itself, then of each of its parts."""
    start, end = span.epochs
    return [
        Want(
            booking_id,
            need.resource_id,
            need.capacity,
            start - need.before * 60,
            end + need.after * 60,
            quantity * need.qty,
        )
        for need in terms.needs
    ]


def lost_to(wants: Iterable[Want], claims: Claims) -> dict[int, set[int]]:
    """Tell of requests that cannot be had any more which holds are in their way, by request."""
    found: dict[int, set[int]] = defaultdict(set)
    for want in wants:
        if holds := _in_the_way(want, claims.get(want.resource_id, ())):
            found[want.booking_id] |= holds
    return dict(found)


def _in_the_way(want: Want, taken: Sequence[Taken]) -> set[int]:
    full = [
        load
        for load in loads(taken, want.start, want.end)
        if load.qty and load.qty + want.qty > want.capacity
    ]
    return {
        claim.hold_id for claim in taken for load in full if claim.start < load.end and claim.end > load.start
    }


def groups(wants: Iterable[Want], claims: Claims) -> list[Group]:
    """Group the requests that do not all fit beside what is taken; two groups have no request in common."""
    found: list[Group] = []
    for resource_id, several in _by_resource(wants).items():
        for together in _crowds(several, claims.get(resource_id, ())):
            found = _joined(found, Group(together, frozenset({resource_id})))
    return found


def _by_resource(wants: Iterable[Want]) -> Mapping[int, list[Want]]:
    found: dict[int, list[Want]] = defaultdict(list)
    for want in wants:
        found[want.resource_id].append(want)
    return found


def _crowds(wants: Sequence[Want], taken: Sequence[Taken]) -> list[frozenset[int]]:
    """List, for each time in which there is too little of a resource, the several requests that want some of it."""
    own = [Taken(each.start, each.end, each.qty, 0, "booking") for each in wants]
    since, until = min(each.start for each in wants), max(each.end for each in wants)
    full = [load for load in loads([*taken, *own], since, until) if load.qty > wants[0].capacity]
    crowds = [
        frozenset(each.booking_id for each in wants if each.start < load.end and each.end > load.start)
        for load in full
    ]
    return [crowd for crowd in crowds if len(crowd) > 1]


def _joined(known: Sequence[Group], new: Group) -> list[Group]:
    """Add a group to others; those it shares a request with become one with it."""
    apart = [each for each in known if not each.booking_ids & new.booking_ids]
    touched = [each for each in known if each.booking_ids & new.booking_ids]
    ids = new.booking_ids.union(*(each.booking_ids for each in touched))
    return [*apart, Group(ids, new.scarce.union(*(each.scarce for each in touched)))]


def clashes(wants: Iterable[Want], of: Collection[int]) -> dict[int, list[int]]:
    """List, for each of some requests, those that cannot be had together with it, in the order of their ids."""
    found: dict[int, set[int]] = defaultdict(set)
    for several in _by_resource(wants).values():
        for one, other in combinations(several, 2):
            if _excludes(one, other):
                found[one.booking_id].add(other.booking_id)
                found[other.booking_id].add(one.booking_id)
    return {number: sorted(others) for number, others in found.items() if number in of}


def _excludes(one: Want, other: Want) -> bool:
    return one.start < other.end and one.end > other.start and one.qty + other.qty > one.capacity
