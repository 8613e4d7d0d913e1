"""Pure decisions about time and capacity: durations, notice, peaks, free windows. No database, no clock.

Times are UTC epoch seconds unless said; a `Taken` is already widened by buffers, as claims are stored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.availability.askers import NOBODY, Asker
from app.availability.errors import Refusal
from app.availability.sharing import Quotas
from app.core.span import Span

DAY_MINUTES = 1440
USABLE = ("active", "to_check")
# What stands against a slot only because others have it: it may be free one day, so one may wait for it.
WORTH_WAITING = frozenset({"taken", "capacity", "buffer", "closed", "quota", "lent"})
WORTH_TELLING = WORTH_WAITING | {
    "beyond_horizon"
}  # that one opens by itself: nobody has to be in line for it
PIECE_SECONDS = 604_800  # the longest claim; see models.MAX_CLAIM_SECONDS


@dataclass(frozen=True, slots=True)
class Part:
    """What one unit of a resource takes of another: `qty` of `capacity`, kept free around for minutes of its own.

    The buffers of a part are never shorter than those of the whole: who cleans the hall is in both its halves.
    """

    resource_id: int
    qty: int
    capacity: int
    before: int
    after: int
    name: str = ""
    status: str = "active"
    quotas: Quotas | None = None


@dataclass(frozen=True)
class Terms:
    """What binds bookings of one resource, for whoever asks: their class may have a window, their organisation a quota.

    Lengths in minutes; `zone` is the site's. `parts` are all that it takes of others, the parts of its parts included.
    """

    resource_id: int
    territory_id: int
    capacity: int
    opening_mode: str
    step: int
    min_length: int
    max_length: int
    before: int
    after: int
    notice: int
    horizon_days: int
    status: str
    expression: str
    school_zone: str | None
    timezone: str
    mode: str = "exclusive"
    packs: Mapping[str, int] = field(default_factory=dict)  # smaller units accepted: how many fill one
    parts: tuple[Part, ...] = ()
    quotas: Quotas | None = None
    asker: Asker = NOBODY

    @cached_property
    def needs(self) -> tuple[Part, ...]:
        """List what one unit takes: of the resource itself, then of its parts."""
        own = Part(self.resource_id, 1, self.capacity, self.before, self.after, quotas=self.quotas)
        return own, *self.parts

    @cached_property
    def has_quotas(self) -> bool:
        """Tell whether organisations have quotas of it, or of one of its parts."""
        return self.quotas is not None or any(part.quotas is not None for part in self.parts)

    @property
    def unshared(self) -> "Terms":
        """Give the terms as if nobody had a quota: only what is taken counts."""
        return replace(self, quotas=None, parts=tuple(replace(part, quotas=None) for part in self.parts))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the place."""
        return ZoneInfo(self.timezone)

    @property
    def by_day(self) -> bool:
        """Tell whether it is booked by whole days."""
        return self.step >= DAY_MINUTES

    @property
    def by_month(self) -> bool:
        """Tell whether people ask for it by months."""
        return self.mode == "season" and self.by_day

    def widen(self, start: int, end: int) -> tuple[int, int]:
        """Add the buffers around a booking."""
        return start - self.before * 60, end + self.after * 60


class Taken(NamedTuple):
    """Capacity taken by one claim, buffers included; `kind` says by whom: booking, closure, import, or kept by a quota.

    `before` and `after` are the seconds of buffer inside it, as they were when it was taken; `organisation` is for whom
    (0: nobody's). `part` is the resource that is taken in truth, where only a part of this one is (see parts).
    """

    start: int
    end: int
    qty: int
    hold_id: int
    kind: str
    before: int = 0
    after: int = 0
    organisation: int = 0
    part: int = 0


class Load(NamedTuple):
    """How much is taken from `start` to `end` (constant in between)."""

    start: int
    end: int
    qty: int


def may_pass(refusal: Refusal, codes: frozenset[str] = WORTH_WAITING) -> bool:
    """Tell whether what stands against a slot may pass: it is of these codes, and does not last for ever."""
    return refusal.code in codes and not refusal.facts.get("never")


def pieces(start: int, end: int) -> list[tuple[int, int]]:
    """Cut a stay into pieces of a week at most, so that one B-tree range finds every overlap."""
    cuts = [*range(start, end, PIECE_SECONDS), end]
    return list(pairwise(cuts))


def loads(taken: Iterable[Taken], start: int, end: int) -> list[Load]:
    """Sweep the claims over [start, end): consecutive stretches with the quantity taken in each."""
    steps: dict[int, int] = {start: 0, end: 0}
    for claim in taken:
        if claim.start < end and claim.end > start:
            first, last = max(claim.start, start), min(claim.end, end)
            steps[first] = steps.get(first, 0) + claim.qty
            steps[last] = steps.get(last, 0) - claim.qty
    level, found = 0, []
    for at, until in pairwise(sorted(steps)):
        level += steps[at]
        found.append(Load(at, until, level))
    return found


def peak(taken: Iterable[Taken], start: int, end: int) -> int:
    """Tell the most that is taken at any instant of [start, end)."""
    return max((load.qty for load in loads(taken, start, end)), default=0)


def merge(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join spans that touch or overlap."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def crowded(taken: Iterable[Taken], start: int, end: int, room: int) -> list[tuple[int, int]]:
    """List the stretches of [start, end) where more than `room` units are taken."""
    within = [claim for claim in taken if claim.start < end and claim.end > start]
    if sum(claim.qty for claim in within if claim.qty > 0) <= room:  # not even all at once: the usual case
        return []
    return merge((load.start, load.end) for load in loads(within, start, end) if load.qty > room)


def visible(taken: Iterable[Taken]) -> list[Taken]:
    """Strip the buffers off claims, so that what people see can be told from cleaning time."""
    return [
        claim._replace(start=claim.start + claim.before, end=claim.end - claim.after, before=0, after=0)
        for claim in taken
        if claim.end - claim.start > claim.before + claim.after
    ]


def refuse_terms(terms: Terms, span: Span, qty: int, now: datetime) -> list[Refusal]:
    """Check quantity, status, lengths, step, notice and horizon of a wish against the terms."""
    start, end = span.walls(terms.zone)
    length = int((end - start).total_seconds()) // 60 if terms.by_day else span.minutes
    return [
        refusal
        for refusal in (
            _refuse_status(terms),
            _refuse_quantity(terms, qty),
            _refuse_step(terms, start, end),
            _refuse_length(terms, length),
            _refuse_moment(terms, span, now),
        )
        if refusal
    ]


def _refuse_status(terms: Terms) -> Refusal | None:
    if terms.status in USABLE:
        return None
    broken = next((part.resource_id for part in terms.parts if part.status not in USABLE), 0)
    return Refusal("not_usable", {"status": terms.status} | _named(broken))


def _refuse_quantity(terms: Terms, qty: int) -> Refusal | None:
    if qty < 1:
        return Refusal("quantity_too_small", {"asked": qty})
    if qty > terms.capacity:
        return Refusal("over_capacity", {"asked": qty, "total": terms.capacity})
    return None


def _refuse_step(terms: Terms, start: datetime, end: datetime) -> Refusal | None:
    for wall in (start, end):
        minutes = wall.hour * 60 + wall.minute
        off_grid = minutes != 0 if terms.by_day else minutes % terms.step != 0
        if off_grid or wall.second:
            return Refusal("off_step", {"step": terms.step, "wall": wall})
    return None


def _refuse_length(terms: Terms, minutes: int) -> Refusal | None:
    if minutes < terms.min_length:
        return Refusal("too_short", {"minutes": minutes, "min": terms.min_length})
    if minutes > terms.max_length:
        return Refusal("too_long", {"minutes": minutes, "max": terms.max_length})
    return None


def _refuse_moment(terms: Terms, span: Span, now: datetime) -> Refusal | None:
    start = span.start
    if terms.by_day:  # a stay by days may begin today
        start = span.start + timedelta(days=1) - timedelta(seconds=1)
    if start <= now:
        return Refusal("in_the_past", {"now": now})
    earliest = earliest_start(terms, now)
    if start < earliest:
        return Refusal("notice_too_short", {"earliest": earliest, "notice": terms.notice})
    opens = span.start - timedelta(days=terms.horizon_days)
    return Refusal("beyond_horizon", {"opens": opens, "days": terms.horizon_days}) if now < opens else None


def earliest_start(terms: Terms, now: datetime) -> datetime:
    """Tell the first instant that respects the notice, rounded up to the step on the wall clock.

    A stay by days may begin on the very day the notice ends.
    """
    wall = (now + timedelta(minutes=terms.notice)).astimezone(terms.zone)
    minutes = wall.hour * 60 + wall.minute + (1 if wall.second or wall.microsecond else 0)
    step = min(terms.step, DAY_MINUTES)
    rounded = 0 if terms.by_day else -(-minutes // step) * step
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return (midnight + timedelta(minutes=rounded)).replace(tzinfo=terms.zone)


def days_ahead(terms: Terms, now: datetime) -> tuple[date, date]:
    """Give the first and the last day that people may ask for: today at the place, and as far as its horizon."""
    today = now.astimezone(terms.zone).date()
    return today, today + timedelta(days=terms.horizon_days)


def refuse_crowd(terms: Terms, taken: Sequence[Taken], start: int, end: int, qty: int) -> Refusal | None:
    """Check that `qty` fits all along a wish, buffers included; say what stands in the way, closures first."""
    wide_start, wide_end = terms.widen(start, end)
    crowd = crowded(taken, wide_start, wide_end, terms.capacity - qty)
    if not crowd:
        return None
    inside = [c for c in taken if any(c.start < e and c.end > s for s, e in crowd)]
    closures = [c for c in inside if c.kind == "closure"]
    if closures:
        until = max(c.end for c in closures)
        return Refusal("closed", {"hold_id": closures[0].hold_id, "until": until} | _named(closures[0].part))
    seen = visible(taken)
    crowd_seen = crowded(seen, start, end, terms.capacity - qty)
    if not crowd_seen:
        return _refuse_buffer(terms, crowd, start, _part_in(inside))
    return _refuse_taken(terms, seen, crowd_seen, start, end)


def _part_in(taken: Iterable[Taken]) -> int:
    """Tell which part is at fault; 0 where the resource itself is."""
    return next((claim.part for claim in taken if claim.part), 0)


def _named(part: int) -> dict[str, int]:
    """Give the fact that a part (its id) is at fault; nothing where it is the resource itself."""
    return {"part": part} if part else {}


def _refuse_taken(
    terms: Terms, seen: Sequence[Taken], crowd: list[tuple[int, int]], start: int, end: int
) -> Refusal:
    first, last = crowd[0]
    free = terms.capacity - peak(seen, start, end)
    holds = [c.hold_id for c in seen if c.start < last and c.end > first]
    code = "taken" if terms.capacity == 1 else "capacity"
    tight = [s for s in loads(seen, start, end) if terms.capacity - s.qty == free]
    facts = {
        "from": tight[0].start,
        "to": _run_end(tight),
        "free": max(free, 0),
        "total": terms.capacity,
        "holds": holds,
        "kind": next((c.kind for c in seen if c.hold_id in holds), "booking"),
    }
    return Refusal(
        code, facts | _named(_part_in(c for c in seen if c.start < tight[0].end and c.end > tight[0].start))
    )


def _run_end(tight: Sequence[Load]) -> int:
    end = tight[0].end
    for load in tight[1:]:
        if load.start != end:
            break
        end = load.end
    return end


def _refuse_buffer(terms: Terms, crowd: Sequence[tuple[int, int]], start: int, part: int) -> Refusal:
    """Say which cleaning stands in the way: the one before lasts too long, or the one after would not fit."""
    facts: dict[str, int] = {"minutes": max(terms.before, terms.after)}
    for first, last in crowd:
        if first <= start:
            facts["until"] = last + terms.before * 60
        else:
            facts.setdefault("must_end_by", first - terms.after * 60)
    return Refusal("buffer", facts | _named(part))


def free_windows(
    terms: Terms,
    taken: Sequence[Taken],
    opened: Sequence[tuple[int, int]],
    start: int,
    end: int,
    qty: int = 1,
) -> list[tuple[int, int]]:
    """List the spans of [start, end) in which a booking of `qty` fits, hours and buffers respected."""
    before, after = terms.before * 60, terms.after * 60
    busy = [
        (s - after, e + before) for s, e in crowded(taken, start - before, end + after, terms.capacity - qty)
    ]
    windows: list[tuple[int, int]] = []
    for first, last in opened:
        windows += _without((max(first, start), min(last, end)), busy)
    return [w for w in windows if w[1] - w[0] >= terms.min_length * 60]


def _without(window: tuple[int, int], busy: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    at, last = window
    left: list[tuple[int, int]] = []
    for start, end in busy:
        if end <= at or start >= last:
            continue
        if start > at:
            left.append((at, start))
        at = max(at, end)
    return [*left, (at, last)] if at < last else left


def starts(window: tuple[int, int], terms: Terms, length: int) -> Iterable[int]:
    """List the legal starts of a booking of `length` seconds inside a free window, on the wall clock's step."""
    zone, step = terms.zone, min(terms.step, DAY_MINUTES)
    wall = datetime.fromtimestamp(window[0], zone)
    minutes = wall.hour * 60 + wall.minute + (1 if wall.second else 0)
    rounded = -(-minutes // step) * step
    first = wall.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(minutes=rounded)
    while True:
        at = int(first.replace(tzinfo=zone).timestamp())
        if at + length > window[1]:
            return
        if at >= window[0]:
            yield at
        first += timedelta(minutes=step)


def starts_near(window: tuple[int, int], terms: Terms, length: int, wanted: int) -> list[int]:
    """Give of a window's legal starts the last two before `wanted` and the first two from there on."""
    step = min(terms.step, DAY_MINUTES) * 60
    until = min(
        window[1], wanted - 1 + length
    )  # three steps back hold two starts, even if a day has 25 hours
    earlier = starts((max(window[0], until - length - 3 * step), until), terms, length)
    later = starts((max(window[0], wanted), window[1]), terms, length)
    return [*list(earlier)[-2:], *islice(later, 2)]
