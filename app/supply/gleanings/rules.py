"""What a gleaning can become, and who gets a place when there are not enough. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

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


def moved_up(free: int, line: Iterable[tuple[int, int]]) -> list[int]:
    """Tell who of a line (who, and how many they are) gets the free places: the first of those who fit in.

    A group that is too large for what is free keeps its turn, and keeps nobody behind it from coming.
    """
    found = []
    for who, people in line:
        if people <= free:
            found.append(who)
            free -= people
    return found
