"""What rooms above add to the page of a chain: they know more of it, this room does not know them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.bookings.models import Bundle
from app.supply.chains.models import Chain


@dataclass(frozen=True)
class Part:
    """A piece of the page: a template that is included, with what it says (there `part.words`)."""

    template: str
    words: Mapping[str, Any]


Teller = Callable[[Bundle, Chain], Part | None]
_tellers: list[Teller] = []


def adds_to_chains(teller: Teller) -> Teller:
    """Mark a function that has something to say on the page of a chain; None where it has nothing."""
    if teller not in _tellers:
        _tellers.append(teller)
    return teller


def parts_of(bundle: Bundle, chain: Chain) -> list[Part]:
    """Collect what is said of a chain."""
    return [part for teller in _tellers if (part := teller(bundle, chain))]
