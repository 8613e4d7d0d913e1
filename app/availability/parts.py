"""A resource made of others, seen as one: what its parts no longer allow counts as taken of the whole. Pure.

Peaks, free windows, calendars, refusals and alternatives read a list of what is taken and need not know of parts.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from app.availability.rules import USABLE, Load, Part, Taken, Terms, loads, visible


class _Stretch(NamedTuple):
    """A time in which a part allows `qty` units of the whole less than it has; the margins around it come on top.

    The margins are what the part's buffers last longer than the whole's, so that comparing with a claim of the whole,
    which has only its own, gives the same answer as comparing with the claim on the part.
    """

    start: int
    end: int
    qty: int
    cause: Taken
    is_used: bool  # not only cleaned
    before: int
    after: int

    def is_used_at(self, at: int) -> bool:
        """Tell whether people see the part used at an instant."""
        return self.is_used and self.start <= at < self.end


def project(terms: Terms, claims: Mapping[int, Sequence[Taken]], since: int, until: int) -> list[Taken]:
    """List what is taken of a resource within [since, until), its parts included, from the claims on each (by id).

    What reaches beyond is told as far as it is known, as claims are: a closure says until when it lasts.
    """
    found = list(claims.get(terms.resource_id, ()))
    ends = [edge for part in terms.parts for claim in claims.get(part.resource_id, ()) for edge in claim[:2]]
    since, until = min([since, *ends]), max([until, *ends])
    for part in terms.parts:
        stretches = list(_stretches(terms, part, claims.get(part.resource_id, ()), since, until))
        found += _joined(_missing(stretches, loads(found, since, until), part))
    return found


def made_of(terms: Terms, parts: Iterable[Part]) -> Terms:
    """Give the terms of a resource with its parts: kept free as long as it is, and out of order where one is."""
    own = tuple(
        replace(part, before=max(part.before, terms.before), after=max(part.after, terms.after))
        for part in parts
    )
    is_broken = terms.status in USABLE and any(part.status not in USABLE for part in own)
    return replace(terms, parts=own, status="out_of_order" if is_broken else terms.status)


def margin(terms: Terms) -> int:
    """Tell how many seconds beyond a window the claims on its parts must be known."""
    return max((max(part.before, part.after) * 60 for part in terms.parts), default=0)


def _stretches(
    terms: Terms, part: Part, taken: Sequence[Taken], since: int, until: int
) -> Iterator[_Stretch]:
    """Cut the time into stretches in which the part allows the same, and keep those in which the whole lacks some."""
    before, after = (part.after - terms.after) * 60, (part.before - terms.before) * 60
    seen = visible(taken)
    edges = [claim._replace(qty=0) for claim in seen]
    for load in loads([*taken, *edges], since - after, until + before):
        lacking = terms.capacity - max(0, part.capacity - load.qty) // part.qty
        if lacking > 0:
            cause = _cause(taken, load)
            is_used = not load.qty or any(_meets(claim, load) for claim in seen)
            yield _Stretch(load.start, load.end, lacking, cause, is_used, before, after)


def _cause(taken: Sequence[Taken], load: Load) -> Taken:
    """Choose the claim to name for a stretch: a closure first, else the largest; none where there is too little."""
    over = [claim for claim in taken if _meets(claim, load)]
    nothing = Taken(load.start, load.end, 0, 0, "booking")
    return max(over, key=lambda claim: (claim.kind == "closure", claim.qty), default=nothing)


def _meets(claim: Taken, load: Load) -> bool:
    return claim.start < load.end and claim.end > load.start


def _missing(stretches: Sequence[_Stretch], known: Sequence[Load], part: Part) -> Iterator[Taken]:
    """Give what the part lacks beyond what is known to be taken of the whole: the worst at each time, not the sum."""
    active, coming = list[_Stretch](), deque(stretches)
    for load in _cut(known, stretches):
        while coming and coming[0].start - coming[0].before <= load.start:
            active.append(coming.popleft())
        active = [each for each in active if each.end + each.after > load.start]
        worst = max(active, key=lambda each: (each.qty, each.is_used_at(load.start)), default=None)
        if worst and worst.qty > load.qty:
            yield _as_taken(worst, load._replace(qty=worst.qty - load.qty), part)


def _cut(known: Sequence[Load], stretches: Sequence[_Stretch]) -> Iterator[Load]:
    """Cut what is known also where a stretch or one of its margins begins or ends."""
    edges = sorted({at for s in stretches for at in (s.start - s.before, s.start, s.end, s.end + s.after)})
    for load in known:
        inside = edges[bisect_right(edges, load.start) : bisect_left(edges, load.end)]
        for start, end in pairwise([load.start, *inside, load.end]):
            yield Load(start, end, load.qty)


def _as_taken(stretch: _Stretch, load: Load, part: Part) -> Taken:
    """Write a piece of a stretch as a claim; where nobody sees the part used, all of it is buffer."""
    buffer = 0 if stretch.is_used_at(load.start) else load.end - load.start
    return Taken(*load, stretch.cause.hold_id, stretch.cause.kind, 0, buffer, part=part.resource_id)


def _joined(pieces: Iterator[Taken]) -> Iterator[Taken]:
    """Join neighbours that say the same."""
    last: Taken | None = None
    for piece in pieces:
        if last and last.end == piece.start and _says(last) == _says(piece):
            last = last._replace(end=piece.end, after=last.after + piece.after)
        else:
            if last:
                yield last
            last = piece
    if last:
        yield last


def _says(piece: Taken) -> tuple[int, int, str, bool]:
    return piece.qty, piece.hold_id, piece.kind, piece.after > 0
