"""Whom a request concerns besides who asks and who answers: a room above knows where it comes from, and whom it is for.

They read its page, and change nothing. What stays between the two sides (messages, notes, phones, what it costs) does.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

from app.bookings.models import Booking
from app.core.policy import Actor


class Concerned(NamedTuple):
    """An organisation that a request concerns, and the numbers of those of its elements that come to its door."""

    organisation_id: int
    meets: frozenset[int] = frozenset()


Knower = Callable[[int], Collection[Concerned]]
_knowers: list[Knower] = []


def knows_concerned(knower: Knower) -> Knower:
    """Mark a function that knows whom some requests concern, by the id of the request."""
    if knower not in _knowers:
        _knowers.append(knower)
    return knower


def concerned_by(bundle_id: int) -> list[Concerned]:
    """List the organisations that a request concerns."""
    return [each for knower in _knowers for each in knower(bundle_id)]


def meets(actor: Actor, leg: Booking) -> bool:
    """Tell whether an element comes to the door of somebody's organisation: they know what comes, hidden or not."""
    if leg.bundle_id is None or leg.leg_number is None:
        return False
    theirs = (each for each in concerned_by(leg.bundle_id) if actor.belongs_to(each.organisation_id))
    return any(leg.leg_number in each.meets for each in theirs)
