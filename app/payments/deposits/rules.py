"""What becomes of a deposit, and who is asked for one. Pure."""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from typing import Final

from app.core.states import Machine
from app.payments.books.postings import WITHHELD, Method


class State(StrEnum):
    """Where a deposit stands."""

    REQUIRED = "required"
    RECEIVED = "received"
    RELEASED = "released"
    WITHHELD = "withheld"  # a part of it, or all; the rest is given back
    DROPPED = "dropped"  # it is not needed any more, and was never received


class Occasion(StrEnum):
    """How often a place asks an organisation for a deposit."""

    FIRST = "first"
    EACH = "each"


DEPOSIT: Final = Machine(
    "deposit",
    {
        ("receive", State.REQUIRED): State.RECEIVED,
        ("drop", State.REQUIRED): State.DROPPED,
        ("ask_again", State.DROPPED): State.REQUIRED,
        ("take_back", State.RECEIVED): State.REQUIRED,  # it was noted by mistake
        ("release", State.RECEIVED): State.RELEASED,
        ("withhold", State.RECEIVED): State.WITHHELD,
        ("give_up", State.WITHHELD): State.RELEASED,  # it was withheld wrongly
    },
)
HELD: Final = "held"  # the kind under which a deposit itself is named, by its public id
BACK_WITHIN: Final = timedelta(hours=48)  # of the end
MOST_CENTS: Final = 10_000_000
LONGEST_REASON: Final = 500
SUBJECT: Final = WITHHELD  # the kind of what is charged where something is withheld
METHODS: Final = (Method.CHEQUE, Method.TRANSFER, Method.CASH)


def methods_of(*, is_public: bool) -> tuple[Method, ...]:
    """List how a deposit may be handed over; only a public accountant takes cash for a public body."""
    return tuple(each for each in METHODS if not (is_public and each is Method.CASH))


def is_in_the_books(method: Method) -> bool:
    """Tell whether money has come with a deposit: a cheque that nobody has cashed is a piece of paper."""
    return method is not Method.CHEQUE


def is_asked(cents: int, priority: str, exempt: Collection[str]) -> bool:
    """Tell whether a place asks a class for a deposit."""
    return cents > 0 and priority not in exempt
