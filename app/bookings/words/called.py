"""What requests for several resources are called to those who answer an element: a room above may have a better name.

This room does not know what else some of them are. It asks whoever has said that they do, of all at once.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from app.bookings.bundles import Whole
from app.bookings.words.bundles import legs_words


@dataclass(frozen=True)
class Called:
    """What a request is: as the title of what an element is part of, said of an element, and told in a letter."""

    title: str
    part: str
    told: str


Caller = Callable[[Collection[Whole]], Mapping[int, Called]]
_callers: list[Caller] = []


def calls(caller: Caller) -> Caller:
    """Mark a function that names some of the requests it is given, by their ids."""
    if caller not in _callers:
        _callers.append(caller)
    return caller


def called(wholes: Collection[Whole]) -> Mapping[int, Called]:
    """Name requests, by their ids."""
    known = {number: name for caller in _callers for number, name in caller(wholes).items()}
    return {whole.bundle.id: known.get(whole.bundle.id) or _usually(whole) for whole in wholes}


def called_one(whole: Whole) -> Called:
    """Name a request."""
    return called([whole])[whole.bundle.id]


def _usually(whole: Whole) -> Called:
    size = legs_words(len(whole.shown))
    return Called(
        _("Part of a request for several resources"),
        _("It is part of a request for %(elements)s.", elements=size),
        _(
            "It is part of a request for %(size)s: they are useful together, and each place answers for its own.",
            size=size,
        ),
    )
