"""What replaces a lost leg of a chain is fit for what that carries; how far it and the legs beside it go is kept."""

from collections.abc import Sequence

from app.bookings.fitting import Foreseen, Wanted, fits_legs
from app.bookings.models import Booking
from app.catalogue.models import Resource
from app.core.policy import Actor
from app.infra.db import db
from app.supply.chains.errors import LegUnfit
from app.supply.chains.mending import InPlace, legs_of, refuse_unfit
from app.supply.chains.models import Chain
from app.supply.chains.planning.mending import Fit
from app.supply.chains.planning.world import Reason
from app.supply.chains.queries import find_chain


@fits_legs
def fit_in_chain(lost: Booking, wanted: Wanted, actor: Actor) -> Foreseen | None:
    """Raise LegUnfit, or write down how far the legs of a chain drive once a lost one is replaced.

    Under the guards of all its legs, which whoever replaces one holds. Where nobody knows how far it is, it stays as it
    was foreseen.
    """
    chain = find_chain(lost.bundle_id or 0)
    if chain is None:
        return None
    legs = legs_of(chain)
    fit = refuse_unfit(chain, lost, legs, wanted, actor)
    if isinstance(fit, Reason):
        name = db.session.get_one(Resource, wanted.resource_id).name
        raise LegUnfit(name=name, reason=fit.value)
    metres = _note(chain, lost, legs, fit)
    return Foreseen(lost.foreseen_metres if metres is None else metres or None, chain.grams)


def drive_anew(booking_id: int, from_resource_id: int) -> None:
    """Write down how far the legs of a chain drive once one of them was taken elsewhere, fit there or not.

    Inside the use case that takes it there, which holds the guards of all of them. Where nobody knows how far it is, it
    stays as it was foreseen.
    """
    leg = db.session.get_one(Booking, booking_id)
    chain = find_chain(leg.bundle_id) if leg.bundle_id and leg.leg_number else None
    if chain is None or leg.resource_id == from_resource_id:  # another time goes no farther
        return
    legs = legs_of(chain)
    place = InPlace.bare(chain, leg, legs, None)
    standing = place.read_all(legs)
    own, numbers = standing.get(leg.resource_id), {each.leg_number: each for each in legs}
    ways = place.beside(legs, standing).spot.ways(own.means) if own else {}
    for step in chain.steps:
        if step.leg_number in ways:
            step.metres, step.trips = ways[step.leg_number]
            numbers[step.leg_number].foreseen_metres = step.metres or None
    db.session.flush()


def _note(chain: Chain, lost: Booking, legs: Sequence[Booking], fit: Fit) -> int | None:
    """Write down how far each leg goes; give it of the one that is replaced, None where it stays as it was."""
    beside = {leg.leg_number: leg for leg in legs if leg.leg_number in fit.rides}
    for step in chain.steps:
        if step.leg_number == lost.leg_number and fit.course:
            step.metres, step.trips = fit.course.metres, fit.trips
        elif step.leg_number in beside:
            step.metres = fit.rides[step.leg_number]
            beside[step.leg_number].foreseen_metres = step.metres
    return fit.metres
