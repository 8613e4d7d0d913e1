"""What instead: the nearest times here, a smaller quantity, a shorter stay (at most three each)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.availability.errors import Refusal
from app.availability.hours import opened, refuse_hours
from app.availability.queries import Wish, get_terms, taken_by_resource
from app.availability.rules import (
    Taken,
    Terms,
    earliest_start,
    free_windows,
    peak,
    refuse_crowd,
    refuse_terms,
    starts,
)
from app.core import clock
from app.core.span import Span

AT_MOST = 3
AROUND_DAYS = 14  # for bookings by the hour; stays by days look further
AROUND_DAYS_BY_DAY = 75


@dataclass(frozen=True)
class Alternative:
    """Another way to the same end; `kind` is other_time, less or shorter."""

    kind: str
    resource_id: int
    span: Span
    qty: int
    free: int  # how many are free at that time


@dataclass(frozen=True)
class Scene:
    """What is known around a refused wish, read once for all alternatives."""

    terms: Terms
    taken: Sequence[Taken]
    since: int
    until: int


def alternatives(wish: Wish, *, but_hold: int | None = None) -> list[Alternative]:
    """Offer other ways for a refused wish, the closest to it first."""
    scene = _scene(wish, but_hold)
    return [*_less(scene, wish), *_shorter(scene, wish), *other_times(scene, wish)]


def _scene(wish: Wish, but_hold: int | None) -> Scene:
    terms, now = get_terms(wish.resource_id), clock.epoch()
    around = (AROUND_DAYS_BY_DAY if terms.by_day else AROUND_DAYS) * 86_400
    start, end = wish.span.epochs
    since = max(start - around, int(earliest_start(terms, clock.now()).timestamp()))
    until = max(end + around, since + around)
    until = min(until, now + terms.horizon_days * 86_400 + (end - start))
    margin = (terms.before + terms.after) * 60
    taken = taken_by_resource(
        [terms.resource_id], since - margin, max(until, since) + margin, but_hold=but_hold
    )
    return Scene(terms, taken.get(terms.resource_id, []), since, until)


def other_times(scene: Scene, wish: Wish) -> list[Alternative]:
    """Offer the nearest spans of the same length, later ones first among equals."""
    terms, (start, end) = scene.terms, wish.span.epochs
    if not 1 <= wish.qty <= terms.capacity or scene.since >= scene.until:
        return []
    length = min(max(end - start, terms.min_length * 60), terms.max_length * 60)
    windows = free_windows(
        terms, scene.taken, opened(terms, scene.since, scene.until), scene.since, scene.until, wish.qty
    )
    candidates = [at for window in windows for at in _near(window, terms, length, start)]
    candidates.sort(key=lambda at: (abs(at - start), at < start))
    found: list[Alternative] = []
    for at in candidates:
        span = _span(terms, at, wish.span, length)
        if _distinct(span, found) and not _refuses(scene, Wish(wish.resource_id, span, wish.qty)):
            found.append(_offer("other_time", scene, Wish(wish.resource_id, span, wish.qty)))
        if len(found) == AT_MOST:
            break
    return found


def _near(window: tuple[int, int], terms: Terms, length: int, wanted: int) -> list[int]:
    """Keep of a window's legal starts those just before and just after what was wanted."""
    legal = list(starts(window, terms, length))
    later, earlier = [at for at in legal if at >= wanted], [at for at in legal if at < wanted]
    return [*earlier[-2:], *later[:2]]


def _span(terms: Terms, at: int, asked: Span, length: int) -> Span:
    """Give the span from `at`: by days, as many civil days as asked (a day when clocks change is not 24 h)."""
    if not terms.by_day:
        return Span.of_epochs(at, at + length)
    first, last = asked.walls(terms.zone)
    days = max(1, round((last - first) / timedelta(days=1)))
    start = Span.of_epochs(at, at + 1).walls(terms.zone)[0]
    return Span.of_walls(start, start + timedelta(days=days), terms.zone)


def _distinct(span: Span, found: Sequence[Alternative]) -> bool:
    """Tell whether an offer adds a real choice: not the same window shifted by one step."""
    return all(
        abs((span.start - other.span.start).total_seconds()) >= max(span.seconds // 2, 3600)
        for other in found
    )


def _less(scene: Scene, wish: Wish) -> list[Alternative]:
    start, end = scene.terms.widen(*wish.span.epochs)
    free = scene.terms.capacity - peak(scene.taken, start, end)
    smaller = Wish(wish.resource_id, wish.span, min(free, scene.terms.capacity))
    if not 1 <= smaller.qty < wish.qty or _refuses(scene, smaller):
        return []
    return [_offer("less", scene, smaller)]


def _shorter(scene: Scene, wish: Wish) -> list[Alternative]:
    """Offer the longest free part inside what was asked, when it is still worth coming."""
    terms, (start, end) = scene.terms, wish.span.epochs
    inside = free_windows(terms, scene.taken, opened(terms, start, end), start, end, wish.qty)
    best = max(inside, key=lambda window: window[1] - window[0], default=None)
    if best is None:
        return []
    legal = list(starts(best, terms, terms.min_length * 60))
    if not legal:
        return []
    step = min(terms.step, 1440) * 60
    length = (best[1] - legal[0]) // step * step
    shorter = Wish(wish.resource_id, Span.of_epochs(legal[0], legal[0] + length), wish.qty)
    if length * 2 < end - start or length >= end - start or _refuses(scene, shorter):
        return []
    return [_offer("shorter", scene, shorter)]


def _offer(kind: str, scene: Scene, wish: Wish) -> Alternative:
    free = scene.terms.capacity - peak(scene.taken, *scene.terms.widen(*wish.span.epochs))
    return Alternative(kind, wish.resource_id, wish.span, wish.qty, free)


def _refuses(scene: Scene, wish: Wish) -> list[Refusal]:
    """Check an offer as strictly as a request, with what has been read already."""
    found = refuse_terms(scene.terms, wish.span, wish.qty, clock.now())
    hours = refuse_hours(scene.terms, wish.span)
    crowd = refuse_crowd(scene.terms, scene.taken, *wish.span.epochs, wish.qty)
    return [*found, *(r for r in (hours, crowd) if r)]
