"""What is kept beside something else for the same holder, who will use one of the two: the room of bookings knows."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from app.availability.claims import Row
from app.availability.having import Claims
from app.availability.queries import Wish
from app.availability.rules import loads


@dataclass(frozen=True)
class Beside:
    """A hold that takes only what its wish needs beyond what another hold has already."""

    hold_id: int
    own_hold_id: int
    wish: Wish


Reader = Callable[[Collection[int]], Sequence[Beside]]
_readers: list[Reader] = []


def beside_reader(reader: Reader) -> Reader:
    """Mark the function that lists what is kept beside: hold ids, of either of the two → pairs."""
    if reader not in _readers:
        _readers.append(reader)
    return reader


def besides_of(hold_ids: Collection[int]) -> list[Beside]:
    """List what is kept beside one of these holds, or is one of them, by the hold that keeps it."""
    found = [each for reader in _readers for each in reader(hold_ids)] if hold_ids else []
    return sorted(found, key=lambda each: each.hold_id)


def beyond(rows: Iterable[Row], own: Claims) -> list[Row]:
    """Write claims as far as their holder has not got them yet: at one time only the greater of the two counts."""
    return [
        {**row, "start_at": load.start, "end_at": load.end, "qty": row["qty"] - load.qty}
        | {"buffer_before": 0, "buffer_after": 0}
        for row in rows
        for load in loads(own.get(row["resource_id"], ()), row["start_at"], row["end_at"])
        if load.qty < row["qty"]
    ]
