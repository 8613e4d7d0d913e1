"""Reads of the availability room: terms, claims, verdicts, free windows. Prebuilt statements on the hot path."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, exists, select

from app.availability.components import composed_ids, parts_of
from app.availability.errors import Refusal
from app.availability.hours import opened, refuse_hours
from app.availability.models import MAX_CLAIM_SECONDS, Claim, Hold, ResourceGuard, Schedule
from app.availability.parts import made_of, margin, project
from app.availability.rules import Taken, Terms, free_windows, refuse_crowd, refuse_terms
from app.catalogue.models import Component, Resource
from app.core import clock
from app.core.errors import NotFound
from app.core.span import Span
from app.infra.db import db
from app.infra.prepared import Prepared

# Building a statement costs more than running it (measured), so these are built once.
TERMS = (
    select(
        Resource.id,
        Resource.territory_id,
        Resource.capacity,
        Resource.opening_mode,
        Resource.step_minutes,
        Resource.min_minutes,
        Resource.max_minutes,
        Resource.buffer_before,
        Resource.buffer_after,
        Resource.min_notice_minutes,
        Resource.horizon_days,
        Resource.status,
        Schedule.expression,
        Schedule.school_zone,
        Schedule.timezone,
        Resource.mode,
        Resource.packs,
        Resource.windows,
        exists().where(Component.whole_id == Resource.id),
    )
    .join(ResourceGuard, ResourceGuard.resource_id == Resource.id)
    .join(Schedule, Schedule.id == ResourceGuard.schedule_id)
    .where(Resource.id.in_(bindparam("resources", expanding=True)))
)
_CLAIMS = (
    select(
        Claim.resource_id,
        Claim.start_at,
        Claim.end_at,
        Claim.qty,
        Claim.hold_id,
        Hold.kind,
        Claim.buffer_before * 60,
        Claim.buffer_after * 60,
        Hold.expires_at,
    )
    .join(Hold, Hold.id == Claim.hold_id)
    .where(
        Claim.start_at < bindparam("until"),
        Claim.start_at > bindparam("since") - MAX_CLAIM_SECONDS,
        Claim.end_at > bindparam("since"),
    )
)
CLAIMS = _CLAIMS.where(Claim.resource_id.in_(bindparam("resources", expanding=True)))
CLAIMS_OF_ONE = Prepared(
    _CLAIMS.where(Claim.resource_id == bindparam("resource"))
)  # a quarter of a list of one


@dataclass(frozen=True)
class Wish:
    """Some capacity wanted: `qty` of a resource for a span that people see (buffers are added by the engine).

    `priority` is the class of who asks: each may have a window of its own in which to ask.
    """

    resource_id: int
    span: Span
    qty: int = 1
    priority: str = ""


def terms_of(resource_ids: Iterable[int], priority: str = "") -> dict[int, Terms]:
    """Read the terms of resources for a priority class, by id; those without a schedule yet are left out."""
    executed = db.session.connection().execute(TERMS, {"resources": list(resource_ids)})
    rows: list[tuple[Any, ...]] = [tuple(row) for row in executed]
    found = {row[0]: _for_class(Terms(*row[:-2]), priority, row[-2]) for row in rows}
    composed = [row[0] for row in rows if row[-1]]
    for resource_id, parts in (parts_of(composed) if composed else {}).items():
        found[resource_id] = made_of(found[resource_id], parts)
    return found


def composed_terms(resource_ids: Collection[int]) -> dict[int, Terms]:
    """Read the terms of those among some resources that are made of others."""
    found = composed_ids(resource_ids)
    return terms_of(found) if found else {}


def _for_class(terms: Terms, priority: str, windows: Mapping[str, Mapping[str, int]]) -> Terms:
    if not priority:
        return terms
    window = windows.get(priority, {})
    ahead, notice = window.get("horizon_days", terms.horizon_days), window.get("notice_minutes", terms.notice)
    return replace(terms, priority=priority, horizon_days=ahead, notice=notice)


def get_terms(resource_id: int, priority: str = "") -> Terms:
    """Read the terms of one resource for a priority class; raise NotFound."""
    found = terms_of([resource_id], priority).get(resource_id)
    if not found:
        raise NotFound(kind="resource")
    return found


def claim_rows(resource_ids: Iterable[int], since: int, until: int) -> Sequence[Any]:
    """Read the claims of resources that overlap [since, until), as CLAIMS has them, stale holds included."""
    ids, connection = list(resource_ids), db.session.connection()
    window = {"since": since, "until": until}
    if len(ids) == 1:
        return CLAIMS_OF_ONE.run(connection, window | {"resource": ids[0]}).all()
    return connection.execute(CLAIMS, window | {"resources": ids}).all()


def taken_by_resource(
    resource_ids: Iterable[int],
    since: int,
    until: int,
    *,
    but_hold: int | None = None,
    terms: Mapping[int, Terms] | None = None,
) -> Mapping[int, list[Taken]]:
    """Read what takes capacity of resources within [since, until), stale holds left out.

    What the parts of a resource no longer allow counts as taken of it. `terms` of those that have parts spare a read.
    """
    ids = list(resource_ids)
    known = composed_terms(ids) if terms is None else {each: terms[each] for each in ids if each in terms}
    composed = [each for each in known.values() if each.parts]
    if not composed:
        return fresh_claims(ids, since, until, but_hold=but_hold)
    wider = max(margin(each) for each in composed)
    together = {*ids, *(part.resource_id for each in composed for part in each.parts)}
    claims = fresh_claims(together, since - wider, until + wider, but_hold=but_hold)
    seen = {each.resource_id: project(each, claims, since, until) for each in composed}
    return defaultdict(list, {each: claims[each] for each in ids if each in claims} | seen)


def fresh_claims(
    resource_ids: Iterable[int], since: int, until: int, *, but_hold: int | None = None
) -> Mapping[int, list[Taken]]:
    """Read the claims on resources within [since, until), each for itself, stale holds left out."""
    now, found = clock.epoch(), defaultdict(list)
    for resource_id, *taken, expires_at in claim_rows(resource_ids, since, until):
        claim = Taken(*taken)
        if claim.hold_id != but_hold and (expires_at is None or expires_at > now):
            found[resource_id].append(claim)
    return found


def taken_around(terms: Terms, span: Span, *, but_hold: int | None = None) -> list[Taken]:
    """Read what could stand in the way of one wish, its buffers included."""
    start, end = span.epochs
    reach = (terms.before + terms.after) * 60  # a neighbour's own buffer counts too when it is named
    return list(
        taken_by_resource(
            [terms.resource_id],
            start - reach,
            end + reach,
            but_hold=but_hold,
            terms={terms.resource_id: terms},
        ).get(terms.resource_id, ())
    )


def verdict(wish: Wish, *, terms: Terms | None = None, but_hold: int | None = None) -> tuple[Refusal, ...]:
    """Tell everything against a wish (nothing: it is free), the reasons people should read first in front."""
    terms = terms or get_terms(wish.resource_id, wish.priority)
    refusals = refuse_terms(terms, wish.span, wish.qty, clock.now())
    if hours := refuse_hours(terms, wish.span):
        refusals.append(hours)
    if crowd := refuse_crowd(
        terms, taken_around(terms, wish.span, but_hold=but_hold), *wish.span.epochs, wish.qty
    ):
        refusals.append(crowd)
    return tuple(refusals)


def windows_between(
    terms: Terms, since: int, until: int, *, qty: int = 1, taken: Sequence[Taken] | None = None
) -> list[Span]:
    """List the spans within [since, until) in which a booking of `qty` may lie, hours, claims and buffers respected."""
    if taken is None:
        reach = (terms.before + terms.after) * 60
        known = {terms.resource_id: terms}
        taken = taken_by_resource(known, since - reach, until + reach, terms=known).get(terms.resource_id, [])
    found = free_windows(terms, taken, opened(terms, since, until), since, until, qty)
    return [Span.of_epochs(start, end) for start, end in found]


def instant(epoch: int) -> datetime:
    """Make an aware instant of the seconds that claims keep."""
    return datetime.fromtimestamp(epoch, UTC)
