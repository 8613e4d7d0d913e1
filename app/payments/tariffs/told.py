"""What payments are told of a subject, of which they know nothing more. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.payments.tariffs.measures import Use


class Why(StrEnum):
    """What is charged for."""

    USED = "used"
    CANCELLED_LATE = "cancelled_late"
    ABSENT = "absent"


@dataclass(frozen=True)
class Told:
    """The use of something, the day whose envelopes pay, and what is charged for.

    Given up too late, only `percent` of the price stays due, as one line. Nobody subsidises what was not used.
    """

    use: Use
    on: date
    why: Why = Why.USED
    percent: int = 100
