"""What instead: other times and other days here, a smaller quantity, a shorter stay (at most three each)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.availability.hours import day_bounds, hours_between, opened, refuse_hours
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
    starts_near,
)
from app.availability.seasons import months_later, season_within
from app.core import clock
from app.core.span import Span, whole_months

AT_MOST = 3
AROUND_DAYS = 14  # for bookings by the hour; stays by days look further
AROUND_DAYS_BY_DAY = 75
AROUND_DAYS_BY_MONTH = 366
Window = tuple[int, int]
Keeps = Callable[[Span], bool]
MOST_MONTHS = 12
SMALL_SHIFT = timedelta(hours=2)  # farther than this, people rather come at the same hours another day


@dataclass(frozen=True)
class Alternative:
    """Another way to the same end; `kind` is other_time, other_day (at the same hours), less or shorter."""

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
    keeps: Keeps | None = None


def alternatives(wish: Wish, *, but_hold: int | None = None, keeps: Keeps | None = None) -> list[Alternative]:
    """Offer other ways for a refused wish, the closest to it first: of those times that keep what else must be so."""
    [scene] = _scenes([wish], but_hold)
    return _offers(replace(scene, keeps=keeps), wish)


def other_times_in_turn(
    wishes: Sequence[Wish], kept: Sequence[Collection[Span]], keeps: Keeps | None = None
) -> list[list[Span]]:
    """Offer other times for each of many wishes of one asker, with one read of what is taken around them.

    Never what the others of them keep (`kept`, for each wish), nor what was offered to one before: no two dates can
    both take it. Where that would leave a wish without any, it is offered what nobody has chosen yet. As for
    `alternatives`, only times that keep what else must be so are offered.
    """
    scenes = _scenes(wishes, None) if wishes else []
    offered: list[Span] = []
    found = []
    for scene, wish, others in zip(scenes, wishes, kept, strict=True):
        own = () if _is_refused(scene, wish) else (wish.span,)  # it is free: what is offered lies beside it
        apart = _but(replace(scene, keeps=keeps), [*others, *own])
        times = _times(_but(apart, offered), wish) or _times(apart, wish)
        offered += times
        found.append(times)
    return found


def _but(scene: Scene, spans: Collection[Span]) -> Scene:
    """Take spans wholly, beside what is taken."""
    near = (span.epochs for span in spans)
    whole = [
        Taken(
            start - scene.terms.before * 60, end + scene.terms.after * 60, scene.terms.capacity, 0, "booking"
        )
        for start, end in near
        if start < scene.until and end > scene.since
    ]
    return replace(scene, taken=sorted([*scene.taken, *whole]))


def _times(scene: Scene, wish: Wish) -> list[Span]:
    return [offer.span for offer in _elsewhen(scene, wish)]


def _offers(scene: Scene, wish: Wish) -> list[Alternative]:
    return [*_less(scene, wish), *_shorter(scene, wish), *_elsewhen(scene, wish)]


def _scenes(wishes: Sequence[Wish], but_hold: int | None) -> list[Scene]:
    terms = get_terms(wishes[0].resource_id, wishes[0].asker)
    windows = [_looked_at(terms, wish) for wish in wishes]
    margin = (terms.before + terms.after) * 60
    reads = [(since - margin, max(until, since) + margin) for since, until in windows]
    known = {terms.resource_id: terms}
    first, last = min(since for since, _until in reads), max(until for _since, until in reads)
    taken = taken_by_resource(known, first, last, but_hold=but_hold, terms=known).get(terms.resource_id, [])
    near = [[each for each in taken if each.start < until and each.end > since] for since, until in reads]
    return [Scene(terms, own, *window) for own, window in zip(near, windows, strict=True)]


def _looked_at(terms: Terms, wish: Wish) -> Window:
    """Give the time (epoch seconds) around a wish in which something else is looked for."""
    around = _around(terms) * 86_400
    start, end = wish.span.epochs
    since = max(start - around, int(earliest_start(terms, clock.now()).timestamp()))
    until = max(end + around, since + around)
    return since, min(until, clock.epoch() + terms.horizon_days * 86_400 + (end - start))


def _around(terms: Terms) -> int:
    if terms.by_month:
        return AROUND_DAYS_BY_MONTH
    return AROUND_DAYS_BY_DAY if terms.by_day else AROUND_DAYS


def _elsewhen(scene: Scene, wish: Wish) -> list[Alternative]:
    """Mix other times of the same day with the same hours of other days; any time at all where these are few."""
    if not 1 <= wish.qty <= scene.terms.capacity or scene.since >= scene.until:
        return []
    windows = _windows(scene, wish)
    if scene.terms.by_month and whole_months(*wish.span.walls(scene.terms.zone)):
        return _other_seasons(scene, wish, windows)
    if scene.terms.by_day:
        return _other_times(scene, wish, windows)
    times = _other_times(scene, wish, _within_day(scene, wish, windows))
    days = _other_days(scene, wish, windows)
    if missing := max(0, AT_MOST - len(times) - len(days)):
        times += _other_times(scene, wish, windows, but=[*times, *days])[:missing]
    is_close = times and abs(times[0].span.start - wish.span.start) <= SMALL_SHIFT
    return [*times, *days] if is_close else [*days, *times]


def _length(scene: Scene, wish: Wish) -> int:
    """Give the seconds asked for, brought within what may be asked."""
    terms = scene.terms
    return min(max(wish.span.seconds, terms.min_length * 60), terms.max_length * 60)


def _windows(scene: Scene, wish: Wish) -> list[Window]:
    """List the free spans in which the wish may lie; where hours bind its two ends, those that can keep them."""
    terms, since, until = scene.terms, scene.since, scene.until
    free = free_windows(terms, scene.taken, opened(terms, since, until), since, until, wish.qty)
    if terms.opening_mode != "endpoints" or terms.by_day:
        return free
    hours, length = hours_between(terms, since, until), _length(scene, wish)
    bound = [
        (max(out[0], back[0] - length), min(out[1] + length, back[1])) for out in hours for back in hours
    ]
    cut = ((max(b[0], f[0]), min(b[1], f[1])) for b in bound for f in free)
    return [(start, end) for start, end in cut if end - start >= length]


def _within_day(scene: Scene, wish: Wish, windows: Sequence[Window]) -> list[Window]:
    """Keep of the windows what begins on the day that was asked for; it may end on the next."""
    length = _length(scene, wish)
    first, last = day_bounds(scene.terms, wish.span.walls(scene.terms.zone)[0].date())
    cut = ((max(start, first), min(end, last - 1 + length)) for start, end in windows)
    return [(start, end) for start, end in cut if end - start >= length]


def _other_times(
    scene: Scene, wish: Wish, windows: Sequence[Window], but: Sequence[Alternative] = ()
) -> list[Alternative]:
    """Offer the nearest spans of the same length, later ones first among equals, none like those offered already."""
    wanted, length = wish.span.epochs[0], _length(scene, wish)
    candidates = [at for window in windows for at in starts_near(window, scene.terms, length, wanted)]
    candidates.sort(key=lambda at: (abs(at - wanted), at < wanted))
    found: list[Alternative] = []
    for at in candidates:
        other = replace(wish, span=_span(scene.terms, at, wish.span, length))
        if _is_distinct(other.span, [*but, *found]) and not _is_refused(scene, other):
            found.append(_offer("other_time", scene, other))
        if len(found) == AT_MOST:
            break
    return found


def _other_seasons(scene: Scene, wish: Wish, windows: Sequence[Window]) -> list[Alternative]:
    """Offer the nearest seasons of as many whole months, later ones first among equals."""
    start, end = wish.span.walls(scene.terms.zone)
    shifts = sorted(range(-MOST_MONTHS, MOST_MONTHS + 1), key=lambda months: (abs(months), months < 0))
    found: list[Alternative] = []
    for months in shifts[1:]:
        walls = months_later(start, months), months_later(end, months)
        other = replace(wish, span=Span.of_walls(*walls, scene.terms.zone))
        if _lies_in(windows, other.span) and not _is_refused(scene, other):
            found.append(_offer("other_time", scene, other))
        if len(found) == AT_MOST:
            break
    return found


def _other_days(scene: Scene, wish: Wish, windows: Sequence[Window]) -> list[Alternative]:
    """Offer the same hours on the nearest other days, later ones first among equals."""
    found: list[Alternative] = []
    if _length(scene, wish) != wish.span.seconds:  # too short or too long on any day
        return found
    for days in _days_within_reach(scene, wish):
        span = wish.span.days_later(days, scene.terms.zone)
        if span and _lies_in(windows, span) and not _is_refused(scene, other := replace(wish, span=span)):
            found.append(_offer("other_day", scene, other))
        if len(found) == AT_MOST:
            break
    return found


def _lies_in(windows: Sequence[Window], span: Span) -> bool:
    start, end = span.epochs
    return any(first <= start and end <= last for first, last in windows)


def _days_within_reach(scene: Scene, wish: Wish) -> list[int]:
    """List how many days from the one asked for those within reach lie, the nearest first."""
    zone = scene.terms.zone
    asked = wish.span.walls(zone)[0].date()
    first, last = (datetime.fromtimestamp(at, zone).date() - asked for at in (scene.since, scene.until))
    others = [days for days in range(first.days, last.days + 1) if days]
    return sorted(others, key=lambda days: (abs(days), days < 0))


def _span(terms: Terms, at: int, asked: Span, length: int) -> Span:
    """Give the span from `at`: by days, as many civil days as asked (a day when clocks change is not 24 h)."""
    if not terms.by_day:
        return Span.of_epochs(at, at + length)
    first, last = asked.walls(terms.zone)
    days = max(1, round((last - first) / timedelta(days=1)))
    start = Span.of_epochs(at, at + 1).walls(terms.zone)[0]
    return Span.of_walls(start, start + timedelta(days=days), terms.zone)


def _is_distinct(span: Span, found: Sequence[Alternative]) -> bool:
    """Tell whether an offer adds a real choice: not the same window shifted by one step."""
    return all(
        abs((span.start - other.span.start).total_seconds()) >= max(span.seconds // 2, 3600)
        for other in found
    )


def _less(scene: Scene, wish: Wish) -> list[Alternative]:
    start, end = scene.terms.widen(*wish.span.epochs)
    free = scene.terms.capacity - peak(scene.taken, start, end)
    smaller = replace(wish, qty=min(free, scene.terms.capacity))
    if not 1 <= smaller.qty < wish.qty or _is_refused(scene, smaller):
        return []
    return [_offer("less", scene, smaller)]


def _shorter(scene: Scene, wish: Wish) -> list[Alternative]:
    """Offer the longest free part inside what was asked, when it is still worth coming."""
    terms, (start, end) = scene.terms, wish.span.epochs
    inside = free_windows(terms, scene.taken, opened(terms, start, end), start, end, wish.qty)
    best = max(inside, key=lambda window: window[1] - window[0], default=None)
    if best is None:
        return []
    if terms.by_month and whole_months(*wish.span.walls(terms.zone)):
        return _shorter_season(scene, wish, best)
    legal = list(starts(best, terms, terms.min_length * 60))
    if not legal:
        return []
    step = min(terms.step, 1440) * 60
    length = (best[1] - legal[0]) // step * step
    shorter = replace(wish, span=Span.of_epochs(legal[0], legal[0] + length))
    if length * 2 < end - start or length >= end - start or _is_refused(scene, shorter):
        return []
    return [_offer("shorter", scene, shorter)]


def _shorter_season(scene: Scene, wish: Wish, best: Window) -> list[Alternative]:
    """Offer the whole months that are left of a season, where they are at least half of it."""
    walls = season_within(*Span.of_epochs(*best).walls(scene.terms.zone))
    if walls is None:
        return []
    shorter = replace(wish, span=Span.of_walls(*walls, scene.terms.zone))
    if shorter.span.seconds * 2 < wish.span.seconds or _is_refused(scene, shorter):
        return []
    return [_offer("shorter", scene, shorter)]


def _offer(kind: str, scene: Scene, wish: Wish) -> Alternative:
    free = scene.terms.capacity - peak(scene.taken, *scene.terms.widen(*wish.span.epochs))
    return Alternative(kind, wish.resource_id, wish.span, wish.qty, free)


def _is_refused(scene: Scene, wish: Wish) -> bool:
    """Check an offer as strictly as a request, with what has been read already; the cheapest question first."""
    return bool(
        (scene.keeps and not scene.keeps(wish.span))
        or refuse_terms(scene.terms, wish.span, wish.qty, clock.now())
        or refuse_crowd(scene.terms, scene.taken, *wish.span.epochs, wish.qty)
        or refuse_hours(scene.terms, wish.span)
    )
