"""What stands against handing food over as food aid: who is to do it lacks the authorisation, and nobody allows it."""

from zoneinfo import ZoneInfo

from app.accounts.food_aid import Standing
from app.core.span import to_wall
from app.supply.authorised import held_by, is_overridden
from app.supply.chains.queries import find_chain
from app.supply.lots.models import Handover


def lacking(note: Handover) -> Standing | None:
    """Tell how whoever receives, or distributes to people, stands on the day of a note of food aid, where that is bad.

    None where it is no food aid, or the coordination allows it to that organisation for the chain all of it goes by.
    """
    if not note.is_food_aid:
        return None
    asked = note.receiver or note.giver
    on = to_wall(note.at, ZoneInfo(asked.territory.timezone)).date()
    standing = held_by(asked.id, on)
    if standing.is_good:
        return None
    chain = find_chain(note.bundle_id) if note.bundle_id is not None else None
    return None if chain is not None and is_overridden(chain, asked.id) else standing
