"""A vehicle's tour: from its own place to the cargo, to where that goes, as often as it takes, and back. Pure."""

from functools import lru_cache
from typing import NamedTuple

from app.supply.chains.planning.world import HOUR, Place

SPEED = 45_000 / HOUR  # m/s: country roads and villages, as route planners reckon a van on them
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


def driving(metres: int) -> int:
    """Tell how long it takes to drive so far."""
    return int(metres / SPEED)


def tour(home: Place, start: Place, end: Place, trips: int) -> Tour:
    """Lay out a tour of so many trips between two places."""
    out, between, back = road(home, start), road(start, end), road(end, home)
    shuttled = (trips - 1) * 2 * between
    turn = 2 * (driving(between) + STOP)  # until it stands there again
    to_start, on_road = driving(out), driving(between)
    first_there = to_start + STOP + on_road
    repeated = (trips - 1) * turn
    return Tour(
        metres=out + between + shuttled + back,
        seconds=first_there + STOP + repeated + driving(back),
        on_road=on_road,
        loading=(to_start, to_start + STOP + repeated),
        unloading=(first_there, first_there + STOP + repeated),
    )
