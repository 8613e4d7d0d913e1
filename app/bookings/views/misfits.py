"""Elements that do not fit in their request any more as they are now: a room above knows that, and says why."""

from collections.abc import Callable, Collection, Mapping

from app.bookings.bundles import Whole
from app.core.policy import Actor

Teller = Callable[[Collection[Whole], Actor], Mapping[int, str]]
_tellers: list[Teller] = []


def tells_misfits(teller: Teller) -> Teller:
    """Mark a function that says why elements of some requests do not fit any more, by their ids; none for the others.

    It is asked once for all of them.
    """
    if teller not in _tellers:
        _tellers.append(teller)
    return teller


def misfits_in(wholes: Collection[Whole], actor: Actor) -> Mapping[int, str]:
    """Say which elements of requests do not fit in them any more, and why, by their ids; as somebody may read it."""
    tellers = _tellers if wholes else ()
    return {number: why for teller in tellers for number, why in teller(wholes, actor).items()}
