"""Half-open spans of time, and the way between a place's wall clock and UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from app.core.errors import Invalid


class NonexistentTime(Invalid):
    """A wall time the clocks jump over; `wall` is the time asked, `earliest` the first that exists."""

    code = "nonexistent_time"


class EmptySpan(Invalid):
    """The end does not come after the start."""

    code = "empty_span"


@dataclass(frozen=True, order=True)
class Span:
    """From `start` up to, not including, `end`: both aware, kept in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a span needs aware datetimes")
        if not (
            self.start.tzinfo is UTC and self.end.tzinfo is UTC
        ):  # what comes from the database is: no need to make it anew
            object.__setattr__(self, "start", self.start.astimezone(UTC))
            object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.end <= self.start:
            raise EmptySpan(start=self.start, end=self.end)

    @classmethod
    def of_epochs(cls, start: int, end: int) -> "Span":
        """Make a span from seconds since 1970."""
        return cls(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))

    @classmethod
    def of_walls(cls, start: datetime, end: datetime, zone: ZoneInfo) -> "Span":
        """Make a span from two naive wall times of a place."""
        return cls(from_wall(start, zone), from_wall(end, zone))

    @cached_property
    def epochs(self) -> tuple[int, int]:
        """Both ends in whole seconds since 1970."""
        return int(self.start.timestamp()), int(self.end.timestamp())

    @property
    def seconds(self) -> int:
        """The real length: a night when the clocks go back is an hour longer."""
        return int((self.end - self.start).total_seconds())

    @property
    def minutes(self) -> int:
        """The real length in whole minutes."""
        return self.seconds // 60

    def widened(self, before: int, after: int) -> "Span":
        """Add `before` and `after` minutes around it."""
        return Span(self.start - timedelta(minutes=before), self.end + timedelta(minutes=after))

    def overlaps(self, other: "Span") -> bool:
        """Tell whether the two share an instant."""
        return self.start < other.end and other.start < self.end

    def walls(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Both ends as the naive wall times of a place."""
        return to_wall(self.start, zone), to_wall(self.end, zone)

    def days_later(self, days: int, zone: ZoneInfo) -> "Span | None":
        """Give the same hours by a place's wall clock, so many days later; None where the clocks jump over them."""
        start, end = (wall + timedelta(days=days) for wall in self.walls(zone))
        try:
            return Span.of_walls(start, end, zone)
        except (NonexistentTime, EmptySpan):
            return None


def to_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """Read an instant off the wall clock of a place (naive)."""
    return instant.astimezone(zone).replace(tzinfo=None)


def from_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    """Find the instant of a naive wall time.

    The hour that comes twice takes the first; the hour that is jumped over raises NonexistentTime.
    """
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if to_wall(instant, zone) != wall:
        raise NonexistentTime(wall=wall, earliest=to_wall(instant, zone))
    return instant


def whole_months(start: datetime, end: datetime) -> tuple[date, date] | None:
    """Give the first days of the first and the last month that a stay between two walls fills; None if it does not."""
    ends = (start, end)
    if any((wall.day, wall.hour, wall.minute) != (1, 0, 0) for wall in ends):
        return None
    return start.date(), (end - timedelta(days=1)).date().replace(day=1)
