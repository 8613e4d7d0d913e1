"""What lots and hand-over notes can become, and how long what says so is kept. Pure."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from app.core.states import Machine
from app.supply.cargo import KILO, Regime
from app.supply.lots.errors import BadLot


class LotState(StrEnum):
    """Whether a lot is there at all; how much of it is left is counted."""

    HELD = "held"
    DESTROYED = "destroyed"  # what was left of it, with a reason


class NoteState(StrEnum):
    """Where a hand-over note stands."""

    DRAFTED = "drafted"
    GIVEN = "given"  # the giver signed
    RECEIVED = "received"  # the receiver signed, for all of it or less
    DISTRIBUTED = "distributed"  # to people, counted and never named: nobody signs for them
    REFUSED = "refused"
    CANCELLED = "cancelled"


class IncidentState(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What becomes of a lot of an incident."""

    FIT = "fit"  # it can be eaten, and goes on
    DESTROYED = "destroyed"


class Settled(StrEnum):
    """Why what is written of a lot is not corrected any more."""

    GONE = "gone"  # what was left of it was destroyed
    RECEIVED = "received"  # it came by a note, as both sides signed it
    SIGNED = "signed"  # a note with it was signed, whatever became of that
    DRAFTED = "drafted"  # a note that nobody has signed promises some of it
    MADE = "made"  # something was made of it
    CONCERNED = "concerned"  # a cold chain broke: an incident says what it was


LOT: Final = Machine("lot", {("destroy", LotState.HELD): LotState.DESTROYED})
NOTE: Final = Machine(
    "handover",
    {
        ("correct", NoteState.DRAFTED): NoteState.DRAFTED,
        ("give", NoteState.DRAFTED): NoteState.GIVEN,
        ("distribute", NoteState.DRAFTED): NoteState.DISTRIBUTED,
        ("receive", NoteState.GIVEN): NoteState.RECEIVED,
        ("refuse", NoteState.GIVEN): NoteState.REFUSED,
        ("cancel", NoteState.DRAFTED): NoteState.CANCELLED,
        ("cancel", NoteState.GIVEN): NoteState.CANCELLED,
    },
)
INCIDENT: Final = Machine("incident", {("close", IncidentState.OPEN): IncidentState.CLOSED})
PROMISED: Final = (
    NoteState.DRAFTED,
    NoteState.GIVEN,
    NoteState.DISTRIBUTED,
)  # all that the note says is taken
OPEN: Final = (NoteState.DRAFTED, NoteState.GIVEN)
DONE: Final = (NoteState.RECEIVED, NoteState.DISTRIBUTED)

MEASURED: Final = frozenset({Regime.CHILLED, Regime.FROZEN})  # never handed over without having been measured
MOST_GRAMS: Final = 100_000 * KILO
AHEAD: Final = timedelta(days=60)  # a hand-over is written so long before or after it at most
MOST_PACKAGES: Final = 100_000
MOST_PEOPLE: Final = 100_000
LONGEST_TEXT: Final = 1_000
LONGEST_NAME: Final = 160
LONGEST_NOTE: Final = 50  # lots on one note
ANSWER_TIME: Final = timedelta(days=7)  # how long what was signed in one's name can be contested
CORRECTION_TIME: Final = timedelta(hours=24)  # how long a reading can be corrected or confirmed
FRESH: Final = timedelta(hours=2)  # how old a reading can be that says that a place is cold again
LINK_LIFE: Final = timedelta(days=14)  # of a link for whoever checks
DEAD_LINK_LIFE: Final = timedelta(days=30)  # how long one that ended is remembered
MOST_LINKS: Final = 10  # of an organisation at once
FIRST_DAY: Final = date(2000, 1, 1)  # before it nobody kept anything here
LONGEST_PACK: Final = timedelta(days=366)
MOST_ROWS: Final = 2_000  # of each list of an evidence pack
PROOF_LIFE: Final = timedelta(days=5 * 365)  # how long names of who signed are kept: docs/traceability.md


def check_weight(grams: int) -> None:
    """Refuse a weight that cannot be."""
    if not 0 < grams <= MOST_GRAMS:
        raise BadLot(field="amount", reason="amount", most=MOST_GRAMS)


def check_package(grams: int | None) -> None:
    """Refuse packages that cannot be; nobody needs to say how large they are."""
    if grams is not None and not 0 < grams <= MOST_GRAMS:
        raise BadLot(field="per_package", reason="package")


def check_origin(origin: str, *, is_listed: bool) -> None:
    """Refuse a lot of which nobody knows where it came from: one of the list, or in words, and not both."""
    if is_listed == bool(origin) or len(origin) > LONGEST_NAME:
        raise BadLot(field="origin", reason="origin")


def check_received_on(day: date, today: date) -> None:
    """Refuse what has not come yet."""
    if day > today:
        raise BadLot(field="received_on", reason="received_on")


def check_use_by(use_by: date | None, today: date) -> None:
    """Refuse what nobody may eat any more."""
    if use_by is not None and use_by < today:
        raise BadLot(field="use_by", reason="use_by")
