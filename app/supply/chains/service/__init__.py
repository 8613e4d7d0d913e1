"""The use cases of chains: draft and ask for one. What becomes of it is done to its legs, by the room of bookings."""

from app.supply.chains.service.asking import ChainRequest, Way, ask_chain
from app.supply.chains.service.drafts import (
    Wish,
    drop_draft,
    drop_drafts_of,
    drop_old_drafts,
    give_up_chains,
    guards_of,
    keep_draft,
)
from app.supply.chains.service.food_aid import allow_food_aid, take_back_override
from app.supply.chains.service.mending import drive_anew, fit_in_chain
from app.supply.chains.service.readdressing import readdress

__all__ = [
    "ChainRequest",
    "Way",
    "Wish",
    "allow_food_aid",
    "ask_chain",
    "drive_anew",
    "drop_draft",
    "drop_drafts_of",
    "drop_old_drafts",
    "fit_in_chain",
    "give_up_chains",
    "guards_of",
    "keep_draft",
    "readdress",
    "take_back_override",
]
