"""How the things at Stripe live, as tables of moves, and which facts each move tells.

Stripe's events come twice, too early and in any order. So they are only hints: the thing is read afresh, and what it
says now is an act on a machine that never goes back. An act without a move is an old story, and changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.core.states import Machine

SHORTEST, LONGEST = timedelta(minutes=30), timedelta(hours=24)  # how long a page of Stripe's may be open
LEAST_CENTS: Final = 50  # of a payment in euros: Stripe refuses less
MARGIN = timedelta(minutes=2)  # for the way there, and clocks that differ
KEPT = timedelta(days=90)  # raw webhook bodies


class State(StrEnum):
    """Where a thing stands; each kind of thing uses some of them."""

    ASKED = "asked"  # written here, not known there yet
    OPEN = "open"
    PROCESSING = "processing"  # a direct debit, on its way for days
    PAID = "paid"
    EXPIRED = "expired"
    FAILED = "failed"
    REFUSED = "refused"  # Stripe would not begin it
    PENDING = "pending"
    DONE = "done"
    WARNED = "warned"
    WON = "won"
    LOST = "lost"


def _moves(*rows: tuple[str, str, tuple[str, ...]]) -> Mapping[tuple[str, str], str]:
    """Write a table of moves from rows (act, to, from which): the act is what Stripe says."""
    return {(act, origin): to for act, to, origins in rows for origin in origins}


# Paid beats everything: money that is there is there, whatever was believed before.
PAYMENT: Final = Machine(
    "stripe_payment",
    _moves(
        ("open", State.OPEN, (State.ASKED,)),
        ("processing", State.PROCESSING, (State.ASKED, State.OPEN, State.EXPIRED)),
        (
            "paid",
            State.PAID,
            (State.ASKED, State.OPEN, State.PROCESSING, State.EXPIRED, State.FAILED, State.REFUSED),
        ),
        ("expired", State.EXPIRED, (State.ASKED, State.OPEN)),
        ("failed", State.FAILED, (State.ASKED, State.OPEN, State.PROCESSING)),
        ("refused", State.REFUSED, (State.ASKED,)),
    ),
)
# A refund that was done may come back days later, when the payer's account is closed.
REFUND: Final = Machine(
    "stripe_refund",
    _moves(
        ("pending", State.PENDING, (State.ASKED,)),
        ("requires_action", State.PENDING, (State.ASKED,)),
        ("succeeded", State.DONE, (State.ASKED, State.PENDING)),
        ("failed", State.FAILED, (State.ASKED, State.PENDING, State.DONE)),
        ("canceled", State.FAILED, (State.ASKED, State.PENDING, State.DONE)),
        ("refused", State.REFUSED, (State.ASKED,)),
    ),
)
# A warning is an enquiry of the bank: no money is taken back with it.
_OPEN_DISPUTE = (State.ASKED, State.WARNED, State.OPEN)
DISPUTE: Final = Machine(
    "stripe_dispute",
    _moves(
        ("warning_needs_response", State.WARNED, (State.ASKED,)),
        ("warning_under_review", State.WARNED, (State.ASKED,)),
        ("warning_closed", State.EXPIRED, (State.ASKED, State.WARNED)),
        ("prevented", State.EXPIRED, (State.ASKED, State.WARNED)),
        ("needs_response", State.OPEN, (State.ASKED, State.WARNED)),
        ("under_review", State.OPEN, (State.ASKED, State.WARNED)),
        ("won", State.WON, (*_OPEN_DISPUTE, State.LOST)),  # an appeal may turn it
        ("lost", State.LOST, _OPEN_DISPUTE),
    ),
)
PAYOUT: Final = Machine(
    "stripe_payout",
    _moves(
        ("pending", State.PENDING, (State.ASKED,)),
        ("in_transit", State.PENDING, (State.ASKED,)),
        ("paid", State.DONE, (State.ASKED, State.PENDING)),
        ("failed", State.FAILED, (State.ASKED, State.PENDING, State.DONE)),
        ("canceled", State.FAILED, (State.ASKED, State.PENDING)),
    ),
)

LIVE: Final = (State.ASKED, State.OPEN, State.PROCESSING)  # of these a due has one at most
UNDECIDED: Final = (State.ASKED, State.WARNED, State.OPEN, State.PENDING)  # of refunds, disputes and payouts
TAKEN: Final = (State.ASKED, State.PENDING, State.DONE)  # refunds that leave less to give back


QUICK, SLOW = (
    timedelta(minutes=10),
    timedelta(hours=6),
)  # how long what is open is left alone between two looks
LOOK_BACK = timedelta(days=35)  # how far back what began at Stripe is listed: a refund may fail for a month


def page_until(held_until: datetime, now: datetime) -> datetime:
    """Tell until when the page to pay is open: as long as what is paid for is held, as far as Stripe lets us."""
    return min(max(held_until, now + SHORTEST + MARGIN), now + LONGEST - MARGIN)


def act_of(status: str, payment_status: str, intent_status: str) -> str:
    """Name what a Checkout session says now, from its own two states and that of its payment."""
    if status in ("open", "expired"):
        return status
    if payment_status in ("paid", "no_payment_required"):
        return "paid"
    return "processing" if intent_status in ("processing", "succeeded", "requires_action") else "failed"


def step(machine: Machine, act: str, state: str) -> str | None:
    """Give the next state, or None where the act is an old story (or one that is not ours)."""
    return machine.after(act, state) if machine.allows(act, state) else None
