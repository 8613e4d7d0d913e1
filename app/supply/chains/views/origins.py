"""What chains are drafted for, on their pages: rooms above, which this one does not know, say what that is."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from app.core.policy import Actor
from app.supply.chains.rules import Origin


class Way(NamedTuple):
    """Where it is read what a chain is for: what it is called, its address."""

    label: str
    href: str


Finder = Callable[[Collection[str], Actor], Mapping[str, Way]]
_finders: dict[str, Finder] = {}


def drafts(kind: str) -> Callable[[Finder], Finder]:
    """Mark a function that finds what a room has chains drafted for, by references, as far as somebody may see it."""

    def mark(finder: Finder) -> Finder:
        _finders[kind] = finder
        return finder

    return mark


def ways_back(origins: Collection[Origin], actor: Actor) -> Mapping[Origin, Way]:
    """Find what chains are for."""
    refs = defaultdict[str, list[str]](list)
    for kind, ref in origins:
        refs[kind].append(ref)
    return {
        Origin(kind, ref): way
        for kind, those in refs.items()
        if kind in _finders
        for ref, way in _finders[kind](those, actor).items()
    }
