"""Pure decisions of a booking: its two small machines, who is approved at once, when a request expires."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.catalogue.models import Approval
from app.core.states import Machine

PENDING, APPROVED, REFUSED, EXPIRED, CANCELLED = "pending", "approved", "refused", "expired", "cancelled"
PLANNED = "planned"
LIVE = (PENDING, APPROVED)
ASKED, GRANTED, ENDED = "asked", "granted", "ended"
SERIES_STATES = (ASKED, GRANTED, ENDED)  # only what is granted is extended by itself
UNDO_WINDOW = timedelta(minutes=10)
LEAST_LEGS, MOST_LEGS = 2, 8  # of a bundle
# What history and letters call a booking that stays although its place opens for less time than before.
KEPT_THOUGH_CLOSED, KEPT_OUTSIDE_HOURS = "kept_though_closed", "kept_outside_hours"
TALK_LIFE = timedelta(days=3 * 365)  # how long after a booking what was written about it is kept
DEAD_LINK_LIFE = timedelta(days=30)  # how long a link that no longer decides is remembered
SERIES_HORIZON_DAYS = 548  # eighteen months, or the resource's own horizon where that is nearer

DECISION = Machine(
    "decision",
    {
        ("approve", PENDING): APPROVED,
        ("refuse", PENDING): REFUSED,
        ("expire", PENDING): EXPIRED,
        ("cancel", PENDING): CANCELLED,
        ("cancel", APPROVED): CANCELLED,
        ("ask_again", PENDING): PENDING,  # another time for the same request
        ("ask_again", APPROVED): PENDING,
        ("undo", APPROVED): PENDING,  # within UNDO_WINDOW of the click
        ("undo", REFUSED): PENDING,
    },
)
USE = Machine(
    "use",
    {
        ("check_in", PLANNED): "under_way",
        ("check_out", "under_way"): "done",
        ("miss", PLANNED): "no_show",
    },
)

_AUTO_CLASSES = ("P0", "P1", "P2")


def is_approved_at_once(approval: str, priority_class: str) -> bool:
    """Tell whether a request needs nobody's answer, by the resource's rule and the organisation's class."""
    if approval == Approval.AUTO:
        return True
    return approval == Approval.AUTO_FOR_MEMBERS and priority_class in _AUTO_CLASSES


def expiry_of_request(now: datetime, start: datetime, answer_hours: int) -> datetime:
    """Tell when an unanswered request ends: after the time promised for answers, or when it would begin."""
    return min(now + timedelta(hours=answer_hours), max(start, now + timedelta(minutes=1)))


def may_undo(decided_at: datetime | None, now: datetime) -> bool:
    """Tell whether a decision is fresh enough to be taken back with one click."""
    return decided_at is not None and now - decided_at <= UNDO_WINDOW


def are_one_request(state: str, waiting: int) -> bool:
    """Tell whether the dates of a series (in this state) that wait for an answer are answered at once, as one request.

    A date alone is answered as a booking is, and so are the dates of a series that has ended: one refusal taken back
    is no reason for a card that speaks of a series.
    """
    return state != ENDED and waiting > 1


def reach_of_series(today: date, horizon_days: int) -> date:
    """Tell up to which day (included) a series is turned into bookings: whole days within the horizon."""
    return today + timedelta(days=min(horizon_days, SERIES_HORIZON_DAYS) - 1)


class BundleState(StrEnum):
    """Where a bundle stands, seen from its legs."""

    WAITING = "waiting"  # some of it waits for an answer, and nothing has to be replaced
    TO_FIX = "to_fix"  # some of it cannot be had any more: to replace, or to let go
    ACCEPTED = "accepted"
    GIVEN_UP = "given_up"  # nothing of it is wanted any more
    OVER = "over"


def bundle_state(legs: Iterable[tuple[str, bool]]) -> BundleState:
    """Tell where a bundle stands from the legs that are still wanted: the decision on each, and whether it is over."""
    wanted = list(legs)
    ahead = {decision for decision, is_over in wanted if not is_over}
    if not ahead:
        return BundleState.OVER if wanted else BundleState.GIVEN_UP
    if not ahead <= set(LIVE):
        return BundleState.TO_FIX
    return BundleState.WAITING if PENDING in ahead else BundleState.ACCEPTED
