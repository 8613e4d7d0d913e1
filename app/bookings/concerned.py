"""Whom a request concerns besides who asks and who answers: a room above knows where it comes from, and whom it is for.

They read its page, and change nothing. What stays between the two sides (messages, notes, phones, what it costs) does.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from app.bookings.models import Booking
from app.core.policy import Actor


class Concerned(NamedTuple):
    """An organisation that a request concerns, and the numbers of those of its elements that come to its door."""

    organisation_id: int
    meets: frozenset[int] = frozenset()


Knower = Callable[[Collection[int]], Mapping[int, Collection[Concerned]]]
_knowers: list[Knower] = []


def knows_concerned(knower: Knower) -> Knower:
    """Mark a function that knows whom requests concern, by the ids of these; it asks once for all of them."""
    if knower not in _knowers:
        _knowers.append(knower)
    return knower


def concerned_by(bundle_id: int) -> list[Concerned]:
    """List the organisations that a request concerns."""
    return concerned_by_each([bundle_id])[bundle_id]


def concerned_by_each(bundle_ids: Collection[int]) -> Mapping[int, list[Concerned]]:
    """List the organisations that each of some requests concerns, by the id of the request; none for the others."""
    found = defaultdict[int, list[Concerned]](list)
    for knower in _knowers if bundle_ids else ():
        for number, concerned in knower(bundle_ids).items():
            found[number] += concerned
    return found


def met_among(actor: Actor, legs: Iterable[Booking]) -> set[int]:
    """Name those of some elements (ids) that come to the door of somebody's organisation.

    They know what comes, hidden or not.
    """
    wanted = [
        (leg.id, leg.bundle_id, leg.leg_number)
        for leg in legs
        if leg.bundle_id is not None and leg.leg_number
    ]
    concerned = concerned_by_each({bundle_id for _id, bundle_id, _number in wanted})
    return {
        leg_id
        for leg_id, bundle_id, number in wanted
        for each in concerned[bundle_id]
        if number in each.meets and actor.belongs_to(each.organisation_id)
    }
