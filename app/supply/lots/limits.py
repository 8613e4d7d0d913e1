"""How warm food may be: from which temperature on somebody is warned, from which on it is an alarm. Pure.

Temperatures are whole tenths of a degree Celsius, as a thermometer of the trade shows them. What the law says is the
most that is good; beyond it comes a margin for a door that stood open, then the alarm. Each threshold names its source.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.supply.cargo import Regime

COLDEST, WARMEST = -600, 900  # what a thermometer shows; beyond it somebody mistyped


class Verdict(StrEnum):
    """What a temperature says, from good to bad."""

    FINE = "fine"
    WARNING = "warning"
    ALARM = "alarm"


class Source(StrEnum):
    """Where a threshold comes from."""

    DECREE = "decree"  # arrêté du 21 décembre 2009, annexe I
    DEEP_FROZEN = "deep_frozen"  # directive 89/108/CEE, article 5: three degrees more, and shortly
    USAGE = "usage"  # no law: what the trade does
    PLACE = "place"  # whoever manages the place said so


@dataclass(frozen=True, slots=True)
class Threshold:
    """From this temperature on, in tenths; the first that is too warm, not the last that is good."""

    tenths: int
    source: Source


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on somebody is warned, and from where on it is an alarm."""

    warn: Threshold
    alarm: Threshold

    def verdict(self, tenths: int) -> Verdict:
        """Tell what a temperature says."""
        if tenths >= self.alarm.tenths:
            return Verdict.ALARM
        return Verdict.WARNING if tenths >= self.warn.tenths else Verdict.FINE


def _over(warn: int, source: Source, alarm: int, alarm_source: Source = Source.USAGE) -> Limits:
    """Read "at most so many degrees": what is too warm begins a tenth above."""
    return Limits(Threshold(warn * 10 + 1, source), Threshold(alarm * 10 + 1, alarm_source))


LIMITS: Final[Mapping[Regime, Limits]] = MappingProxyType(
    {
        Regime.FROZEN: _over(-18, Source.DECREE, -15, Source.DEEP_FROZEN),
        Regime.CHILLED: _over(4, Source.DECREE, 6),
        Regime.PRODUCE: _over(8, Source.USAGE, 12),
        Regime.CELLAR: _over(12, Source.USAGE, 18),
        Regime.AMBIENT: _over(25, Source.USAGE, 30),
    }
)


def limits_of(regime: Regime, facts: Mapping[str, object]) -> Limits:
    """Give the limits of a storage place: what its facts say, else what its regime does.

    Whoever manages a place may be stricter than the law, and warn earlier; never later.
    """
    usual = LIMITS[regime]
    warn, alarm = _told(facts.get("warn")), _told(facts.get("alarm"))
    found = usual
    if warn is not None and warn < usual.warn.tenths:
        found = replace(found, warn=Threshold(warn, Source.PLACE))
    if alarm is not None:
        found = replace(found, alarm=Threshold(alarm, Source.PLACE))
    if found.warn.tenths > found.alarm.tenths:
        found = replace(found, warn=found.alarm)
    return found


def strictest(regimes: Iterable[Regime]) -> Regime:
    """Give the regime of a load: that of what has to be coldest in it."""
    return min(regimes, key=lambda regime: LIMITS[regime].warn.tenths)


def _told(value: object) -> int | None:
    return round(value * 10) if isinstance(value, int | float) and not isinstance(value, bool) else None
