"""What is measured of a use, meter by meter, exactly: hours as they pass, days as its place's calendar has them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from app.core.money import MILLI, Exact
from app.core.span import Span, to_wall
from app.payments.amount_errors import BadUse, NotMeasured
from app.payments.tariffs.tariff import Meter, PeakHours, When

HOUR_SECONDS: Final = 3600
DAY: Final = timedelta(days=1)
MIDDAY: Final = time(13)  # where the halves of a day meet: tidying up until one o'clock is no afternoon
_INSTANT: Final = timedelta.resolution
_QUARTER: Final = timedelta(minutes=15)


@dataclass(frozen=True)
class Stay:
    """From when to when something was used, and the time zone of the place: its walls are what days are counted on."""

    span: Span
    zone: ZoneInfo

    @property
    def walls(self) -> tuple[datetime, datetime]:
        """Both ends by the wall clock of the place (naive)."""
        return self.span.walls(self.zone)


@dataclass(frozen=True)
class Use:
    """One use of something: `units` of it for the time of a stay, and what was measured (None: not known).

    Where some were given back meanwhile, `also` has when how many others of it were used. It stays one use: what is
    counted each time is counted once. Raise BadUse for less than one unit, or less than nothing of anything.
    """

    stay: Stay | None = None
    units: int = 1
    also: tuple[tuple[Stay, int], ...] = ()
    km_milli: int | None = None
    kg_milli: int | None = None
    kwh_milli: int | None = None
    persons: int | None = None

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise BadUse(field=name, min=least)


_LEAST: Final = {"units": 1, "km_milli": 0, "kg_milli": 0, "kwh_milli": 0, "persons": 0}


def measured(
    meter: Meter, uses: Sequence[Use], when: When = When.ALWAYS, peaks: Sequence[PeakHours] = ()
) -> Exact:
    """Add up what a meter counts of several uses, in units.

    Raise NotMeasured where it asks for what is not known of one of them.
    """
    if meter is Meter.FLAT:
        return min(len(uses), 1)
    if when is When.ALWAYS:
        return sum(_measured(meter, use) for use in uses)
    return sum(_hours_of(use, when, peaks) for use in uses)


def _measured(meter: Meter, use: Use) -> Exact:
    if by_time := _BY_TIME.get(meter):
        return sum(by_time(stay) * units for stay, units in _stays_of(meter, use))
    if meter is Meter.USE:
        return 1
    value: int | None = getattr(use, COUNTED[meter])
    if value is None:
        raise NotMeasured(meter=meter.value)
    return value if meter is Meter.PERSON else Fraction(value, MILLI)


def _stays_of(meter: Meter, use: Use) -> tuple[tuple[Stay, int], ...]:
    if use.stay is None:
        raise NotMeasured(meter=meter.value)
    return (use.stay, use.units), *use.also


# -- lengths of time ----------------------------------------------------------------------------------------


def _hours(stay: Stay) -> Fraction:
    """Hours as they pass: a night when the clocks go back is an hour longer."""
    return Fraction(stay.span.seconds, HOUR_SECONDS)


def _days(stay: Stay) -> Fraction:
    """Days by the wall clock, parts of them included: from midnight to midnight is one, however the clocks change."""
    start, end = stay.walls
    if end <= start:  # a short stay while the clocks go back
        return Fraction(stay.span.seconds, 24 * HOUR_SECONDS)
    return Fraction((end - start) // _INSTANT, DAY // _INSTANT)


def _started_periods(stay: Stay) -> int:
    return -(-_days(stay) // 1)


def _started_days(stay: Stay) -> int:
    start, end = stay.walls
    return max(1, ((end - _INSTANT).date() - start.date()).days + 1)


def _half_days(stay: Stay) -> int:
    """Mornings and afternoons that it touches."""
    start, end = stay.walls
    first, last = (2 * wall.toordinal() + (wall.time() >= MIDDAY) for wall in (start, end - _INSTANT))
    return max(1, last - first + 1)


def _months(stay: Stay) -> Fraction:
    """Months of the calendar; of one that it does not fill, the part of its days."""
    start, end = stay.walls
    if end <= start:
        return _days(stay) / _days_in(start.date().replace(day=1))
    months, month = Fraction(0), start.date().replace(day=1)
    while datetime.combine(month, time()) < end:
        after = _next_month(month)
        inside = min(end, datetime.combine(after, time())) - max(start, datetime.combine(month, time()))
        months += Fraction(inside // _INSTANT, (DAY // _INSTANT) * _days_in(month))
        month = after
    return months


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _days_in(month: date) -> int:
    return (_next_month(month) - month).days


_BY_TIME: Final[Mapping[Meter, Callable[[Stay], Exact]]] = {
    Meter.HOUR: _hours,
    Meter.HALF_DAY: _half_days,
    Meter.DAY: _days,
    Meter.PALLET_DAY: _days,
    Meter.STARTED_DAY: _started_days,
    Meter.STARTED_PERIOD: _started_periods,
    Meter.MONTH: _months,
}
COUNTED: Final[Mapping[Meter, str]] = {
    Meter.KM: "km_milli",
    Meter.KG: "kg_milli",
    Meter.KWH: "kwh_milli",
    Meter.PERSON: "persons",
}


# -- peak hours ---------------------------------------------------------------------------------------------


def _hours_of(use: Use, when: When, peaks: Sequence[PeakHours]) -> Fraction:
    hours = Fraction(0)
    for stay, units in _stays_of(Meter.HOUR, use):
        peak = _peak_hours(stay, peaks)
        hours += (peak if when is When.PEAK else _hours(stay) - peak) * units
    return hours


def _peak_hours(stay: Stay, peaks: Sequence[PeakHours]) -> Fraction:
    """Tell how many of the hours of a stay are peak: cut at their ends, each piece is in or out as a whole."""
    cuts = sorted({stay.span.start, stay.span.end, *_cuts(stay, peaks)})
    seconds = sum(
        int((end - start).total_seconds())
        for start, end in pairwise(cuts)
        if _is_peak(to_wall(start, stay.zone), peaks)
    )
    return Fraction(seconds, HOUR_SECONDS)


def _cuts(stay: Stay, peaks: Sequence[PeakHours]) -> list[datetime]:
    """List the instants within a stay at which peak hours may begin or end.

    A wall time that comes twice is two; on a day on which the clocks change every quarter of an hour is one, because
    peak hours may also begin or end where they jump.
    """
    minutes = sorted({minute for peak in peaks for minute in (peak.start, peak.end)})
    found: list[datetime] = []
    day, last = (wall.date() for wall in stay.walls)
    while day <= last:
        midnight = datetime.combine(day, time())
        start, end = (wall.replace(tzinfo=stay.zone) for wall in (midnight, midnight + DAY))
        for minute in minutes:
            wall = start + timedelta(minutes=minute)
            found += [wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)]
        if start.utcoffset() != end.utcoffset():
            found += [start.astimezone(UTC) + n * _QUARTER for n in range(25 * 4)]
        day += DAY
    return [instant for instant in found if stay.span.start < instant < stay.span.end]


def _is_peak(wall: datetime, peaks: Sequence[PeakHours]) -> bool:
    minute = wall.hour * 60 + wall.minute
    return any(wall.weekday() in peak.weekdays and peak.start <= minute < peak.end for peak in peaks)
