"""Some uses that show what a tariff comes to, chosen after what it counts. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from app.core.money import MILLI
from app.core.span import Span, to_wall
from app.payments.tariffs.measures import Stay, Use, measured
from app.payments.tariffs.tariff import Meter, Tariff, When

KM, KG, KWH, PERSONS = 50, 100, 10, 10
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_BY_DAY: Final = {Meter.DAY, Meter.STARTED_DAY, Meter.STARTED_PERIOD, Meter.PALLET_DAY}
_SEVERAL: Final = 3


@dataclass(frozen=True)
class Example:
    """A use of so many units for some time, in peak hours or not where that makes a difference."""

    length: timedelta
    units: int
    use: Use
    when: When = When.ALWAYS


@dataclass(frozen=True)
class Limits:
    """What can be asked for: how long at least and at most, in which steps, how many units."""

    shortest: timedelta = timedelta()
    longest: timedelta = timedelta.max
    step: timedelta = timedelta(minutes=15)
    units: int = 1

    def nearest(self, length: timedelta) -> timedelta:
        """Give the length that can be asked for and is nearest to one."""
        whole = -(-min(max(length, self.shortest), self.longest) // self.step) * self.step
        return min(whole, self.longest)


def examples(tariff: Tariff, zone: ZoneInfo, now: datetime, limits: Limits | None = None) -> list[Example]:
    """Choose uses in the coming week: short and long ones by what is counted, one of several units where there are.

    None is shorter or longer than can be asked for.
    """
    limits = limits or Limits()
    meters = {line.meter for line in tariff.lines}
    lengths: list[timedelta] = []
    if Meter.HOUR in meters:
        lengths += [_HOUR]
    if meters & {Meter.HOUR, Meter.HALF_DAY}:
        lengths += [4 * _HOUR, 8 * _HOUR]
    if meters & _BY_DAY:
        lengths += [_DAY, 3 * _DAY]
    if Meter.MONTH in meters:
        lengths += [30 * _DAY]
    start = _morning(zone, now)
    lengths = [*dict.fromkeys(limits.nearest(length) for length in lengths)]
    found = [
        Example(length, 1, _use(start, length, zone)) for length in lengths or [limits.nearest(4 * _HOUR)]
    ]
    if limits.units > 1 and lengths:
        units = min(_SEVERAL, limits.units)
        found.append(Example(lengths[-1], units, _use(start, lengths[-1], zone, units)))
    both = _both_hours(tariff, start, zone, limits.nearest(_HOUR))
    return both + (found[1:] if both else found)


def _morning(zone: ZoneInfo, now: datetime) -> datetime:
    """Tell nine o'clock on the next Tuesday."""
    today = to_wall(now, zone).date()
    return datetime.combine(today + timedelta(days=(1 - today.weekday()) % 7 or 7), time(9), zone)


def _use(start: datetime, length: timedelta, zone: ZoneInfo, units: int = 1) -> Use:
    span = Span(start, start + length)
    return Use(
        Stay(span, zone),
        units,
        km_milli=KM * MILLI,
        kg_milli=KG * MILLI,
        kwh_milli=KWH * MILLI,
        persons=PERSONS,
    )


def _both_hours(tariff: Tariff, start: datetime, zone: ZoneInfo, length: timedelta) -> list[Example]:
    """Find a short use that is all in peak hours and one that is all outside, by day before by night."""
    if not tariff.peaks:
        return []
    uses = [_use(start + number * _HOUR, length, zone) for number in range(-2, 7 * 24)]
    hours, found = Fraction(length // _MINUTE, 60), []
    for when in (When.PEAK, When.OFF_PEAK):
        whole = (use for use in uses if measured(Meter.HOUR, [use], when, tariff.peaks) == hours)
        found += [Example(length, 1, use, when) for use in whole][:1]
    return found
