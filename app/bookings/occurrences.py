"""The occurrences of a series before they are bookings: which days, when, and what stands against each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Protocol

from app.availability.alternatives import Keeps, other_times_in_turn
from app.availability.askers import Asker
from app.availability.errors import Refusal
from app.availability.hours import calendar_of
from app.availability.queries import Wish
from app.availability.rules import Terms
from app.availability.several import Verdict, verdicts_each
from app.bookings.rules import reach_of_series
from app.core import clock
from app.core.recurrence import MOST_YEARS, Hours, Rule
from app.core.span import NonexistentTime, Span

MOST_WITH_ALTERNATIVES = 12
MOST_OPENED = 24  # days looked at because somebody asked: each of them takes time
LOOK_BEYOND = timedelta(days=366 * MOST_YEARS)


@dataclass(frozen=True)
class Elsewhere:
    """What was chosen for one day: a time at another place, for as many as the series has unless it says how many."""

    resource_id: int
    span: Span
    quantity: int | None = None

    @classmethod
    def at(cls, place: "Countable", span: Span) -> "Elsewhere":
        """Choose a place, which is asked for once where it is taken as one: several stations, or a whole kitchen."""
        return cls(place.id, span, 1 if place.capacity == 1 else None)


@dataclass(frozen=True)
class Fewer:
    """What was chosen for one day: its own time, for fewer than the series has."""

    quantity: int


class Countable(Protocol):
    """A resource of which there are so many."""

    @property
    def id(self) -> int:
        """Tell it apart."""

    @property
    def capacity(self) -> int:
        """Tell how many there are."""


Choice = Span | Elsewhere | Fewer | None  # another time, another place, fewer, or None: leave the day out
Choices = Mapping[date, Choice]


@dataclass(frozen=True)
class Occurrence:
    """One day of a rule; without a span its time does not exist that day. `refusals` say what stands against it.

    Without a quantity of its own it has that of its series; without a resource it takes place where its series does.
    """

    day: date
    span: Span | None
    refusals: Verdict = ()
    is_shifted: bool = False
    instead: tuple[Span, ...] = field(default=())
    quantity: int | None = None
    resource_id: int | None = None

    @property
    def is_free(self) -> bool:
        """Tell whether it can be had."""
        return not self.refusals


def reach(terms: Terms) -> date:
    """Tell up to which day a series of this resource becomes bookings now."""
    return reach_of_series(clock.now().astimezone(terms.zone).date(), terms.horizon_days)


def refuse_unaskable(rule: Rule, terms: Terms) -> None:
    """Raise BadRule for a series that cannot be asked for: from before today at the place, or for too many years."""
    rule.refuse_unaskable(clock.now().astimezone(terms.zone).date())


def holidays_of(terms: Terms) -> Callable[[date], bool]:
    """Tell school holidays at the place."""
    return calendar_of(terms.school_zone).is_school_holiday


def kept_by(rule: Rule, terms: Terms) -> Keeps | None:
    """Tell which times a series may be offered: none on days its rule leaves out; None where it leaves none out."""
    if not rule.but_holidays:
        return None
    is_holiday, zone = holidays_of(terms), terms.zone
    return lambda span: not is_holiday(span.walls(zone)[0].date())


def plan(
    rule: Rule, hours: Hours, terms: Terms, choices: Choices | None = None, *, after: date | None = None
) -> list[Occurrence]:
    """Expand a rule as far as the place can be booked, with what was chosen for single days; nothing is checked yet."""
    chosen = choices or {}
    days = rule.days(reach(terms), holidays_of(terms), after=after)
    return [_occurrence(day, hours, chosen) for day in days if chosen.get(day, day) is not None]


def goes_on(rule: Rule, terms: Terms) -> bool:
    """Tell whether a rule has days beyond those that become bookings now: they are added night after night."""
    now = reach(terms)
    return next(rule.days(now + LOOK_BEYOND, holidays_of(terms), after=now), None) is not None


def _occurrence(day: date, hours: Hours, chosen: Choices) -> Occurrence:
    other = chosen.get(day)
    if isinstance(other, Elsewhere):
        return Occurrence(day, other.span, quantity=other.quantity, resource_id=other.resource_id)
    if isinstance(other, Fewer):
        return occurrence_on(day, hours, quantity=other.quantity)
    if other:
        return Occurrence(day, other, is_shifted=True)
    return occurrence_on(day, hours)


def occurrence_on(
    day: date, hours: Hours, *, rule_day: date | None = None, quantity: int | None = None
) -> Occurrence:
    """Give the occurrence that takes place on a day, which may be another than the one the rule gave it."""
    found = hours.find(day)
    if isinstance(found, NonexistentTime):
        refusal = Refusal(found.code, dict(found.facts))
        return Occurrence(rule_day or day, None, (refusal,), quantity=quantity)
    return Occurrence(rule_day or day, found, quantity=quantity)


def wishes_of(planned: Sequence[Occurrence], resource_id: int, quantity: int, asker: Asker) -> list[Wish]:
    """Say what capacity they want for an organisation; those whose time does not exist want none."""
    return [
        Wish(each.resource_id or resource_id, each.span, each.quantity or quantity, asker)
        for each in planned
        if each.span
    ]


def checked(planned: Sequence[Occurrence], terms: Terms, quantity: int) -> list[Occurrence]:
    """Tell what stands against each, with one read for all of them."""
    found = iter(verdicts_each(wishes_of(planned, terms.resource_id, quantity, terms.asker)))
    return [replace(each, refusals=next(found)) if each.span else each for each in planned]


def fewer_free(found: Sequence[Occurrence], terms: Terms, quantity: int) -> dict[date, int]:
    """Tell by day how many can be had where only the number asked for stands in the way."""
    smaller = [replace(each, quantity=free) for each in found if (free := _free_of(each, quantity))]
    return {each.day: each.quantity or 0 for each in checked(smaller, terms, quantity) if each.is_free}


def _free_of(each: Occurrence, quantity: int) -> int:
    if each.span is None or each.resource_id is not None or len(each.refusals) != 1:
        return 0
    free = int(each.refusals[0].facts.get("free") or 0)
    return free if free < (each.quantity or quantity) else 0


def with_alternatives(
    found: Sequence[Occurrence],
    terms: Terms,
    quantity: int,
    *,
    beside: Sequence[Occurrence] | None = None,
    opened: Collection[date] = (),
    keeps: Keeps | None = None,
) -> list[Occurrence]:
    """Add other times of the same place to the first of those that cannot be had, and to the days that are `opened`.

    They are clear of the whole series, and of what is offered for its other days. The series is what is `found`, or the
    occurrences `beside` which another time is looked for; what one of these takes on the same day is what would be
    given up. For what is elsewhere the place of the series is not looked at. Offers keep what `keeps` says.
    """
    others = found if beside is None else beside
    looked_at = with_ways([each for each in found if each.resource_id is None], opened)
    wishes = wishes_of(looked_at, terms.resource_id, quantity, terms.asker)
    times = other_times_in_turn(wishes, [_kept(others, each.day) for each in looked_at], keeps)
    offers = dict(zip((each.day for each in looked_at), times, strict=True))
    return [replace(each, instead=tuple(offers.get(each.day, ()))) for each in found]


def with_ways(found: Sequence[Occurrence], opened: Collection[date] = ()) -> list[Occurrence]:
    """Pick the occurrences for which other ways are looked for: the first that cannot be had, then what is `opened`.

    Looking for them takes time, for every single one: for the others it is done when somebody asks for it.
    """
    real = [each for each in found if each.span]
    first = [each for each in real if not each.is_free][:MOST_WITH_ALTERNATIVES]
    return first + [each for each in real if each.day in opened and each not in first]


def _kept(series: Sequence[Occurrence], day: date) -> list[Span]:
    """List what the other days of a series take at its place, and what is offered for them already."""
    others = [each for each in series if each.day != day]
    taken = [each.span for each in others if each.span and each.is_free and each.resource_id is None]
    return [*taken, *(span for each in others for span in each.instead)]
