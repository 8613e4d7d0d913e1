"""What fits in the place of a lost element, where a room above knows more of its request than that it was asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.bookings.models import Booking
from app.core.policy import Actor
from app.core.span import Span


@dataclass(frozen=True)
class Fit:
    """Something that fits and is free then: what is foreseen of it, why it fits, what would be missing beside it.

    It drives so many metres in all its trips together; None where nobody knows.
    """

    resource_id: int
    span: Span
    quantity: int
    km: float  # from what is replaced, as the crow flies
    metres: int | None = None
    trips: int = 1
    grams: int | None = None
    why: Sequence[str] = ()
    lacks: Sequence[str] = ()


@dataclass(frozen=True)
class Fits:
    """All that fits, the best first; why the rest does not, where the whole is prepared anew, what comes before that.

    `without` says what would be missing if the request went on without the element.
    """

    offers: Sequence[Fit]
    others: Sequence[str] = field(default=())
    again_url: str = ""
    again_words: str = ""
    without: str = ""


Finder = Callable[[Booking, Sequence[Booking], Actor], Fits | None]
_finders: list[Finder] = []


def finds_fits(finder: Finder) -> Finder:
    """Mark a function that finds what fits in the place of elements of some requests; None for all others.

    It is given the lost element, and all that its request wants now, in order, as they were read for the page.
    """
    if finder not in _finders:
        _finders.append(finder)
    return finder


def fits_for(leg: Booking, legs: Sequence[Booking], actor: Actor) -> Fits | None:
    """Find what fits; None where being alike and free is all there is to it."""
    return next((found for finder in _finders if (found := finder(leg, legs, actor))), None)
