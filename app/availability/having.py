"""What a holder has already, told apart from what others have: it is not asked anew as to quotas. Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from app.availability.rules import Taken

Claims = Mapping[int, Sequence[Taken]]  # by resource
Sorted = dict[int, list[Taken]]  # the same, while it is written
NOTHING: Claims = {}


def apart(claims: Claims, own: Collection[int]) -> tuple[Sorted, Sorted]:
    """Part claims into those of others and those of some holds of one's own."""
    others: Sorted = defaultdict(list)
    mine: Sorted = defaultdict(list)
    for resource_id, taken in claims.items():
        for claim in taken:
            (mine if claim.hold_id in own else others)[resource_id].append(claim)
    return others, mine


def less(had: Claims, used: Claims) -> Claims:
    """Give what is left of what somebody had, once some of it serves another wish of theirs."""
    return {
        resource_id: [*own, *(claim._replace(qty=-claim.qty) for claim in used.get(resource_id, ()))]
        for resource_id, own in had.items()
    }
