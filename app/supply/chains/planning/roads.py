"""A vehicle's tour: from its own place to the cargo, to where that goes, as often as it takes, and back. Pure."""

from functools import lru_cache
from typing import NamedTuple

from app.supply.chains.planning.world import HOUR, SPEED, Place

STOP = 15 * 60  # to load or unload: crates by hand, or pallets with a pallet truck


class Tour(NamedTuple):
    """How far and how long it goes, and from when to when (after its start) it is loaded and unloaded."""

    metres: int
    seconds: int
    on_road: int  # one way, with the cargo
    loading: tuple[int, int]
    unloading: tuple[int, int]


@lru_cache(maxsize=200_000)
def road(start: Place, end: Place) -> int:
    """Tell how far it is by road."""
    return start.road(end)


def driving(metres: int, speed: int = SPEED) -> int:
    """Tell how long it takes to drive so far (`speed` in metres an hour)."""
    return metres * HOUR // speed


def tour(home: Place, start: Place, end: Place, trips: int, speed: int = SPEED) -> Tour:
    """Lay out a tour of so many trips between two places."""
    out, between, back = road(home, start), road(start, end), road(end, home)
    shuttled = (trips - 1) * 2 * between
    turn = 2 * (driving(between, speed) + STOP)  # until it stands there again
    to_start, on_road = driving(out, speed), driving(between, speed)
    first_there = to_start + STOP + on_road
    repeated = (trips - 1) * turn
    return Tour(
        metres=out + between + shuttled + back,
        seconds=first_there + STOP + repeated + driving(back, speed),
        on_road=on_road,
        loading=(to_start, to_start + STOP + repeated),
        unloading=(first_there, first_there + STOP + repeated),
    )
