"""Elements that do not fit in their request any more as they are now: a room above knows that, and says why."""

from collections.abc import Callable, Collection, Mapping

from app.bookings.bundles import Whole
from app.bookings.fitting import Wanted
from app.bookings.models import Booking
from app.core.policy import Actor

Teller = Callable[[Collection[Whole], Actor], Mapping[int, str]]
Looker = Callable[[Booking, Wanted, Actor], str]
_tellers: list[Teller] = []
_lookers: list[Looker] = []


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


def looks_at_offers(looker: Looker) -> Looker:
    """Mark a function that says why what is proposed for an element would not fit in its request; empty: it would."""
    if looker not in _lookers:
        _lookers.append(looker)
    return looker


def misfit_of_offer(booking: Booking, wanted: Wanted, actor: Actor) -> str:
    """Say why what is proposed would not fit in the request that a booking is an element of; empty where it would."""
    if booking.bundle_id is None or booking.leg_number is None:
        return ""
    return next((why for looker in _lookers if (why := looker(booking, wanted, actor))), "")
