"""Pure counting: how long requests have waited, how much of the opening hours is used. No database, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.availability.rules import Taken, merge

Edges = tuple[int, int]  # UTC seconds, half-open
FRESH, WAITING, LATE = "fresh", "waiting", "late"
_DAY, _LONG = timedelta(days=1), timedelta(days=3)


def age_of(since: datetime, now: datetime) -> str:
    """Tell how long a request has waited: less than a day, up to three days, or more."""
    age = now - since
    return FRESH if age < _DAY else WAITING if age <= _LONG else LATE


def common_seconds(left: Iterable[Edges], right: Sequence[Edges]) -> int:
    """Count the seconds that lie in a span of both lists; the spans of one list do not overlap one another."""
    shared = (min(a[1], b[1]) - max(a[0], b[0]) for a in left for b in right)
    return sum(seconds for seconds in shared if seconds > 0)


def within(spans: Iterable[Edges], frame: Edges) -> list[Edges]:
    """Cut spans to what of them lies in a frame."""
    cut = ((max(start, frame[0]), min(end, frame[1])) for start, end in spans)
    return [(start, end) for start, end in cut if start < end]


@dataclass(frozen=True)
class Openness:
    """How long places are open, and how much of that nobody has taken (seconds)."""

    opened: int = 0
    idle: int = 0

    def __add__(self, other: "Openness") -> "Openness":
        """Count two places together."""
        return Openness(self.opened + other.opened, self.idle + other.idle)


def openness(hours: Iterable[Edges], taken: Iterable[Taken], frame: Edges) -> Openness:
    """Tell how long one place is open within a frame, and how long nobody at all is there.

    Closures are no opening hours. Cleaning counts as taken, and so does a request that keeps its time; a kitchen with
    several posts is idle when all of them are.
    """
    opened = within(hours, frame)
    total = sum(end - start for start, end in opened)
    claims = list(taken)
    closed = merge((claim.start, claim.end) for claim in claims if claim.kind == "closure")
    away = merge((claim.start, claim.end) for claim in claims)
    return Openness(total - common_seconds(opened, closed), total - common_seconds(opened, away))
