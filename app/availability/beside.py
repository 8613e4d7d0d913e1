"""What is kept beside something else for the same holder, who will use one of the two: the room of bookings knows."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.availability.claims import Row, rows_of
from app.availability.having import Claims
from app.availability.models import Claim
from app.availability.queries import Wish, terms_of
from app.availability.rules import Taken, loads
from app.infra.db import db


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


Lost = Callable[
    [int], tuple[int, int, int]
]  # from when till when how many units of a resource are given back


def nothing(_resource_id: int) -> tuple[int, int, int]:
    """Tell that nothing is given back."""
    return 0, 0, 0


def is_short(beside: Beside, lost: Lost = nothing) -> bool:
    """Tell whether both holds together have not all that the wish needs, once the other one has `lost` some."""
    had: dict[int, list[Taken]] = defaultdict(list)
    of_both = Claim.hold_id.in_((beside.hold_id, beside.own_hold_id))
    for claim in db.session.scalars(select(Claim).where(of_both)):
        had[claim.resource_id].append(Taken(claim.start_at, claim.end_at, claim.qty, claim.hold_id, ""))
        start, end, units = lost(claim.resource_id)
        start, end = max(start, claim.start_at), min(end, claim.end_at)
        if claim.hold_id == beside.own_hold_id and start < end:
            back = Taken(start, end, -min(units, claim.qty), claim.hold_id, "")
            had[claim.resource_id].append(back)
    wish, terms = beside.wish, terms_of([beside.wish.resource_id])[beside.wish.resource_id]
    rows = [row for need in terms.needs for row in rows_of(0, terms, need, wish.span.epochs, wish.qty)]
    return bool(beyond(rows, had))
