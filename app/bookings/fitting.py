"""What may take the place of a lost leg besides being free: a room above knows what its request carries.

It refuses what is not fit for that, tells how far what is goes, and keeps what it knows of the leg of that number.
"""

from typing import NamedTuple, Protocol

from app.bookings.models import Booking
from app.core.policy import Actor
from app.core.span import Span


class Wanted(NamedTuple):
    """What is asked for instead."""

    resource_id: int
    span: Span
    quantity: int


class Foreseen(NamedTuple):
    """How far it will probably drive, what it will hold; None where nobody knows."""

    metres: int | None
    grams: int | None


class Fitter(Protocol):
    """Looks at what is asked for in the place of a leg that still has its number; None for requests it does not know.

    Raises why it does not fit.
    """

    def __call__(self, lost: Booking, wanted: Wanted, actor: Actor) -> Foreseen | None: ...


_fitters: list[Fitter] = []


def fits_legs(fitter: Fitter) -> Fitter:
    """Mark a function that knows of some requests what may be asked for in the place of their legs."""
    if fitter not in _fitters:
        _fitters.append(fitter)
    return fitter


def fit_in(lost: Booking, wanted: Wanted, actor: Actor) -> Foreseen:
    """Tell what is foreseen of what replaces a leg: the same as of that, where nobody knows better."""
    found = (fitter(lost, wanted, actor) for fitter in _fitters)
    return next((each for each in found if each), Foreseen(lost.foreseen_metres, lost.foreseen_grams))
