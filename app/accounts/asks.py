"""Questions accounts ask of the rooms above, which they may not know: each that has an answer registers it.

What is kept of a person, what a person or an organisation still has going, which places are theirs. Nobody may have
registered; then there is nothing.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, ParamSpec, TypeVar

from app.core.span import Span

P = ParamSpec("P")
T = TypeVar("T")


class Question(Generic[P, T]):
    """Something rooms above answer, each with a list of its own."""

    def __init__(self) -> None:
        self._answers: list[Callable[P, Collection[T]]] = []

    def answered_by(self, function: Callable[P, Collection[T]]) -> Callable[P, Collection[T]]:
        """Mark a function as one of the answers."""
        if function not in self._answers:
            self._answers.append(function)
        return function

    def ask(self, *given: P.args, **named: P.kwargs) -> list[T]:
        """Collect the answers of all rooms."""
        return [each for answer in self._answers for each in answer(*given, **named)]


@dataclass(frozen=True)
class Whose:
    """A person, or an organisation (exactly one of the two)."""

    person_id: int | None = None
    organisation_id: int | None = None


@dataclass(frozen=True)
class Pledge:
    """A booking that is not over, as far as whoever ends an account or an organisation must know it."""

    ref: str
    span: Span
    is_waiting: bool  # for an answer; else it is reserved
    resource_id: int
    resource: str
    site: str
    timezone: str
    organisation_id: int

    def is_under_way(self, now: datetime) -> bool:
        """Tell whether people or goods are there at this moment."""
        return not self.is_waiting and self.span.start <= now < self.span.end


@dataclass(frozen=True)
class Place:
    """A place that takes part, as far as a sentence and a link need it."""

    site_id: int
    slug: str
    name: str
    territory_id: int


reckons_with_money = Question[[int], bool]()  # whether a territory (id) does: treasurers are made only there
pledges_of = Question[[Whose], Pledge]()  # the first first
places_owned = Question[[int], Place]()  # by an organisation, by name
money_open_with = Question[
    [int], str
]()  # names of those whom an organisation owes, is owed by, or shares costs with
places_named = Question[[Collection[int]], Place]()  # of these ids
places_reached = Question[[Collection[int], Collection[int], str, str], Place]()
"""Among sites (ids) and those of organisations (ids), the ones whose contact is this e-mail or this telephone."""

Keep = Callable[[Collection[int]], None]
Own = Callable[[int], Any]
Names = Callable[[Collection[int]], Mapping[int, str]]

_keeps: list[Keep] = []
_own: dict[str, Own] = {}
_names: dict[str, Names] = {}


def keeps_still(function: Keep) -> Keep:
    """Mark a function that keeps resources (ids) from being booked or freed by others until the use case ends."""
    if function not in _keeps:
        _keeps.append(function)
    return function


def keep_still(resource_ids: Collection[int]) -> None:
    """Keep resources as they are, inside a use case."""
    for keep in _keeps:
        keep(resource_ids)


def gives_own(section: str) -> Callable[[Own], Own]:
    """Mark a function that gives, as JSON values, what its room keeps of a person (id), under the name of a section.

    Never a secret, nor what is personal to somebody else.
    """

    def register(function: Own) -> Own:
        _own[section] = function
        return function

    return register


def own_sections(person_id: int) -> dict[str, Any]:
    """Collect what the rooms above keep of a person."""
    return {section: give(person_id) for section, give in sorted(_own.items())}


def names_things(kind: str) -> Callable[[Names], Names]:
    """Mark a function that names what lines of the history are about: ids of the kind → names, none of a person."""

    def register(function: Names) -> Names:
        _names[kind] = function
        return function

    return register


def names_of(kind: str, ids: Collection[int]) -> Mapping[int, str]:
    """Name what lines of the history are about, as far as somebody can."""
    return _names[kind](ids) if kind in _names else {}
