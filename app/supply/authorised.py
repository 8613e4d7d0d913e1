"""Whether food may be handed over as food aid: asked by whatever hands it over."""

from datetime import date

from app.accounts.food_aid import Standing
from app.accounts.queries import food_aid_standing
from app.supply.chains.models import Chain


def held_by(organisation_id: int, on: date) -> Standing:
    """Tell how an organisation stands with food aid on a day; `is_good` where food may be handed to it."""
    return food_aid_standing(organisation_id, on)


def is_overridden(chain: Chain, receiver_id: int) -> bool:
    """Tell whether the coordination allows food aid for a chain and whom it is for, whatever that one holds."""
    return chain.override is not None and chain.destination.id == receiver_id
