"""What a gleaning can become, and who gets a place when there are not enough. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from app.core.states import Machine
from app.supply.gleanings.errors import BadGleaning


class State(StrEnum):
    """Where a call stands."""

    OPEN = "open"
    CANCELLED = "cancelled"
    OVER = "over"  # its time has passed, and nobody said yet what came of it
    DONE = "done"


class Place(StrEnum):
    """What somebody who signed up has."""

    GOING = "going"
    WAITING = "waiting"  # in line, for a place that becomes free


CALL: Final = Machine(
    "gleaning",
    {
        ("change", State.OPEN): State.OPEN,
        ("cancel", State.OPEN): State.CANCELLED,
        ("expire", State.OPEN): State.OVER,
        ("harvest", State.OPEN): State.DONE,
        ("harvest", State.OVER): State.DONE,
        ("harvest", State.DONE): State.DONE,  # the weight is corrected
    },
)

MOST_PEOPLE: Final = 500
MOST_TOGETHER: Final = 20  # whom one person signs up, with themselves
MOST_AGE: Final = 99
FARTHEST: Final = timedelta(days=180)
SIGN_UP_LIFE: Final = timedelta(days=30)  # after the end
DRAFTED_AS: Final = "gleaning"  # as chains call what they are drafted for
_TO_COLLECT: Final = timedelta(hours=6)  # from the end on, before it gets too warm or too late
_LATER: Final = timedelta(days=1)


def check_start(start_at: datetime, now: datetime, kept: datetime | None = None) -> None:
    """Refuse a beginning that is over, unless it is `kept` as it was, or so far away that nobody knows it yet."""
    if start_at <= now and start_at != kept:
        raise BadGleaning(field="day", reason="past")
    if start_at - now > FARTHEST:
        raise BadGleaning(field="day", reason="too_far", days=FARTHEST // timedelta(days=1))


def check_end(start_at: datetime, end_at: datetime) -> None:
    """Refuse an end that is not after the beginning, or on another day."""
    if end_at <= start_at or end_at - start_at > timedelta(days=1):
        raise BadGleaning(field="end", reason="times")


def check_people(least: int, most: int) -> None:
    """Refuse numbers of people that cannot be."""
    if not 0 < least <= most <= MOST_PEOPLE:
        raise BadGleaning(field="most_people", reason="people", most=MOST_PEOPLE)


def to_collect(end_at: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Tell when it can be collected: from the end of the gleaning on, or from now on where that is long ago."""
    until = end_at + _TO_COLLECT
    return (end_at, until) if now < until else (now, now + _LATER)


class InLine(NamedTuple):
    """Somebody in line: who, how many they are, and whether some of them come without the others."""

    who: int
    people: int
    splits: bool = False


def moved_up(free: int, line: Iterable[InLine]) -> list[tuple[int, int]]:
    """Tell who of a line gets how many of the free places: the first of those who fit in, or come in part.

    A group that is too large for what is free keeps its turn, and keeps nobody behind it from coming.
    """
    found = []
    for who, people, splits in line:
        number = min(people, free) if splits else people
        if 0 < number <= free:
            found.append((who, number))
            free -= number
    return found
