"""What has been loaded so far, by the keys of the data files, and the moments it is arranged around."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.accounts.queries import load_actor
from app.availability.opening import HolidayCalendar
from app.bookings.models import Booking
from app.core import clock
from app.core.policy import Actor
from app.core.span import Span

ZONE = ZoneInfo("Europe/Paris")
SETTLED_DAYS = 200  # how long ago the territory began to share


@dataclass
class World:
    """The demo while it is loaded: rows by key (ids, never objects that a commit would expire)."""

    now: datetime
    uid_host: str
    calendar: HolidayCalendar  # of the territory's school zone
    territory_id: int = 0
    people: dict[str, int] = field(default_factory=dict)
    organisations: dict[str, int] = field(default_factory=dict)
    slugs: dict[str, str] = field(default_factory=dict)  # of organisations
    owners: dict[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # resource → keys of who manages its site
    resources: dict[str, int] = field(default_factory=dict)
    licences: dict[str, int] = field(default_factory=dict)  # resource → years its driver must have had one
    scenes: dict[str, Booking] = field(default_factory=dict)
    bundles: dict[str, int] = field(default_factory=dict)  # those that found a day
    parts: dict[str, str] = field(default_factory=dict)  # of offers, to their public references
    booked_days: dict[str, list[date]] = field(default_factory=dict)  # by series
    counts: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    _actors: dict[tuple[str, str], Actor] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day everything is arranged around, at the place."""
        return self.now.astimezone(ZONE).date()

    def actor(self, person: str, organisation: str = "") -> Actor:
        """Give somebody as use cases see them, acting for an organisation; roles are read once."""
        key = (person, organisation)
        if key not in self._actors:
            self._actors[key] = load_actor(self.people[person], self.organisations.get(organisation))
        return self._actors[key]

    def manager_of(self, resource: str) -> Actor:
        """Give who manages the site of a resource."""
        return self.managers_of(resource)[0]

    def managers_of(self, resource: str) -> list[Actor]:
        """Give all who manage the site of a resource."""
        return [self.actor(key) for key in self.owners[resource]]

    @contextmanager
    def at(self, moment: datetime) -> Iterator[datetime]:
        """Do what is inside at a moment of the past; never later than now."""
        moment = min(moment, self.now)
        with clock.stopped(moment):
            yield moment

    def ago(self, hours: float) -> datetime:
        """Give the moment so many hours before now."""
        return self.now - timedelta(hours=hours)


def span_of(day: date, start: time, end: time) -> Span:
    """Make the span of two wall times of one day."""
    return Span.of_walls(datetime.combine(day, start), datetime.combine(day, end), ZONE)


def whole_days(first: date, days: int) -> Span:
    """Make the span of whole days."""
    last = first + timedelta(days=days)
    return Span.of_walls(datetime.combine(first, time()), datetime.combine(last, time()), ZONE)
