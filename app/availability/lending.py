"""What is lent of the quotas of organisations, to whom, and what is to be given back when one is called back. Pure.

Nothing of this is stored. At an instant, what is taken and what the quotas still keep may be more than there is: that
much is lent, by what organisations have above their own quotas, the newest holds first.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.availability.rules import Part, Taken, Terms, crowded, loads, peak
from app.availability.sharing import Quotas

Claims = Mapping[int, Sequence[Taken]]  # by resource
BOOKING = "booking"


@dataclass(frozen=True)
class Lent:
    """What stands in the way of one's own quota: of one need of a wish, how much each hold is to give back."""

    need: Part
    quotas: Quotas
    cuts: Mapping[int, int]  # by hold, in units of the need
    span: tuple[int, int]  # of the need, its buffers included


@dataclass
class _Stretch:
    """A time in which the same is taken: how much lacks, what each hold has, what is above the quotas."""

    lacks: int
    has: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    above: dict[int, int] = field(default_factory=dict)

    def share_of(self, hold_id: int, organisation: int) -> int:
        """Tell how much of what lacks a hold has above the quota of its organisation."""
        return max(0, min(self.lacks, self.has.get(hold_id, 0), self.above.get(organisation, 0)))

    def give_back(self, hold_id: int, organisation: int, qty: int) -> None:
        """Take some of what a hold has away from it."""
        given = min(qty, self.has.get(hold_id, 0))
        self.lacks -= given
        self.above[organisation] = self.above.get(organisation, 0) - given


def lent_to_others(terms: Terms, claims: Claims, start: int, end: int, qty: int) -> list[Lent]:
    """Tell what others have to give back for a wish that lies within its asker's quotas; nothing where that is no help.

    One for each need (the resource, its parts) that does not fit; all of them must be the asker's own, lent.
    """
    found = []
    for need in terms.needs:
        span, wanted = (start - need.before * 60, end + need.after * 60), qty * need.qty
        taken = claims.get(need.resource_id, ())
        if crowded(taken, *span, need.capacity - wanted):
            lent = _lent(need, terms.asker.organisation_id, taken, span, wanted)
            if lent is None:
                return []
            found.append(lent)
    return found


def _lent(need: Part, asker: int, taken: Sequence[Taken], span: tuple[int, int], wanted: int) -> Lent | None:
    if need.quotas is None or not asker:
        return None
    own = [claim for claim in taken if claim.organisation == asker]
    if peak(own, *span) + wanted > need.quotas.share_of(asker):
        return None
    stretches = _stretches(need.quotas, taken, span)
    for each in stretches:
        each.lacks += wanted - need.capacity
    cuts = _newest_give(taken, stretches, but=asker)
    return Lent(need, need.quotas, cuts, span) if all(each.lacks <= 0 for each in stretches) else None


def borrowed(need: Part, taken: Sequence[Taken], start: int, end: int) -> Mapping[int, int]:
    """Tell, by hold, the most that each has of what is kept for others, within [start, end); buffers count."""
    if need.quotas is None:
        return {}
    found: dict[int, int] = defaultdict(int)
    for stretch in _stretches(need.quotas, taken, (start, end)):
        unused = sum(max(0, -above) for above in stretch.above.values())
        stretch.lacks += unused - need.capacity
        for hold_id, organisation in _newest(taken):
            if share := stretch.share_of(hold_id, organisation):
                found[hold_id] = max(found[hold_id], share)
                stretch.give_back(hold_id, organisation, share)
    return found


@dataclass(frozen=True)
class Use:
    """What organisations have at most within some time, by id, and how much of what is kept is lent at most."""

    used: Mapping[int, int]
    lent: int


def use_of(need: Part, taken: Sequence[Taken], start: int, end: int) -> Use:
    """Tell who uses how much of a resource with quotas within [start, end)."""
    quotas, used, lent = need.quotas or Quotas({}), dict[int, int](), 0
    for stretch in _stretches(quotas, taken, (start, end)):
        for organisation, beyond in stretch.above.items():
            used[organisation] = max(used.get(organisation, 0), beyond + quotas.share_of(organisation))
        unused = sum(max(0, -above) for above in stretch.above.values())
        above = sum(max(0, each) for each in stretch.above.values())
        lent = max(lent, min(above, stretch.lacks + unused - need.capacity))
    return Use(used, lent)


def _stretches(quotas: Quotas, taken: Sequence[Taken], span: tuple[int, int]) -> list[_Stretch]:
    """Cut a time where anything changes; what lacks is, to begin with, all that is taken."""
    found = []
    for load in loads(taken, *span):
        stretch = _Stretch(load.qty, above={each: -share for each, share in quotas.shares.items()})
        for claim in taken:
            if claim.start < load.end and claim.end > load.start and claim.kind == BOOKING:
                stretch.has[claim.hold_id] += claim.qty
                stretch.above[claim.organisation] = stretch.above.get(claim.organisation, 0) + claim.qty
        found.append(stretch)
    return found


def _newest_give(taken: Sequence[Taken], stretches: Sequence[_Stretch], *, but: int) -> dict[int, int]:
    """Let the holds of others give back what lacks, the newest first, each the same all along and only what it must."""
    cuts = {}
    for hold_id, organisation in _newest(taken):
        qty = max(each.share_of(hold_id, organisation) for each in stretches)
        if qty and organisation != but:
            cuts[hold_id] = qty
            for each in stretches:
                each.give_back(hold_id, organisation, qty)
    return cuts


def _newest(taken: Iterable[Taken]) -> list[tuple[int, int]]:
    """List the holds of bookings with their organisations, the newest first."""
    return sorted({(each.hold_id, each.organisation) for each in taken if each.kind == BOOKING}, reverse=True)
