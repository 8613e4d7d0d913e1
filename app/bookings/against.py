"""What stands against a yes to the dates of series that wait: looked at for all of them, before a manager answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.availability.hours import refuse_hours
from app.availability.queries import terms_of
from app.availability.several import verdicts_of
from app.bookings.left_out import left_out_of
from app.bookings.models import Booking
from app.bookings.queries import waiting_dates
from app.bookings.service.holding import wish_of


@dataclass(frozen=True)
class Against:
    """The dates of one series that wait: all of them, those taken by others meanwhile, those the place is closed on.

    Only what is taken refuses a yes; that the place is closed is for the manager to know.
    """

    waiting: Sequence[Booking]
    lost: Sequence[Booking]
    closed: Sequence[Booking]
    left_out: int = 0  # days of the rule that are no dates of the series

    @property
    def free(self) -> int:
        """Count the dates a yes would be had for."""
        return len(self.waiting) - len(self.lost)


def against_dates(series_ids: Iterable[int]) -> dict[int, Against]:
    """Look at the waiting dates of series, by series, in four statements for any number of them."""
    waiting = waiting_dates(series_ids)
    if not waiting:
        return {}
    terms = terms_of({each.resource_id for dates in waiting.values() for each in dates})
    # What is kept while it waits cannot be taken by others: only the rest is looked at.
    bare = {number: [each for each in dates if each.hold_id is None] for number, dates in waiting.items()}
    wishes = {number: [wish_of(each) for each in dates] for number, dates in bare.items() if dates}
    found = verdicts_of(wishes, override=True)
    left_out = left_out_of({dates[0].series for dates in waiting.values() if dates[0].series}, terms)
    return {
        number: Against(
            dates,
            [each for each, why in zip(bare[number], found.get(number, ()), strict=True) if why],
            [each for each in dates if refuse_hours(terms[each.resource_id], each.span)],
            len(left_out[number]),
        )
        for number, dates in waiting.items()
    }
