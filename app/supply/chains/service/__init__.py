"""The use cases of chains: ask for one. What becomes of it afterwards is done to its legs, by the room of bookings."""

from app.supply.chains.service.asking import ChainRequest, Way, ask_chain
from app.supply.chains.service.food_aid import allow_food_aid, take_back_override
from app.supply.chains.service.mending import fit_in_chain

__all__ = ["ChainRequest", "Way", "allow_food_aid", "ask_chain", "fit_in_chain", "take_back_override"]
