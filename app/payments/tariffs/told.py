"""What payments are told of a subject, of which they know nothing more. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from app.payments.tariffs.measures import Use
from app.payments.tariffs.tariff import Meter


class Why(StrEnum):
    """What is charged for."""

    USED = "used"
    CANCELLED_LATE = "cancelled_late"
    ABSENT = "absent"


@dataclass(frozen=True)
class Told:
    """The use of something, the day whose envelopes pay, and what is charged for.

    Given up too late, only `percent` of the price stays due, as one line. Nobody subsidises what was not used. What a
    meter is expected to count (`forecast`, in thousandths) stands for it in estimates until it is read, and in no bill.
    """

    use: Use
    on: date
    why: Why = Why.USED
    percent: int = 100
    forecast: Mapping[Meter, int] = field(default_factory=dict)

    @property
    def as_read(self) -> "Told":
        """The same without what is only expected: what can be charged."""
        return replace(self, forecast={})
