"""What a change of times or quantity means for each occurrence of a series: those with times of their own keep them."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.bookings.errors import SeriesDayFixed
from app.bookings.models import Booking, Series
from app.bookings.occurrences import Occurrence, occurrence_on
from app.bookings.service.series import hours_of
from app.core.recurrence import Hours
from app.core.recurrence import hours_of as hours_in
from app.core.span import Span

Move = tuple[Booking, Occurrence]  # an occurrence as it is, and as it is to be


@dataclass(frozen=True)
class Change:
    """A change made on one occurrence (`at`), for several.

    Hours that are the same as before change no hours, and so for the quantity: then only the other of the two is new.
    An occurrence that was given its own day keeps it; one that has other hours (or another quantity) than its series
    had keeps these too, unless it is the one the change was made on.
    """

    at: Booking
    span: Span
    quantity: int
    hours_before: Hours
    hours_after: Hours
    quantity_before: int
    quantity_after: int

    @classmethod
    def of(cls, at: Booking, series: Series, span: Span, quantity: int) -> "Change":
        """Read what a new time and quantity of one occurrence change; raise SeriesDayFixed for another day."""
        day, hours = hours_in(span, series.timezone)
        own_day, own_hours = hours_in(at.span, series.timezone)
        if day not in (at.recurrence_id, own_day):
            raise SeriesDayFixed(field="date")
        before = hours_of(series)
        return cls(
            at,
            span,
            quantity,
            before,
            before if hours == own_hours else hours,
            series.quantity,
            series.quantity if quantity == at.quantity else quantity,
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
        if booking.id == self.at.id:
            return Occurrence(rule_day, self.span, quantity=self.quantity)
        quantity = self.quantity_after if booking.quantity == self.quantity_before else booking.quantity
        day, hours = hours_in(booking.span, self.hours_before.timezone)
        if hours != self.hours_before or self.hours_after == self.hours_before:
            return Occurrence(rule_day, booking.span, quantity=quantity)
        return occurrence_on(day, self.hours_after, rule_day=rule_day, quantity=quantity)
