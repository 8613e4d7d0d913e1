"""Pure decisions of a booking: its two small machines, who is approved at once, when a request expires."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.catalogue.models import Approval
from app.catalogue.rules import TWO_STEP_NOTICE
from app.core.span import Span
from app.core.states import Machine

PENDING, APPROVED, REFUSED, EXPIRED, CANCELLED = "pending", "approved", "refused", "expired", "cancelled"
LOST = (REFUSED, EXPIRED, CANCELLED)
PLANNED, NO_SHOW, EXCUSED = "planned", "no_show", "excused"
LIVE = (PENDING, APPROVED)
ASKED, GRANTED, ENDED = "asked", "granted", "ended"
SERIES_STATES = (ASKED, GRANTED, ENDED)  # only what is granted is extended by itself
OPEN, ACCEPTED, DECLINED, LAPSED, WITHDRAWN = "open", "accepted", "declined", "lapsed", "withdrawn"
# The notice protects a manager from surprises: who proposes a slot is not surprised by it.
WAIVED_BY_PROPOSING = frozenset({"notice_too_short"})
UNDO_WINDOW = timedelta(minutes=10)
APPROVALS_NEEDED = 2
TWO_STEP_ENDS = timedelta(minutes=TWO_STEP_NOTICE)  # before the start, a request without both yeses ends
LAST_HOUR, LAST_DAY = timedelta(hours=1), timedelta(days=1)
REMINDER_AFTER = timedelta(hours=72)  # without the yes that is awaited
LEAST_LEGS, MOST_LEGS = 2, 8  # of a bundle
# All legs of a bundle wait as long: two days, so that people who are there every other day can answer, and a place
# whose calendar is kept for a whole that others may refuse knows soon. Whatever time each place takes to answer a
# request that stands alone, it is the same here: one leg that ended sooner would make the others useless.
HELD_AS_ONE = timedelta(hours=48)
# What history and letters call a booking that stays although its place opens for less time than before.
KEPT_THOUGH_CLOSED, KEPT_OUTSIDE_HOURS = "kept_though_closed", "kept_outside_hours"
TALK_LIFE = timedelta(days=3 * 365)  # how long after a booking what was written about it is kept
DEAD_LINK_LIFE = timedelta(days=30)  # how long a link that no longer decides is remembered
NEVER_SET_ASIDE = (
    "in_the_past", "taken", "capacity", "buffer", "closed", "over_capacity", "not_usable", "quota", "lent",
)  # fmt: skip
ABSENCES_COUNT_FOR = timedelta(days=180)
MOST_ABSENCES = 3  # from so many on within that time, every request waits for a manager's answer
ABSENCE_TOLD_WITHIN = timedelta(days=30)  # after the booking
SERIES_HORIZON_DAYS = 548  # eighteen months, or the resource's own horizon where that is nearer

DECISION = Machine(
    "decision",
    {
        ("approve", PENDING): APPROVED,
        ("refuse", PENDING): REFUSED,
        ("expire", PENDING): EXPIRED,
        ("cancel", PENDING): CANCELLED,
        ("cancel", APPROVED): CANCELLED,
        ("propose", PENDING): PENDING,  # another slot is offered; the request goes on
        (
            "take_proposal",
            PENDING,
        ): APPROVED,  # whoever proposed it has said yes with it, or the place needs no answer
        ("ask_again", PENDING): PENDING,  # another time for the same request
        ("ask_again", APPROVED): PENDING,
        ("undo", APPROVED): PENDING,  # within UNDO_WINDOW of the click
        ("undo", REFUSED): PENDING,
        ("undo", PENDING): PENDING,  # one's own yes, the first of two
    },
)
PROPOSAL = Machine(
    "proposal",
    {
        ("accept", OPEN): ACCEPTED,
        ("decline", OPEN): DECLINED,
        ("lapse", OPEN): LAPSED,
        ("withdraw", OPEN): WITHDRAWN,
    },
)
# Who waits: in line for a slot of one's own, or only to be told. What became of it.
IN_LINE, TO_TELL = "in_line", "to_tell"
WAITS, OFFERED, TAKEN, MISSED, LEFT, TOLD, OVER = (
    "waits",
    "offered",
    "taken",
    "missed",
    "left",
    "told",
    "over",
)
STILL_WAITING = (WAITS, OFFERED)
WAITING = Machine(
    "waiting",
    {
        ("offer", WAITS): OFFERED,
        ("tell", WAITS): TOLD,
        ("take", OFFERED): TAKEN,
        ("miss", OFFERED): MISSED,
        ("take_back", OFFERED): WAITS,  # the place closes for that time: they keep their place in line
        ("leave", WAITS): LEFT,
        ("leave", OFFERED): LEFT,
        ("end", WAITS): OVER,
        ("end", OFFERED): OVER,
    },
)
# Land is left as it was agreed, and the next season is prepared early: both sides are told so long before the end. A
# stay that is no longer than that has only just begun.
ENDS_SOON = timedelta(days=60)
LONGEST_OFFER, SHORTEST_OFFER = timedelta(hours=24), timedelta(hours=1)
USE = Machine(
    "use",
    {
        ("check_in", PLANNED): "under_way",
        ("check_out", "under_way"): "done",
        ("miss", PLANNED): NO_SHOW,
        ("forgive", NO_SHOW): EXCUSED,
    },
)


def yeses_needed(approval: str) -> int:
    """Tell how many people have to say yes where somebody has to."""
    return APPROVALS_NEEDED if approval == Approval.TWO_STEP else 1


def is_approved_at_once(approval: str, priority_class: str, up_to: str) -> bool:
    """Tell whether a request needs nobody's answer, by the resource's rule and the organisation's class.

    Classes are P0 to P4, the first served first; `up_to` is the last of those that are served at once.
    """
    if approval == Approval.AUTO:
        return True
    return approval == Approval.AUTO_FOR_MEMBERS and "P0" <= priority_class <= up_to


def may_tell_absence(span: Span, now: datetime) -> bool:
    """Tell whether nobody's coming can be noted: from the moment they were expected, while people remember."""
    return span.start <= now <= span.end + ABSENCE_TOLD_WITHIN


def free_cancel_until(start: datetime, hours: int, percent: int) -> datetime | None:
    """Tell up to when a booking is given up free of charge; None where that never costs anything."""
    return start - timedelta(hours=hours) if percent else None


def goes_on(use: str, end: datetime, now: datetime) -> bool:
    """Tell whether a booking can still be changed or given up: not once it is over, nor once nobody came."""
    return use == PLANNED and end > now


def is_under_way(decision: str, start: datetime, now: datetime) -> bool:
    """Tell whether what was accepted has begun: of what was used, nothing is rewritten."""
    return decision == APPROVED and start <= now


def due_when_given_up(decision: str, free_until: datetime | None, late_percent: int, now: datetime) -> int:
    """Tell which percentage of the price stays due by whoever gives a booking up now.

    A request that nobody has accepted yet costs nothing, nor does what is given up in time.
    """
    late = decision == APPROVED and free_until is not None and now > free_until
    return late_percent if late else 0


def expiry_of_request(now: datetime, start: datetime, answer_hours: int) -> datetime:
    """Tell when an unanswered request ends: after the time promised for answers, or when it would begin."""
    return min(now + timedelta(hours=answer_hours), max(start, now + timedelta(minutes=1)))


def expiry_of_two(now: datetime, start: datetime) -> datetime:
    """Tell when a request that two people have to agree to ends: some time before it begins, for others to use it.

    What waits again at the last moment (an answer was taken back) has an hour. What comes to wait only after that, by
    an act of the place (it set its rules aside, another slot of its was accepted), has a day, and no longer than until
    it begins: two people have to read it.
    """
    end = own_end(start, of_two=True)
    if now < end:
        return max(end, now + LAST_HOUR)
    return min(now + LAST_DAY, max(start, now + timedelta(minutes=1)))


def own_end(start: datetime, *, of_two: bool) -> datetime:
    """Tell when a request ends whatever it waits for: when it begins, or before that where two have to agree."""
    return start - TWO_STEP_ENDS if of_two else start


def last_answer(now: datetime, span: Span, *, of_two: bool) -> datetime:
    """Tell until when a request can wait at most: until it begins; `of_two` people have to agree before that.

    What may begin today by whole days, until it ends.
    """
    if of_two:
        return expiry_of_two(now, span.start)
    return span.start if span.start > now else span.end


def expiry_of_legs(now: datetime, lasts: Iterable[datetime], left: datetime | None = None) -> datetime:
    """Tell when the legs of a bundle that wait end, all at one moment: the first of their `lasts` (`last_answer`).

    `left` is the moment that was promised before, where there is one; else it is counted from now.
    """
    return min([left or now + HELD_AS_ONE, *lasts])


def expiry_of_proposal(now: datetime, span: Span, answer_hours: int, asked_until: datetime) -> datetime:
    """Tell until when a proposal can be accepted: the asker has as long as the place has for answers.

    Never longer than until it begins (what may begin today by whole days: until it ends), nor than what was asked for
    could wait at most (`asked_until`): a request is not kept past its own end because something else is proposed.
    """
    return min(now + timedelta(hours=answer_hours), last_answer(now, span, of_two=False), asked_until)


def expiry_of_offer(now: datetime, start: datetime, notice_minutes: int) -> datetime:
    """Tell until when a freed slot is kept for the first in line.

    A day, so that whoever reads their mail once a day has it; but no more than a quarter of the time in which the slot
    can still be had (an hour at least), so that those behind have their turn. Never beyond the last moment at which it
    could be asked for: the place wants to know by then.
    """
    last = max(start - timedelta(minutes=notice_minutes), now + timedelta(minutes=1))
    share = max((last - now) / 4, SHORTEST_OFFER)
    return min(now + min(share, LONGEST_OFFER), last)


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
