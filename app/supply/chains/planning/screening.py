"""What can be in no plan whatever the rest of it: too far, not free, too early, too late. Pure."""

from collections.abc import Iterable

from app.supply.chains.planning.roads import STOP, driving, road
from app.supply.chains.planning.times import lead_of, length_of
from app.supply.chains.planning.world import DAY, RADIUS, Candidate, Place, Reason, Rejected, Task, Wanted


def screened(candidates: Iterable[Candidate], wanted: Wanted) -> tuple[list[Candidate], list[Rejected]]:
    """Part what could be of use from what could not."""
    kept, rejected = [], []
    for each in candidates:
        reason = against(each, wanted)
        if reason is None:
            kept.append(each)
        else:
            rejected.append(Rejected(each.means.resource_id, each.means.task, reason))
    return kept, rejected


def against(candidate: Candidate, wanted: Wanted) -> Reason | None:
    """Tell why a candidate can be in no plan; None where it may."""
    means = candidate.means
    if wanted.place.beeline(means.place) > RADIUS:
        return Reason.TOO_FAR
    length = length_of(means, candidate.need.work)
    if length is None:
        return Reason.TOO_SLOW
    windows = [(start, end) for start, end in candidate.windows if end - start >= length]
    if not windows:
        return Reason.NOT_FREE
    soonest = wanted.loading[0] if means.task is Task.DRIVE else arrival(wanted, means.place)
    if means.by_day:  # it may come at any time of the first day; what drives, of the last
        latest = candidate.last_start + (1 + lead_of(means)) * DAY
        windows = [each for each in windows if min(each[1], latest) > soonest]
    elif means.task is not Task.DRIVE:
        windows = [each for each in windows if min(each[1] - length, candidate.last_start) >= soonest]
    if not windows:
        return Reason.BEFORE_ARRIVAL
    if means.task is Task.PROCESS and all(
        max(start, soonest) + length > wanted.ends for start, _end in windows
    ):
        return Reason.TOO_LATE
    return Reason.TOO_LATE if all(start >= wanted.ends for start, _end in windows) else None


def arrival(wanted: Wanted, place: Place) -> int:
    """Tell when it can be at a place at the soonest: loaded, driven there, unloaded."""
    return wanted.loading[0] + STOP + driving(road(wanted.place, place)) + STOP
