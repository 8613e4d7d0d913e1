"""Facts that happened, told in the same transaction to whoever listens: how lower rooms reach upper ones."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

Event = TypeVar("Event")
_listeners: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def listens(kind: type[Event]) -> Callable[[Callable[[Event], None]], Callable[[Event], None]]:
    """Mark a function as a reaction to events of exactly this class."""

    def register(reaction: Callable[[Event], None]) -> Callable[[Event], None]:
        if reaction not in _listeners[kind]:
            _listeners[kind].append(reaction)
        return reaction

    return register


def emit(event: object) -> None:
    """Tell everyone who listens, now and in order; an error in a reaction undoes the whole use case."""
    for reaction in _listeners[type(event)]:
        reaction(event)
