"""Who is told what when something happens to a booking, and until when a letter still says the truth."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.bookings.rules import (
    APPROVED,
    CANCELLED,
    EXPIRED,
    KEPT_OUTSIDE_HOURS,
    KEPT_THOUGH_CLOSED,
    LIVE,
    MISSED,
    OFFERED,
    PENDING,
    REFUSED,
    TOLD,
    WAITS,
)


@dataclass(frozen=True, slots=True)
class Telling:
    """The letters of one occasion, by side; with `receipt` whoever asked is told of their own act too."""

    asker: str | None = None
    manager: str | None = None
    coordination: str | None = None
    receipt: bool = False


OCCASIONS: Mapping[str, Telling] = {
    "requested": Telling("requested", "to_answer", receipt=True),
    "approved_at_once": Telling("approved_at_once", "booked", receipt=True),
    "requested_elsewhere": Telling(manager="to_answer"),  # whoever asked reads it in the letter of the series
    "booked_elsewhere": Telling(manager="booked"),
    "approved": Telling("approved"),
    "half_approved": Telling("half_approved", "to_answer_second"),
    "approval_awaited": Telling(manager="to_answer_reminder"),
    "refused": Telling("refused"),
    "cancelled_by_manager": Telling("cancelled"),
    "cancelled": Telling("cancelled", "given_up"),
    "passed_over": Telling("passed_over"),
    "expired": Telling("expired", "unanswered"),
    "moved_to_answer": Telling("moved", "to_answer_again", receipt=True),
    "moved": Telling("moved", "booked_otherwise", receipt=True),
    "recalled": Telling("recalled", "recalled_here"),
    "undone": Telling("undone"),
    "stay_ends": Telling("stay_ends", "stay_ends_here"),
    "proposed": Telling("proposed"),
    "proposal_accepted": Telling("moved", "proposal_accepted", receipt=True),
    "proposal_accepted_to_answer": Telling("moved", "to_answer", receipt=True),
    "proposal_declined": Telling(manager="proposal_declined"),
    "proposal_lapsed": Telling("proposal_lapsed", "proposal_unanswered"),
    "proposal_withdrawn": Telling("proposal_withdrawn"),
    KEPT_THOUGH_CLOSED: Telling(KEPT_THOUGH_CLOSED),
    KEPT_OUTSIDE_HOURS: Telling(KEPT_OUTSIDE_HOURS),
    "handed_over": Telling("inherited", "other_contact"),
    "missed": Telling("missed", coordination="missed_to_coordination"),
    "forgiven": Telling("forgiven"),
}

TRUE_WHILE: Mapping[str, tuple[str, ...]] = {
    "requested": (PENDING,),
    "to_answer": (PENDING,),
    "to_answer_again": (PENDING,),
    "to_answer_second": (PENDING,),
    "to_answer_reminder": (PENDING,),
    "half_approved": (PENDING,),
    "undone": (PENDING,),
    "recalled": (*LIVE, CANCELLED),
    "recalled_here": (*LIVE, CANCELLED),
    "stay_ends": (APPROVED,),
    "stay_ends_here": (APPROVED,),
    "proposed": (PENDING,),  # and as long as the proposal waits
    "proposal_lapsed": (PENDING,),
    "proposal_withdrawn": (PENDING,),
    "proposal_declined": (PENDING,),
    "proposal_unanswered": (PENDING,),
    "proposal_accepted": (APPROVED,),
    KEPT_THOUGH_CLOSED: LIVE,  # and as long as the place is closed then
    KEPT_OUTSIDE_HOURS: LIVE,
    "moved": (PENDING, APPROVED),
    "inherited": (PENDING, APPROVED),
    "other_contact": (PENDING, APPROVED),
    "missed": (APPROVED,),
    "missed_to_coordination": (APPROVED,),
    "forgiven": (APPROVED,),
    "approved": (APPROVED,),
    "approved_at_once": (APPROVED,),
    "booked": (APPROVED,),
    "booked_otherwise": (APPROVED,),
    "passed_over": (PENDING,),  # and as long as it is so: a letter that says no tells it, too
    "refused": (REFUSED,),
    "cancelled": (CANCELLED,),
    "given_up": (CANCELLED,),
    "expired": (EXPIRED,),
    "unanswered": (EXPIRED,),
}

AWAITED = ("to_answer_second", "to_answer_reminder")  # only for who has still to agree
TO_DECIDE = ("to_answer", "to_answer_again", "proposal_declined", "proposal_unanswered", *AWAITED)
SERIES_AWAITED = ("series_to_answer_second", "series_to_answer_reminder")
SERIES_TO_DECIDE = ("series_to_answer", *SERIES_AWAITED)
SERIES_CONFIRMED = ("series_requested", "series_booked")  # they tell of the dates at other places as well
WRITTEN, WRITTEN_TO_MANAGER = "written", "written_to_manager"


def is_still_true(letter: str, decision: str) -> bool:
    """Tell whether a letter still fits a booking: what has changed since has a letter of its own."""
    return decision in TRUE_WHILE.get(letter, (decision,))


WAITING_WHILE: Mapping[str, str] = {
    "slot_offered": OFFERED,
    "slot_freed": TOLD,
    "offer_missed": MISSED,
    "offer_taken_back": WAITS,
    "offer_called_back": WAITS,
}


def is_still_waiting_so(letter: str, state: str) -> bool:
    """Tell whether a letter to somebody on a waiting list still fits."""
    return WAITING_WHILE.get(letter) == state


# -- series: one letter for an act on several dates ----------------------------------------------------------

SERIES_OCCASIONS: Mapping[str, Telling] = {
    "requested": Telling("series_requested", "series_to_answer", receipt=True),
    "asks_again": Telling("series_asks_again", "series_to_answer"),
    "approved_at_once": Telling("series_booked", "series_booked_here", receipt=True),
    "approved": Telling("series_approved"),
    "half_approved": Telling("series_half_approved", "series_to_answer_second"),
    "approval_awaited": Telling(manager="series_to_answer_reminder"),
    "refused": Telling("series_refused"),
    "cancelled_by_manager": Telling("series_cancelled"),
    "cancelled": Telling("series_cancelled", "series_given_up"),
    "expired": Telling("series_expired", "series_unanswered"),
    "moved_to_answer": Telling("series_moved", "series_to_answer", receipt=True),
    "moved": Telling("series_moved", "series_moved_here", receipt=True),
    "fell_short": Telling("series_fell_short", receipt=True),
    KEPT_THOUGH_CLOSED: Telling("series_kept_though_closed"),
    KEPT_OUTSIDE_HOURS: Telling("series_kept_outside_hours"),
}

SERIES_TRUE_WHILE: Mapping[str, tuple[str, ...]] = {
    "series_requested": (PENDING,),
    "series_asks_again": (PENDING,),
    "series_to_answer": (PENDING,),
    "series_to_answer_second": (PENDING,),
    "series_to_answer_reminder": (PENDING,),
    "series_half_approved": (PENDING,),
    "series_approved": (APPROVED,),
    "series_booked": (APPROVED,),
    "series_booked_here": (APPROVED,),
    "series_moved": (PENDING, APPROVED),
    "series_moved_here": (APPROVED,),
    "series_refused": (REFUSED,),
    "series_cancelled": (CANCELLED,),
    "series_given_up": (CANCELLED,),
    "series_expired": (EXPIRED,),
    "series_unanswered": (EXPIRED,),
    "series_kept_though_closed": LIVE,  # and as long as the place is closed then
    "series_kept_outside_hours": LIVE,
}


# -- requests for several resources: one letter for an act on several legs, about the whole as it stands --------

BUNDLE_OCCASIONS: Mapping[str, Telling] = {
    "requested": Telling("bundle_requested", "bundle_to_answer", receipt=True),
    "mended": Telling("bundle_news", "bundle_to_answer", receipt=True),
    "approved": Telling("bundle_news"),
    "refused": Telling("bundle_news"),
    "undone": Telling("bundle_news"),
    "cancelled_by_manager": Telling("bundle_news"),
    "cancelled": Telling("bundle_news", "bundle_given_up"),
    "expired": Telling("bundle_news", "bundle_unanswered"),
}
