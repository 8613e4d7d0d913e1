"""The use cases of chains: ask for one. What becomes of it afterwards is done to its legs, by the room of bookings."""

from app.supply.chains.service.asking import ChainRequest, ask_chain

__all__ = ["ChainRequest", "ask_chain"]
