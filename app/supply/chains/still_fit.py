"""Legs of a chain that do not fit in it any more as they are now: moved, taken elsewhere, or not what they were."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from app.bookings.fitting import Wanted
from app.bookings.legs import order_among
from app.bookings.models import Booking
from app.bookings.rules import LIVE
from app.core import clock
from app.supply.chains.candidates import Standing
from app.supply.chains.mending import InPlace, legs_of, live_places
from app.supply.chains.models import Chain
from app.supply.chains.planning.fitness import fit_until
from app.supply.chains.planning.mending import Fit
from app.supply.chains.planning.world import Means, Reason, Task
from app.supply.chains.queries import find_chain
from app.supply.chains.unfit import unfit_among


def unfit_legs(chain: Chain, legs: Sequence[Booking]) -> Mapping[int, Reason]:
    """Tell which legs that have not begun are not fit for their chain, by their number, and why.

    `legs` are all that it wants now, in order. What would break their order was refused when they were moved.
    """
    return unfit_each([(chain, legs)])[chain.bundle_id]


def unfit_each(chains: Iterable[tuple[Chain, Sequence[Booking]]]) -> Mapping[int, Mapping[int, Reason]]:
    """Tell the same of several chains with their legs, by the id of their requests: places are read once for all."""
    now, found = clock.now(), defaultdict[int, Mapping[int, Reason]](dict)
    ahead = [
        (chain, legs, mine)
        for chain, legs in chains
        if (mine := [leg for leg in legs if leg.decision in LIVE and leg.start_at > now])
    ]
    known = Standing.read({number for _chain, legs, _mine in ahead for number in live_places(legs)})
    unfit = unfit_among({leg.resource_id for _chain, _legs, mine in ahead for leg in mine})
    for chain, legs, mine in ahead:
        found[chain.bundle_id] = _unfit_of(chain, legs, mine, known, unfit)
    return found


def _unfit_of(
    chain: Chain, legs: Sequence[Booking], ahead: Sequence[Booking], known: Standing, unfit: set[int]
) -> Mapping[int, Reason]:
    order = order_among(chain.bundle, legs)
    places = [InPlace.bare(chain, leg, legs, order) for leg in ahead]
    # by the day of the first of them: certificates end later, or not
    standing = known.among(live_places(legs), places[0].wanted)
    found = {}
    for place in places:
        own = standing.get(place.leg.resource_id)
        fit = _look(place.beside(legs, standing), own.means if own else None, unfit)
        if isinstance(fit, Reason):
            found[place.spot.own.number] = fit
    return found


def _look(place: InPlace, means: Means | None, unfit: set[int]) -> Fit | Reason:
    leg = place.leg
    fit = place.refuse(means, Wanted(leg.resource_id, leg.span, leg.quantity), unfit)
    if isinstance(fit, Reason) or means is None or means.task is not Task.DRIVE:
        return fit
    last = fit_until(means, place.spot.cargo.regime)
    return Reason.NOT_COLD_ENOUGH if last is not None and leg.span.epochs[1] > last else fit


def unfit_beside(leg: Booking) -> list[tuple[Booking, Reason]]:
    """List what is not fit for the chain that a booking is part of, as it is now: what is moved may leave others unfit.

    A van of which the time was right does not reach a kitchen that was taken elsewhere.
    """
    chain = find_chain(leg.bundle_id) if leg.bundle_id and leg.leg_number else None
    if chain is None:
        return []
    legs = legs_of(chain)
    found = unfit_legs(chain, legs)
    return [(each, found[number]) for each in legs if (number := each.leg_number or 0) in found]
