"""What stands against handing food over as food aid: its receiver lacks the authorisation, and nobody allows it."""

from zoneinfo import ZoneInfo

from app.accounts.food_aid import Standing
from app.core.span import to_wall
from app.supply.authorised import held_by, is_overridden
from app.supply.chains.queries import find_chain
from app.supply.lots.models import Handover


def lacking(note: Handover) -> Standing | None:
    """Tell how the receiver of a note stands on its day, where food aid cannot be handed to it.

    None where it is no food aid, goes to people, or the coordination allows it for the chain all of it goes by.
    """
    if note.receiver is None or not note.is_food_aid:
        return None
    on = to_wall(note.at, ZoneInfo(note.receiver.territory.timezone)).date()
    standing = held_by(note.receiver.id, on)
    if standing.is_good:
        return None
    chain = find_chain(note.bundle_id) if note.bundle_id is not None else None
    return None if chain is not None and is_overridden(chain) else standing
