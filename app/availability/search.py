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
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    distinct,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)  # fmt: skip

from app.availability.askers import NOBODY, Asker
from app.availability.components import special_ids
from app.availability.models import (
    MAX_CLAIM_SECONDS,
    Claim,
    OpeningException,
    OpeningRule,
    QuotaTerms,
    ResourceGuard,
)
from app.availability.queries import taken_by_resource, terms_of, windows_between
from app.availability.rules import DAY_MINUTES, USABLE, Terms, earliest_start, peak
from app.catalogue.models import Component, OpeningMode
from app.core import clock
from app.core.span import Span
from app.infra.db import constant, db

NEAR_DAYS, FAR_DAYS = 14, 92
MAX_PARTS = (
    40  # a longer continuous stay is looked at by its first and last days only; the request checks it whole
)


@dataclass(frozen=True)
class Window:
    """When, how many, for whom: what must be free. `zone` is the searcher's, in which days are counted."""

    span: Span
    qty: int
    zone: ZoneInfo
    asker: Asker = NOBODY


class Hit(NamedTuple):
    """A resource found: its distance in km when a place was asked."""

    resource_id: int
    km: float | None


def _opened(parts: int) -> CTE:
    """Say of every schedule with hours in a window of `parts` local days whether they fit it, in three senses."""
    h, last = _hours(parts).c, parts - 1
    begins = and_(
        h.n == 0, h.start_min <= h.low, h.end_min > h.low
    )  # the opening minute counts, the closing one not
    ends = and_(h.n == last, h.start_min < h.high, h.end_min >= h.high)
    covers = and_(h.start_min <= h.low, h.end_min >= h.high)
    opens = h.end_min > h.start_min
    return (
        select(
            h.schedule_id.label("id"),
            (func.count(distinct(case((covers, h.n)))) == parts).label("whole"),
            and_(_ever(begins), _ever(ends)).label("ends"),
            and_(_ever(and_(h.n == 0, opens)), _ever(and_(h.n == last, opens))).label("days"),
        )
        .group_by(h.schedule_id)
        .cte("opened")
        .prefix_with("MATERIALIZED")
    )


def _hours(parts: int) -> CTE:
    """Give the hours of every schedule on each day of the window: its exceptions, else its weekly rules."""
    p, e, w = _days(parts), OpeningException, OpeningRule
    excepted = exists().where(e.schedule_id == w.schedule_id, e.day == p.c.day)
    asked = (p.c.n, p.c.low, p.c.high)
    special = select(e.schedule_id, e.start_min, e.end_min, *asked).join(p, e.day == p.c.day)
    usual = select(w.schedule_id, w.start_min, w.end_min, *asked).join(p, w.weekday == p.c.weekday)
    return union_all(special, usual.where(~excepted)).cte("hours")


def _days(parts: int) -> CTE:
    """Lay the days of the window out as rows: their number, and the minutes asked for on each."""
    rows = [
        select(
            literal(n).label("n"),
            *(_int(f"{name}{n}").label(name) for name in ("day", "weekday", "low", "high")),
        )
        for n in range(parts)
    ]
    return union_all(*rows).cte("part")


def _ever(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Tell whether a condition holds in any row of a group, on every database."""
    return func.max(case((condition, 1), else_=0)) == 1


def free_in(matching: Select[Any], window: Window) -> list[Hit]:
    """List the resources of `matching` that can be booked for the window, nearest first.

    `matching` selects Resource.id, `km`, and the columns of the terms, as catalogue.queries.matching() does.
    """
    rows = db.session.connection().execute(*statement_for(matching, window)).all()
    special = _special(rows, window.asker)
    doubtful = [row for row in rows if row.capacity - row.used < window.qty or row.id in special]
    fits, qty = _sweep(doubtful, window.qty, special), window.qty
    return [
        Hit(id_, km)
        for id_, km, capacity, _s, _u, used, _any in rows
        if id_ in fits or (capacity - used >= qty and id_ not in special)
    ]


def _special(rows: Sequence[Any], asker: Asker) -> dict[int, Terms]:
    """Read the terms of what was found and of which the sum of claims does not tell enough: it has parts, or quotas."""
    if not rows or not rows[0].any_special:
        return {}
    ids = {row.id for row in rows}.intersection(special_ids())
    return terms_of(ids, asker) if ids else {}


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
        .outerjoin(o, o.c.id == g.schedule_id)
        .where(_hours_allow(r, o, by_day), _terms_allow(r, by_day))
        .cte("candidate")
        .prefix_with("MATERIALIZED")
    )
    return _with_use(candidate)


def _with_use(candidate: CTE) -> Select[Any]:
    """Add the sum of what is taken in each span: read once for all, within the reach of the widest."""
    c, k = candidate.c, Claim
    since, until = (select(each).scalar_subquery() for each in (func.min(c.since), func.max(c.until)))
    near = (
        select(k.resource_id, k.start_at, k.end_at, k.qty)
        .where(k.start_at < until, k.start_at > since - MAX_CLAIM_SECONDS, k.end_at > since)
        .cte("near")
        .prefix_with("MATERIALIZED")
    )
    n, columns = near.c, (c.id, c.km, c.capacity, c.since, c.until)
    used = func.coalesce(func.sum(n.qty), 0)
    # Capacity 1 is decided by the sum alone; more than that may still fit when claims follow one another.
    fits = or_(c.capacity - used >= _int("qty"), c.capacity > 1)
    meets = and_(n.resource_id == c.id, n.start_at < c.until, n.end_at > c.since)
    special = exists(select(Component.whole_id)), exists(select(QuotaTerms.resource_id))
    anywhere = or_(*special).label("any_special")  # asked once, whatever is found
    found = select(*columns, used.label("used"), anywhere).select_from(candidate.outerjoin(near, meets))
    return found.group_by(*columns).having(fits).order_by(c.km, c.id)


def _hours_allow(r: Subquery, o: CTE, by_day: ColumnElement[bool]) -> ColumnElement[bool]:
    mode = r.c.opening_mode
    return or_(
        mode == constant(OpeningMode.ALWAYS),
        and_(mode == constant(OpeningMode.CONTINUOUS), o.c.whole),
        and_(mode == constant(OpeningMode.ENDPOINTS), case((by_day, o.c.days), else_=o.c.ends)),
    )


def _terms_allow(r: Subquery, by_day: ColumnElement[bool]) -> ColumnElement[bool]:
    """Status, quantity, lengths, step, notice and horizon, as rules.refuse_terms has them.

    All inside one CASE, of which a planner expects that half the rows pass: of each unknown bound for itself it
    expects a third, of all of them together one row in a thousand, and then joins by loops (measured: 5 times slower).
    """
    notice, usable = r.c.min_notice_minutes * 60, (constant("active"), constant("to_check"))
    always = (
        r.c.status.in_(usable),
        r.c.capacity >= _int("qty"),
        _int("start") <= _int("now") + r.c.horizon_days * 86_400,
    )
    days = and_(
        *always,
        (_int("days") * DAY_MINUTES).between(r.c.min_minutes, r.c.max_minutes),
        _int("day_start") + 86_399 > _int("now"),
        _int("day_start") + 86_399 >= _int("now") + notice,
    )
    hours = and_(
        *always,
        _int("minutes").between(r.c.min_minutes, r.c.max_minutes),
        _int("start") > _int("now"),
        _int("start_min") % r.c.step_minutes == 0,
        _int("end_min") % r.c.step_minutes == 0,
        _int("start") >= _int("now") + notice,
    )
    return case((by_day, days), else_=hours)


def _int(name: str) -> BindParameter[int]:
    """Bind a number as 64 bits: small ones would otherwise be sent as a type the indexes do not serve."""
    return bindparam(name, type_=BigInteger)


def _sweep(rows: Sequence[Any], qty: int, special: Mapping[int, Terms]) -> set[int]:
    """Decide by the exact peak where the sum of all overlapping claims was too much, or knows no parts and quotas."""
    rows = [row for row in rows if row.id not in special or special[row.id].status in USABLE]
    if not rows:
        return set()
    taken = taken_by_resource(
        [row.id for row in rows], min(r.since for r in rows), max(r.until for r in rows), terms=special
    )
    return {r.id for r in rows if peak(taken.get(r.id, ()), r.since, r.until) + qty <= r.capacity}


@dataclass(frozen=True)
class _Part:
    day: int  # date.toordinal()
    weekday: int
    low: int  # minutes of the day
    high: int


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
        params |= {f"{name}{n}": getattr(part, name) for name in ("day", "weekday", "low", "high")}
    return params


def next_free(resource_ids: Iterable[int], qty: int = 1, asker: Asker = NOBODY) -> dict[int, Span]:
    """Find the next window in which each resource can be booked, within three months; absent where there is none.

    Looks a fortnight ahead first: nearly all have a window there, and it reads far fewer claims.
    """
    terms = terms_of(resource_ids, asker)
    found = _first_windows(terms, 0, NEAR_DAYS, qty)
    rest = {rid: terms[rid] for rid in terms if rid not in found}
    return found | (_first_windows(rest, NEAR_DAYS, FAR_DAYS, qty) if rest else {})


def _first_windows(terms: Mapping[int, Terms], from_day: int, to_day: int, qty: int) -> dict[int, Span]:
    now = clock.epoch()
    since, until = now + from_day * 86_400, now + to_day * 86_400
    taken = taken_by_resource(terms, since - 86_400, until + 86_400, terms=terms)
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
