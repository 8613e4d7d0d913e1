"""Words for what a search found: why a plan is proposed, why all the rest is in none, and what could be changed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.supply.chains.planning.goals import Goal
from app.supply.chains.planning.plan import Plan
from app.supply.chains.planning.search import counted
from app.supply.chains.planning.world import Reason, Rejected, Task

GOALS: Final[Mapping[Goal, Any]] = {
    Goal.CHEAPEST: _l("The cheapest"),
    Goal.NEAREST: _l("Goes the least far"),
    Goal.FRESHEST: _l("Ready the soonest"),
}
_TASKS: Final[Mapping[Task, Any]] = {
    Task.DRIVE: _l("Vehicles"),
    Task.STORE: _l("Storage"),
    Task.PROCESS: _l("Kitchens"),
}
REASONS: Final[Mapping[Reason, Any]] = {
    Reason.LOAD_UNKNOWN: _l("nobody has written down how much it carries"),
    Reason.WORK_UNKNOWN: _l("nobody has written down how much it works off in an hour"),
    Reason.TOO_SMALL: _l("too small for this quantity"),
    Reason.TOO_MANY_TRIPS: _l("too many trips would be needed"),
    Reason.NOT_COLD_ENOUGH: _l("not cold enough on the road"),
    Reason.OTHER_REGIME: _l("kept at another temperature"),
    Reason.OTHER_UNIT: _l("counted in a unit that does not fit this packaging"),
    Reason.TOO_SLOW: _l("it would take longer than it may be booked at once"),
    Reason.TOO_FAR: _l("too far away"),
    Reason.NOT_FREE: _l("not free at that time"),
    Reason.BEFORE_ARRIVAL: _l("free only before the goods could be there"),
    Reason.TOO_LATE: _l("free only once it has to be ready"),
    Reason.NO_LINK: _l("free, but nothing goes there in time"),
    Reason.OTHER_KIND: _l("it does something else"),
    Reason.UNFIT: _l("its cold chain broke, and nobody has said yet that it works again"),
    Reason.REFUSED: _l("its own rules say no at that time"),
}
_AS_IT_IS: Final[Mapping[Reason, Any]] = {  # of what has its time already
    Reason.TOO_SLOW: _l("its time is too short for what it has to do"),
    Reason.BEFORE_ARRIVAL: _l("it begins before the goods can be there"),
    Reason.TOO_LATE: _l("it comes when nothing can be loaded there"),
}
MOST_NAMED: Final = 3
_NEEDS_TIME = frozenset(
    {Reason.NOT_FREE, Reason.BEFORE_ARRIVAL, Reason.TOO_LATE, Reason.NO_LINK, Reason.REFUSED}
)
_TOO_MUCH = frozenset({Reason.TOO_SMALL, Reason.TOO_MANY_TRIPS, Reason.TOO_SLOW})


def best_of(plan: Plan, plans: Sequence[Plan]) -> list[Goal]:
    """Name the goals by which a plan is the best among others; where nothing costs anything, none is the cheapest."""
    best = [goal for goal in Goal if min(plans, key=goal.of) is plan]
    return best if any(each.cents for each in plans) else [goal for goal in best if goal is not Goal.CHEAPEST]


def why_words(plan: Plan, plans: Sequence[Plan]) -> list[str]:
    """Say why a plan is proposed among others."""
    if len(plans) == 1:
        return [_("The only one found")]
    return [str(GOALS[goal]) for goal in best_of(plan, plans)] or [_("By other places")]


def groups_of(rejected: Sequence[Rejected]) -> list[tuple[Task, Reason, int, list[int]]]:
    """Group what was rejected, what is most first, with the first resources (ids) of each."""
    first: dict[tuple[Task, Reason], list[int]] = {}
    for each in rejected:
        first.setdefault((each.task, each.reason), []).append(each.resource_id)
    found = sorted(counted(rejected).items(), key=lambda each: -each[1])
    return [(task, reason, number, first[task, reason][:MOST_NAMED]) for (task, reason), number in found]


def reason_words(task: Task, reason: Reason, number: int) -> str:
    """Say how many of what are in no plan, and why: "Vehicles (3): too far away"."""
    return _("%(what)s (%(num)s): %(why)s", what=_TASKS[task], num=number, why=REASONS[reason])


def unfit_words(name: str, reason: Reason) -> str:
    """Say that an element is not fit for its chain as it is now, and why."""
    why = _AS_IT_IS.get(reason) or REASONS[reason]
    return _("“%(name)s” does not fit in this chain as it is now: %(why)s.", name=name, why=why)


def would_not_fit_words(name: str, reason: Reason) -> str:
    """Say that what is proposed for an element would not be fit for its chain, and why."""
    why = _AS_IT_IS.get(reason) or REASONS[reason]
    return _("“%(name)s” would not fit in the chain that way: %(why)s.", name=name, why=why)


def named_words(names: Sequence[str], number: int) -> str:
    """Name some of so many."""
    listed, more = ", ".join(names), number - len(names)
    if not names or more <= 0:
        return listed
    return _n("%(names)s and %(num)s more", "%(names)s and %(num)s more", more, names=listed)


def missing_words(rejected: Sequence[Rejected], *, processed: bool) -> list[str]:
    """Say of what there is nothing at all to be asked for, where nothing was found."""
    there = {each.task for each in rejected}
    said = []
    if Task.DRIVE not in there:
        said.append(_("There is no vehicle that you could ask for on this territory."))
    if processed and Task.PROCESS not in there:
        said.append(_("There is no kitchen that you could ask for on this territory."))
    return said


def wishes_of(reasons: Collection[Reason]) -> tuple[bool, bool]:
    """Tell whether more time would help, and whether less to carry would."""
    return bool(_NEEDS_TIME.intersection(reasons)), bool(_TOO_MUCH.intersection(reasons))
