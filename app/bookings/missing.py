"""Days that a series could not have, looked at as it stands now: why, and when what quotas keep can be borrowed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.availability.askers import Asker
from app.availability.asking import Slot, slot_params
from app.availability.queries import get_terms
from app.availability.rules import Terms
from app.bookings.models import Series
from app.bookings.occurrences import Occurrence, checked, occurrence_on
from app.bookings.service.series import hours_of


@dataclass(frozen=True)
class Missing:
    """One day that a series has not, and what stands against it; nothing where it has become free since."""

    each: Occurrence
    terms: Terms
    quantity: int

    @property
    def day(self) -> date:
        """The day of the rule."""
        return self.each.day

    @property
    def lent_from(self) -> datetime | None:
        """Tell from when on it can be borrowed; None where quotas are not all that stands against it, or never are."""
        only = self.each.refusals[0] if len(self.each.refusals) == 1 else None
        return only.facts["opens"] if only and only.code == "quota" else None

    @property
    def slot(self) -> dict[str, str]:
        """Give the slot as the fields in which it is asked for."""
        return slot_params(Slot(self.each.span, self.quantity), self.terms) if self.each.span else {}


def look_at_missing(series: Series, days: Iterable[date]) -> Sequence[Missing]:
    """Look at some days that a series could not have, for its organisation, with as many statements as for one."""
    terms = get_terms(series.resource_id, Asker.on_behalf_of(series.organisation))
    planned = [occurrence_on(day, hours_of(series)) for day in days]
    return [Missing(each, terms, series.quantity) for each in checked(planned, terms, series.quantity)]
