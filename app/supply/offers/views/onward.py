"""What becomes of parts once they are taken: rooms above, which this one does not know, say where that goes on."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from app.core.policy import Actor
from app.supply.offers.models import SurplusClaim, SurplusOffer


class Way(NamedTuple):
    """Where a part goes on: what it is called, its address, and whether it is what to do next.

    Without an address it says why there is none.
    """

    label: str
    href: str = ""
    is_next: bool = False


Leader = Callable[[SurplusOffer, Actor], Sequence[Way]]
_leaders: list[Leader] = []


def leads_on(leader: Leader) -> Leader:
    """Mark a function that knows where an offer goes on by itself, for who makes it."""
    if leader not in _leaders:
        _leaders.append(leader)
    return leader


def ways_of_offer(offer: SurplusOffer, actor: Actor) -> list[Way]:
    """Find where an offer goes on by itself."""
    return [way for leader in _leaders for way in leader(offer, actor)]


Carrier = Callable[[Sequence[SurplusClaim], Actor], Mapping[str, Sequence[Way]]]
_carriers: list[Carrier] = []


def carries(carrier: Carrier) -> Carrier:
    """Mark a function that knows where parts go on, by their public references, for whoever looks."""
    if carrier not in _carriers:
        _carriers.append(carrier)
    return carrier


def ways_of(parts: Sequence[SurplusClaim], actor: Actor) -> Mapping[str, list[Way]]:
    """Find where parts go on."""
    found = defaultdict[str, list[Way]](list)
    for carrier in _carriers:
        for ref, ways in carrier(parts, actor).items():
            found[ref] += ways
    return found
