"""How who receives the food of a chain stands with food aid, on the day on which they receive it."""

from datetime import date

from app.accounts.food_aid import Standing
from app.accounts.queries import food_aid_standing
from app.bookings.bundles import Whole
from app.core.span import to_wall
from app.supply.chains.models import Chain


def received_on(whole: Whole) -> date:
    """Tell on which day it is handed over: as was said, else when the last leg ends."""
    at = whole.bundle.handover_at or max(leg.end_at for leg in whole.shown)
    return to_wall(at, whole.last_zone).date()


def standing_of_receiver(chain: Chain, whole: Whole) -> Standing | None:
    """Tell how who asked for the chain stands; None where it carries no food aid."""
    if not chain.for_food_aid:
        return None
    return food_aid_standing(chain.destination.id, received_on(whole))
