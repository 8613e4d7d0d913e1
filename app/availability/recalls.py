"""Calling back what is lent of a quota: who gives how much back, for which time, and who must have left by when.

One plan for the refusal that offers it, the pages that tell of it and the act itself, so that these never differ. It is
written by `app.availability.service.give_back`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select

from app.availability.components import parts_of
from app.availability.errors import Refusal
from app.availability.lending import Claims, Lent, lent_to_others
from app.availability.models import Claim, Closure, ResourceGuard, Schedule
from app.availability.rules import DAY_MINUTES, Part, Terms
from app.catalogue.models import Resource
from app.core import clock
from app.infra.db import db
from app.infra.uow import connection

# A part is claimed with the resource it is a part of: the hold is of that one.
BORROWED = (
    select(Claim.hold_id, func.coalesce(Claim.via_id, Claim.resource_id).label("resource_id"))
    .where(Claim.hold_id.in_(bindparam("holds", expanding=True)))
    .distinct()
)
CLOSED = (
    select(Closure.hold_id, Closure.end_at)
    .where(
        Closure.lifted_at.is_(None),
        Closure.start_at < bindparam("until"),
        Closure.end_at > bindparam("since"),
        Closure.resource_id.in_(bindparam("resources", expanding=True))
        | Closure.site_id.in_(
            select(Resource.site_id).where(Resource.id.in_(bindparam("resources", expanding=True)))
        ),
    )
    .order_by(Closure.end_at.desc())
    .limit(1)
)
HABITS = (
    select(
        Resource.id,
        Resource.step_minutes,
        Resource.buffer_before,
        Resource.buffer_after,
        Resource.capacity,
        Schedule.timezone,
    )
    .join(ResourceGuard, ResourceGuard.resource_id == Resource.id)
    .join(Schedule, Schedule.id == ResourceGuard.schedule_id)
    .where(Resource.id.in_(bindparam("resources", expanding=True)))
)


@dataclass(frozen=True)
class Habits:
    """How those who have a resource come and go: on a step (minutes) at its place, with minutes kept free around."""

    resource_id: int
    step: int
    zone: ZoneInfo
    needs: Mapping[int, Part]

    def on_step(self, at: int, *, up: bool) -> int:
        """Move an instant to the last, or next, wall time on the step."""
        wall = datetime.fromtimestamp(at, self.zone).replace(tzinfo=None)
        step = min(self.step, DAY_MINUTES)
        beyond = timedelta(
            minutes=(wall.hour * 60 + wall.minute) % step, seconds=wall.second, microseconds=wall.microsecond
        )
        if up and beyond:
            beyond -= timedelta(minutes=step)
        return int((wall - beyond).replace(tzinfo=self.zone).timestamp())


@dataclass(frozen=True)
class Cut:
    """What one hold gives back: `units` of the resource it is of, `since` and `until` when as people see it.

    `start` and `end` bound what the recall needs; until then what is left serves to clean. Epoch seconds.
    """

    hold_id: int
    habits: Habits
    units: int
    start: int
    end: int
    since: int
    until: int

    def on(self, resource_id: int, span: tuple[int, int]) -> tuple[int, int, int]:
        """Tell from when till when how many units of a resource are given back by a stay of some `span`.

        Before it begins and after it ends there is nothing left to get ready or to clean for what is given back.
        """
        need = self.habits.needs.get(resource_id)
        if need is None:
            return 0, 0, 0  # a part it had once
        start = 0 if self.since <= span[0] else max(self.start, self.since + need.after * 60)
        end = 2**53 if self.until >= span[1] else min(self.end, self.until - need.before * 60)
        return start, end, self.units * need.qty


@dataclass(frozen=True)
class Plan:
    """What calling back does: the newest holds first, how many units of the wished resource, after which notice.

    `recall_from` is the first start that leaves the notice, to the moment at which the first of them must have left.
    """

    cuts: tuple[Cut, ...]
    units: int
    hours: int
    recall_from: int
    is_in_time: bool


def plan_recall(terms: Terms, claims: Claims, start: int, end: int, qty: int) -> Plan | None:
    """Tell what others give back for a wish within its asker's quotas; None where that is no help."""
    lent = lent_to_others(terms, claims, start, end, qty)
    habits = _habits_of({hold for each in lent for hold in each.cuts})
    if not habits:
        return None
    cuts = tuple(_cut(hold, habits[hold], lent) for hold in sorted(habits, reverse=True))
    hours = max(each.quotas.recall_hours for each in lent)
    noticed = max(each.quotas.recalled_from(clock.epoch()) for each in lent)
    firsts = [habits[cut.hold_id].on_step(noticed, up=True) + _ahead(cut, lent, start) for cut in cuts]
    units = max(-(-sum(each.cuts.values()) // each.need.qty) for each in lent)
    return Plan(cuts, units, hours, max(firsts), all(cut.since >= noticed for cut in cuts))


def dated(refusal: Refusal, terms: Terms, claims: Claims, start: int, end: int, qty: int) -> Refusal:
    """Say of a refusal because of what is lent what calling it back would do, and for which times; others stay."""
    if refusal.code == "lent" and (closed := _closed(terms, start, end)):
        return closed
    plan = plan_recall(terms, claims, start, end, qty) if refusal.code == "lent" else None
    if plan is None:
        return refusal
    facts = {
        "hours": plan.hours,
        "units": plan.units,
        "bookings": len(plan.cuts),
        "recall_from": datetime.fromtimestamp(plan.recall_from, UTC),
        "may_recall": plan.is_in_time,
    }
    return Refusal(refusal.code, refusal.facts | facts)


def _closed(terms: Terms, start: int, end: int) -> Refusal | None:
    """Say that the place closes, where it does: its closure takes what is given back, so nothing would be won."""
    needs = [need.resource_id for need in terms.needs]
    since, until = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    found = db.session.execute(CLOSED, {"resources": needs, "since": since, "until": until}).first()
    return Refusal("closed", {"hold_id": found[0], "until": int(found[1].timestamp())}) if found else None


def _cut(hold_id: int, habits: Habits, lent: Sequence[Lent]) -> Cut:
    """Let a hold give back what all needs lack, for the time in which any of them does."""
    own = [each for each in lent if hold_id in each.cuts]
    needs = {each.need.resource_id: habits.needs[each.need.resource_id] for each in own}
    leave = min(each.span[0] - needs[each.need.resource_id].after * 60 for each in own)
    come = max(each.span[1] + needs[each.need.resource_id].before * 60 for each in own)
    return Cut(
        hold_id,
        habits,
        max(-(-each.cuts[hold_id] // needs[each.need.resource_id].qty) for each in own),
        min(each.span[0] for each in own),
        max(each.span[1] for each in own),
        habits.on_step(leave, up=False),
        habits.on_step(come, up=True),
    )


def _ahead(cut: Cut, lent: Sequence[Lent], start: int) -> int:
    """Tell how many seconds before a wish begins those who give back must have left, the step left aside."""
    own = [each for each in lent if cut.hold_id in each.cuts]
    return max(start - each.span[0] + cut.habits.needs[each.need.resource_id].after * 60 for each in own)


def _habits_of(holds: Collection[int]) -> dict[int, Habits]:
    """Read, by hold, how the resource it is of is used."""
    if not holds:
        return {}
    of = {row.hold_id: row.resource_id for row in connection().execute(BORROWED, {"holds": list(holds)})}
    found = {}
    parts = parts_of(set(of.values()))
    for row in connection().execute(HABITS, {"resources": list(set(of.values()))}):
        resource_id, step, before, after, capacity, timezone = row
        own = Part(resource_id, 1, capacity, before, after)
        needs = {resource_id: own} | {
            part.resource_id: Part(
                part.resource_id, part.qty, part.capacity, max(before, part.before), max(after, part.after)
            )
            for part in parts.get(resource_id, ())
        }
        found[resource_id] = Habits(resource_id, step, ZoneInfo(timezone), needs)
    return {hold: found[resource_id] for hold, resource_id in of.items() if resource_id in found}
