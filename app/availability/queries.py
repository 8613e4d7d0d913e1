"""Reads of the availability room: terms, claims, verdicts, free windows. Prebuilt statements on the hot path."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, select

from app.availability.askers import NOBODY, Asker
from app.availability.components import parts_of, special_ids
from app.availability.errors import Refusal
from app.availability.having import Claims, apart
from app.availability.hours import opened, refuse_hours
from app.availability.models import MAX_CLAIM_SECONDS, Claim, Hold, QuotaTerms, ResourceGuard, Schedule
from app.availability.parts import made_of, margin
from app.availability.quotas import refuse_room, seen
from app.availability.recalls import Plan, dated, plan_recall
from app.availability.rules import Taken, Terms, free_windows, refuse_terms
from app.availability.shares import quotas_of
from app.catalogue.models import Component, Resource
from app.core import clock
from app.core.errors import NotFound
from app.core.span import Span
from app.infra.prepared import PreparedFor
from app.infra.uow import connection

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
        exists().where(QuotaTerms.resource_id == Resource.id),
    )
    .join(ResourceGuard, ResourceGuard.resource_id == Resource.id)
    .join(Schedule, Schedule.id == ResourceGuard.schedule_id)
    .where(Resource.id.in_(bindparam("resources", expanding=True)))
)
_ANY_CLAIMS = select(
    Claim.resource_id,
    Claim.start_at,
    Claim.end_at,
    Claim.qty,
    Claim.hold_id,
    Hold.kind,
    Claim.buffer_before * 60,
    Claim.buffer_after * 60,
    func.coalesce(Hold.organisation_id, 0),
    Hold.expires_at,
).join(Hold, Hold.id == Claim.hold_id)
CLAIMS = PreparedFor(
    _ANY_CLAIMS.where(
        Claim.start_at < bindparam("until"),
        Claim.start_at > bindparam("since") - MAX_CLAIM_SECONDS,
        Claim.end_at > bindparam("since"),
    ),
    Claim.resource_id,
)
CLAIMS_OF_HOLDS = _ANY_CLAIMS.where(Claim.hold_id.in_(bindparam("holds", expanding=True)))


@dataclass(frozen=True)
class Wish:
    """Some capacity wanted: `qty` of a resource for a span that people see (buffers are added by the engine).

    `asker` is for whom: they may have a quota, and a window of their own in which to ask.
    """

    resource_id: int
    span: Span
    qty: int = 1
    asker: Asker = NOBODY


def terms_of(resource_ids: Iterable[int], asker: Asker = NOBODY) -> dict[int, Terms]:
    """Read the terms of resources for whoever asks, by id; those without a schedule yet are left out."""
    executed = connection().execute(TERMS, {"resources": list(resource_ids)})
    rows: list[tuple[Any, ...]] = [tuple(row) for row in executed]
    found = {row[0]: _for_asker(Terms(*row[:-3]), asker, row[-3]) for row in rows}
    for resource_id, quotas in quotas_of([row[0] for row in rows if row[-1]]).items():
        found[resource_id] = replace(found[resource_id], quotas=quotas)
    composed = [row[0] for row in rows if row[-2]]
    for resource_id, parts in (parts_of(composed) if composed else {}).items():
        found[resource_id] = made_of(found[resource_id], parts)
    return found


def special_terms(resource_ids: Collection[int], asker: Asker = NOBODY) -> dict[int, Terms]:
    """Read the terms of those among some resources of which the plain claims do not tell enough.

    They are made of others, or organisations have quotas of them.
    """
    found = set(resource_ids).intersection(special_ids())
    return terms_of(found, asker) if found else {}


def _for_asker(terms: Terms, asker: Asker, windows: Mapping[str, Mapping[str, int]]) -> Terms:
    if asker == NOBODY:
        return terms
    window = windows.get(asker.priority, {})
    ahead, notice = window.get("horizon_days", terms.horizon_days), window.get("notice_minutes", terms.notice)
    return replace(terms, asker=asker, horizon_days=ahead, notice=notice)


def get_terms(resource_id: int, asker: Asker = NOBODY) -> Terms:
    """Read the terms of one resource for whoever asks; raise NotFound."""
    found = terms_of([resource_id], asker).get(resource_id)
    if not found:
        raise NotFound(kind="resource")
    return found


def claim_rows(resource_ids: Iterable[int], since: int, until: int) -> Sequence[Any]:
    """Read the claims of resources that overlap [since, until), as CLAIMS has them, stale holds included."""
    return CLAIMS.rows(connection(), list(resource_ids), since=since, until=until)


def taken_by_resource(
    resource_ids: Iterable[int],
    since: int,
    until: int,
    *,
    but_hold: int | None = None,
    terms: Mapping[int, Terms] | None = None,
) -> Mapping[int, list[Taken]]:
    """Read what takes capacity of resources within [since, until), stale holds left out.

    What its parts no longer allow, and what quotas keep for others than its asker (all, where `terms` are not given),
    counts as taken of a resource. `terms` spare a read.
    """
    ids = list(resource_ids)
    known = special_terms(ids) if terms is None else {each: terms[each] for each in ids if each in terms}
    special = [each for each in known.values() if each.parts or each.quotas]
    if not special:
        return fresh_claims(ids, since, until, but_hold=but_hold)
    claims = _claims_around(special, ids, since, until, but_hold)
    found = {each.resource_id: seen(each, claims, since, until, clock.epoch()) for each in special}
    return defaultdict(list, {each: claims[each] for each in ids if each in claims} | found)


def _claims_around(
    terms: Collection[Terms], ids: Iterable[int], since: int, until: int, but_hold: int | None
) -> Mapping[int, list[Taken]]:
    """Read the claims on resources and on the parts of those that have some, as far as their buffers reach."""
    wider = max(margin(each) for each in terms)
    together = {*ids, *(part.resource_id for each in terms for part in each.parts)}
    return fresh_claims(together, since - wider, until + wider, but_hold=but_hold)


def fresh_claims(
    resource_ids: Iterable[int], since: int, until: int, *, but_hold: int | None = None
) -> Mapping[int, list[Taken]]:
    """Read the claims on resources within [since, until), each for itself, stale holds left out."""
    found = _fresh(claim_rows(resource_ids, since, until))
    return found if but_hold is None else apart(found, [but_hold])[0]


def claims_of(hold_ids: Collection[int]) -> Claims:
    """Read what some holds have, by resource; stale ones have nothing."""
    if not hold_ids:
        return {}
    return _fresh(connection().execute(CLAIMS_OF_HOLDS, {"holds": list(hold_ids)}))


def _fresh(rows: Iterable[Any]) -> dict[int, list[Taken]]:
    now, found = clock.epoch(), defaultdict(list)
    for resource_id, *taken, expires_at in rows:
        if expires_at is None or expires_at > now:
            found[resource_id].append(Taken(*taken))
    return found


def claims_around(terms: Terms, span: Span, *, but_hold: int | None = None) -> Mapping[int, list[Taken]]:
    """Read the claims that could stand in the way of one wish, buffers included: on its resource and its parts."""
    start, end = span.epochs
    reach = (terms.before + terms.after) * 60  # a neighbour's own buffer counts too when it is named
    return _claims_around([terms], [terms.resource_id], start - reach, end + reach, but_hold)


def verdict(wish: Wish, *, terms: Terms | None = None, but_hold: int | None = None) -> tuple[Refusal, ...]:
    """Tell everything against a wish (nothing: it is free), the reasons people should read first in front.

    `but_hold` would be given up for it: it is left aside, and what it has is not asked anew as to quotas.
    """
    terms = terms or get_terms(wish.resource_id, wish.asker)
    refusals = rules_against(terms, wish)
    claims, had = apart(claims_around(terms, wish.span), [] if but_hold is None else [but_hold])
    if crowd := refuse_room(terms, claims, *wish.span.epochs, wish.qty, clock.epoch(), had=had):
        refusals.append(dated(crowd, terms, claims, *wish.span.epochs, wish.qty))
    return tuple(refusals)


def rules_against(terms: Terms, wish: Wish) -> list[Refusal]:
    """Tell what terms and hours say against a wish, whatever room there is."""
    hours = refuse_hours(terms, wish.span)
    return [*refuse_terms(terms, wish.span, wish.qty, clock.now()), *([hours] if hours else [])]


def recall_for(wish: Wish) -> Plan | None:
    """Tell what others would give back for a wish within its asker's quota; None where nothing of it is lent."""
    terms = get_terms(wish.resource_id, wish.asker)
    if not terms.has_quotas:
        return None
    return plan_recall(terms, claims_around(terms, wish.span), *wish.span.epochs, wish.qty)


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
