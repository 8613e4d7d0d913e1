"""Two people agree, or nobody has: what one yes brings, and what is still missing. Pure.

Nothing but the first yes is kept while a request waits, because a second one either completes it or is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.accounts.functions import BOTH, Functions
from app.bookings.errors import AlreadyAgreed, FunctionGiven, NoFunction


@dataclass(frozen=True)
class Seat:
    """A person as one who may say yes, with the functions they hold, or that of whom they stand in for."""

    person_id: int
    functions: Functions
    for_id: int | None = None

    @property
    def people(self) -> frozenset[int]:
        """Everybody whose voice is used up by a yes from this seat."""
        return frozenset({self.person_id, self.for_id or self.person_id})


class Given(Protocol):
    """A yes as it is kept."""

    @property
    def person_id(self) -> int:
        """Who gave it."""

    @property
    def functions(self) -> Functions:
        """What they held then."""

    @property
    def for_id(self) -> int | None:
        """In whose place they gave it, by delegation."""


def seat_of(given: Given) -> Seat:
    """Give the seat from which a yes came."""
    return Seat(given.person_id, given.functions, given.for_id)


def choose_seat(seats: Sequence[Seat], given: Sequence[Seat]) -> Seat:
    """Choose the seat from which somebody's yes counts; raise NoFunction, AlreadyAgreed, FunctionGiven."""
    holding = [seat for seat in seats if seat.functions]
    if not holding:
        raise NoFunction
    spent = frozenset[int]().union(*(each.people for each in given))
    fresh = [seat for seat in holding if not seat.people & spent]
    if not fresh:
        raise AlreadyAgreed
    useful = [seat for seat in fresh if completes(seat, given) or not given]
    if not useful:
        raise FunctionGiven(awaited=sorted(awaited_functions(given)))
    return useful[0]


def completes(seat: Seat, given: Iterable[Seat]) -> bool:
    """Tell whether a yes from this seat brings, with those given, both functions from two people."""
    return any(seat.functions | other.functions == BOTH for other in given)


def awaited_functions(given: Sequence[Seat]) -> Functions:
    """Tell any one of which functions, from somebody else, would complete what was given.

    After a person with both functions, either of them will do.
    """
    if not given:
        return BOTH
    held = given[0].functions
    return BOTH if held == BOTH else BOTH - held
