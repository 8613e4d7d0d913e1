"""Places in which no food should be put just now, whatever they are free for: a room above knows which, and why."""

from collections.abc import Callable, Collection

Teller = Callable[[Collection[int]], set[int]]
_tellers: list[Teller] = []


def tells_unfit(teller: Teller) -> Teller:
    """Mark a function that names those of some resources (ids) that are unfit now."""
    if teller not in _tellers:
        _tellers.append(teller)
    return teller


def unfit_among(resource_ids: Collection[int]) -> set[int]:
    """Name those of some resources that are unfit now."""
    return {number for teller in _tellers for number in teller(resource_ids)} if resource_ids else set()
