"""What a change of day, times or quantity means for each occurrence of a series: those with their own keep them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.availability.askers import Asker
from app.availability.queries import get_terms
from app.bookings.errors import SeriesDayFixed
from app.bookings.models import Booking, Series
from app.bookings.occurrences import Occurrence, holidays_of, occurrence_on, reach
from app.bookings.service.series import hours_of, rule_of
from app.core.recurrence import BadRule, Hours, Rule, moved_edge
from app.core.recurrence import hours_of as hours_in
from app.core.span import Span


@dataclass(frozen=True)
class NewWeekday:
    """One day of the week of a rule in the place of another, within the same week."""

    before: int
    after: int
    is_out_of_reach: Callable[[date], bool]  # no date goes there: left out by the rule, or too far ahead

    def of(self, booking: Booking, own_day: date) -> date | None:
        """Give the new day of an occurrence; None for one of another weekday, with a day of its own, or that stays."""
        if own_day != booking.recurrence_id or own_day.weekday() != self.before:
            return None
        day = own_day + timedelta(days=self.after - self.before)
        return None if self.is_out_of_reach(day) else day

    def apply(self, series: Series) -> None:
        """Let a series recur on the new day from now on; no night makes again what was made."""
        series.rule = rule_of(series).with_weekday(self.before, self.after).as_json()
        series.extended_to = moved_edge(series.extended_to, self.before, self.after)


Move = tuple[Booking, Occurrence]  # an occurrence as it is, and as it is to be


@dataclass(frozen=True)
class Change:
    """A change made on one occurrence (`at`), for several.

    Hours that are the same as before change no hours, and so for the quantity: then only the other of the two is new.
    An occurrence that was given its own day keeps it; one that has other hours (or another quantity) than its series
    had keeps these too, unless it is the one the change was made on. In a weekly series the day may be another of the
    same week: then all that are on this weekday go there.
    """

    at: Booking
    span: Span
    quantity: int
    hours_before: Hours
    hours_after: Hours
    quantity_before: int
    quantity_after: int
    weekday: NewWeekday | None = None

    @classmethod
    def of(cls, at: Booking, series: Series, span: Span, quantity: int) -> "Change":
        """Read what a new time and quantity of one occurrence change; raise SeriesDayFixed for a day it cannot be."""
        day, hours = hours_in(span, series.timezone)
        own_day, own_hours = hours_in(at.span, series.timezone)
        weekday = None if day in (at.recurrence_id, own_day) else _new_weekday(at, series, own_day, day)
        before = hours_of(series)
        return cls(
            at,
            span,
            quantity,
            before,
            before if hours == own_hours else hours,
            series.quantity,
            series.quantity if quantity == at.quantity else quantity,
            weekday,
        )

    def moves(self, bookings: Sequence[Booking]) -> list[Move]:
        """List what becomes of those that do not stay as they are."""
        found = ((booking, self._after(booking)) for booking in bookings)
        return [
            (booking, to)
            for booking, to in found
            if (to.span, to.quantity) != (booking.span, booking.quantity)
        ]

    def _after(self, booking: Booking) -> Occurrence:
        rule_day = booking.recurrence_id or booking.start_at.date()
        own_day, hours = hours_in(booking.span, self.hours_before.timezone)
        day = self.weekday.of(booking, own_day) if self.weekday else None
        if booking.id == self.at.id:
            return Occurrence(day or rule_day, self.span, quantity=self.quantity)
        quantity = self.quantity_after if booking.quantity == self.quantity_before else booking.quantity
        if hours == self.hours_before and self.hours_after != self.hours_before:
            hours = self.hours_after
        elif day is None:
            return Occurrence(rule_day, booking.span, quantity=quantity)
        return occurrence_on(day or own_day, hours, rule_day=day or rule_day, quantity=quantity)


def _new_weekday(at: Booking, series: Series, own_day: date, day: date) -> NewWeekday:
    """Read another day for several occurrences; raise SeriesDayFixed where the rule cannot take it."""
    if own_day != at.recurrence_id:
        raise SeriesDayFixed(field="date", reason="own_day")
    rule = rule_of(series)
    try:
        rule.with_weekday(own_day.weekday(), day.weekday())
    except BadRule as error:
        raise SeriesDayFixed(field="date", reason=error.facts["reason"]) from None
    if own_day.isocalendar()[:2] != day.isocalendar()[:2]:
        raise SeriesDayFixed(field="date", reason="other_week")
    return NewWeekday(own_day.weekday(), day.weekday(), _out_of_reach(rule, series))


def _out_of_reach(rule: Rule, series: Series) -> Callable[[date], bool]:
    terms = get_terms(series.resource_id, Asker.on_behalf_of(series.organisation))
    last, is_holiday = reach(terms), holidays_of(terms)
    return lambda day: day > last or (rule.but_holidays and is_holiday(day))
