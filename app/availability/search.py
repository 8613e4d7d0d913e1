"""Search: which resources are free in a window, opening hours included, and when each is free next.

Hours are evaluated by SQL on local integers, claims by the bounded range; Python sweeps only where the plain sum
does not fit. Nothing is computed in advance.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    column,
    func,
    or_,
    select,
    text,
)  # fmt: skip

from app.availability.models import MAX_CLAIM_SECONDS, Claim, ResourceGuard
from app.availability.queries import taken_by_resource, terms_of, windows_between
from app.availability.rules import DAY_MINUTES, Terms, earliest_start, peak
from app.catalogue.models import OpeningMode
from app.core import clock
from app.core.span import Span
from app.infra.db import db

NEAR_DAYS, FAR_DAYS = 14, 92
MAX_PARTS = (
    40  # a longer continuous stay is looked at by its first and last days only; the request checks it whole
)


@dataclass(frozen=True)
class Window:
    """When, how many: what must be free. `zone` is the searcher's, in which days are counted."""

    span: Span
    qty: int
    zone: ZoneInfo


class Hit(NamedTuple):
    """A resource found: its distance in km when a place was asked."""

    resource_id: int
    km: float | None


_DAY_OPEN = """
    CASE WHEN EXISTS (SELECT 1 FROM opening_exception e WHERE e.schedule_id = s.id AND e.day = :day{n})
    THEN EXISTS (SELECT 1 FROM opening_exception e WHERE e.schedule_id = s.id AND e.day = :day{n}
                 AND e.start_min {low} :from{n} AND e.end_min {high} :to{n})
    ELSE EXISTS (SELECT 1 FROM opening_rule w WHERE w.schedule_id = s.id AND w.weekday = :dow{n}
                 AND w.start_min {low} :from{n} AND w.end_min {high} :to{n})
    END
"""


def _covers(n: int) -> str:
    return _DAY_OPEN.format(n=n, low="<=", high=">=")


def _touches(n: int) -> str:
    """Open at some time of the day: for stays booked by days."""
    return (
        _DAY_OPEN.replace("e.start_min {low} :from{n} AND e.end_min {high} :to{n}", "e.end_min > e.start_min")
        .replace("AND w.start_min {low} :from{n} AND w.end_min {high} :to{n}", "")
        .format(n=n)
    )


def _opens(n: int) -> str:
    """Open at the very start (the opening minute counts, the closing one does not)."""
    return _DAY_OPEN.replace("{high} :to{n}", "> :from{n}").format(n=n, low="<=")


def _closes(n: int) -> str:
    """Open up to the very end (the closing minute counts, the opening one does not)."""
    return _DAY_OPEN.replace("{low} :from{n}", "< :to{n}").format(n=n, high=">=")


@lru_cache(maxsize=MAX_PARTS + 2)
def _opened(parts: int) -> CTE:
    """Say of every schedule whether it is open for a window cut into `parts` local days, in three senses."""
    last = parts - 1
    whole = " AND ".join(_covers(n) for n in range(parts))
    ends = f"({_opens(0)}) AND ({_closes(last)})"
    days = f"({_touches(0)}) AND ({_touches(last)})"
    sql = f"SELECT s.id, ({whole}) AS whole, ({ends}) AS ends, ({days}) AS days FROM schedule s"  # noqa: S608  # all bound
    columns = (
        column("id", BigInteger),
        column("whole", Boolean),
        column("ends", Boolean),
        column("days", Boolean),
    )
    return text(sql).columns(*columns).cte("opened").prefix_with("MATERIALIZED")


def free_in(matching: Select[Any], window: Window) -> list[Hit]:
    """List the resources of `matching` that can be booked for the window, nearest first.

    `matching` selects Resource.id, `km`, and the columns of the terms, as catalogue.queries.matching() does.
    """
    rows = db.session.connection().execute(*statement_for(matching, window)).all()
    doubtful = [row for row in rows if row.capacity - row.used < window.qty]
    fits, qty = _sweep(doubtful, window.qty), window.qty
    return [Hit(id_, km) for id_, km, capacity, _s, _u, used in rows if capacity - used >= qty or id_ in fits]


def statement_for(matching: Select[Any], window: Window) -> tuple[Select[Any], dict[str, Any]]:
    """Build the search and its values: id, km, capacity, the span with buffers, and the sum of what is taken there."""
    parts = _parts(window)
    return _statement(matching, len(parts)), _params(window, parts)


@lru_cache(maxsize=256)
def _statement(matching: Select[Any], parts: int) -> Select[Any]:
    """Build the search; the same `matching` (kept by the catalogue for equal filters) is built once."""
    r, o, g = matching.subquery("r"), _opened(parts), ResourceGuard
    by_day = r.c.step_minutes >= DAY_MINUTES
    since = case((by_day, _int("day_start")), else_=_int("start")) - r.c.buffer_before * 60
    until = case((by_day, _int("day_end")), else_=_int("end")) + r.c.buffer_after * 60
    candidate = (
        select(r.c.id, r.c.capacity, r.c.km, since.label("since"), until.label("until"))
        .join(g, g.resource_id == r.c.id)
        .join(o, o.c.id == g.schedule_id)
        .where(
            r.c.capacity >= _int("qty"),
            r.c.status.in_(("active", "to_check")),
            _hours_allow(r, o, by_day),
            _terms_allow(r, by_day),
        )
        .cte("candidate")
    )
    return _with_use(candidate)


def _with_use(candidate: CTE) -> Select[Any]:
    c, k = candidate.c, Claim
    used = (
        select(func.coalesce(func.sum(k.qty), 0))
        .where(
            k.resource_id == c.id,
            k.start_at < c.until,
            k.start_at > c.since - MAX_CLAIM_SECONDS,
            k.end_at > c.since,
        )
        .scalar_subquery()
    )
    inner = select(c.id, c.km, c.capacity, c.since, c.until, used.label("used")).subquery("u")
    # Capacity 1 is decided by the sum alone; more than that may still fit when claims follow one another.
    fits = (inner.c.capacity - inner.c.used >= _int("qty")) | (inner.c.capacity > 1)
    return select(inner).where(fits).order_by(inner.c.km, inner.c.id)


def _hours_allow(r: Subquery, o: CTE, by_day: ColumnElement[bool]) -> ColumnElement[bool]:
    mode = r.c.opening_mode
    return or_(
        mode == OpeningMode.ALWAYS.value,
        and_(mode == OpeningMode.CONTINUOUS.value, o.c.whole),
        and_(mode == OpeningMode.ENDPOINTS.value, case((by_day, o.c.days), else_=o.c.ends)),
    )


def _terms_allow(r: Subquery, by_day: ColumnElement[bool]) -> ColumnElement[bool]:
    """Lengths, step, notice and horizon, as rules.refuse_terms has them."""
    notice = r.c.min_notice_minutes * 60
    days = and_(
        (_int("days") * DAY_MINUTES).between(r.c.min_minutes, r.c.max_minutes),
        _int("day_start") + 86_399 > _int("now"),
        _int("day_start") + 86_399 >= _int("now") + notice,
    )
    hours = and_(
        _int("minutes").between(r.c.min_minutes, r.c.max_minutes),
        _int("start") > _int("now"),
        _int("start_min") % r.c.step_minutes == 0,
        _int("end_min") % r.c.step_minutes == 0,
        _int("start") >= _int("now") + notice,
    )
    return and_(case((by_day, days), else_=hours), _int("start") <= _int("now") + r.c.horizon_days * 86_400)


def _int(name: str) -> BindParameter[int]:
    """Bind a number as 64 bits: small ones would otherwise be sent as a type the indexes do not serve."""
    return bindparam(name, type_=BigInteger)


def _sweep(rows: Sequence[Any], qty: int) -> set[int]:
    """Decide by the exact peak where the sum of all overlapping claims was too much."""
    if not rows:
        return set()
    taken = taken_by_resource(
        [row.id for row in rows], min(r.since for r in rows), max(r.until for r in rows)
    )
    return {r.id for r in rows if peak(taken.get(r.id, ()), r.since, r.until) + qty <= r.capacity}


@dataclass(frozen=True)
class _Part:
    day: int
    weekday: int
    start: int
    end: int


def _parts(window: Window) -> list[_Part]:
    start, end = window.span.walls(window.zone)
    found = []
    for number in range(start.date().toordinal(), (end - timedelta(seconds=1)).date().toordinal() + 1):
        day = date.fromordinal(number)
        first = start.hour * 60 + start.minute if day == start.date() else 0
        last = end.hour * 60 + end.minute if day == end.date() else DAY_MINUTES
        found.append(_Part(number, day.weekday(), first, last))
    return found if len(found) <= MAX_PARTS else [found[0], found[-1]]


def _params(window: Window, parts: Sequence[_Part]) -> dict[str, Any]:
    start, end = window.span.walls(window.zone)
    midnight = start.replace(hour=0, minute=0, second=0)
    next_midnight = (end - timedelta(seconds=1)).replace(hour=0, minute=0, second=0) + timedelta(days=1)
    days = Span.of_walls(midnight, next_midnight, window.zone).epochs
    first, last = window.span.epochs
    params: dict[str, Any] = {
        "start": first,
        "end": last,
        "day_start": days[0],
        "day_end": days[1],
        "qty": window.qty,
        "now": clock.epoch(),
        "minutes": window.span.minutes,
        "days": (next_midnight - midnight).days,
        "start_min": start.hour * 60 + start.minute,
        "end_min": end.hour * 60 + end.minute,
    }
    for n, part in enumerate(parts):
        params |= {f"day{n}": part.day, f"dow{n}": part.weekday, f"from{n}": part.start, f"to{n}": part.end}
    return params


def next_free(resource_ids: Iterable[int], qty: int = 1) -> dict[int, Span]:
    """Find the next window in which each resource can be booked, within three months; absent where there is none.

    Looks a fortnight ahead first: nearly all have a window there, and it reads far fewer claims.
    """
    terms = terms_of(resource_ids)
    found = _first_windows(terms, 0, NEAR_DAYS, qty)
    rest = {rid: terms[rid] for rid in terms if rid not in found}
    return found | (_first_windows(rest, NEAR_DAYS, FAR_DAYS, qty) if rest else {})


def _first_windows(terms: Mapping[int, Terms], from_day: int, to_day: int, qty: int) -> dict[int, Span]:
    now = clock.epoch()
    since, until = now + from_day * 86_400, now + to_day * 86_400
    taken = taken_by_resource(terms, since - 86_400, until + 86_400)
    found = {}
    for resource_id, own in terms.items():
        if own.status not in ("active", "to_check") or own.capacity < qty:
            continue
        soonest = int(earliest_start(own, clock.now()).timestamp())
        earliest = max(since, soonest) if from_day else soonest  # a stay by days may begin today
        latest = min(until, now + own.horizon_days * 86_400)
        if earliest < latest:
            windows = windows_between(own, earliest, latest, qty=qty, taken=taken.get(resource_id, ()))
            if windows:
                found[resource_id] = windows[0]
    return found
