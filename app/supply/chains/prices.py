"""What a leg costs by the tariff of its place: exactly, and at least, for the search. Pure.

The exact price is what pages estimate and what will be charged, whatever is only counted afterwards left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from zoneinfo import ZoneInfo

from app.core.money import WHOLE_BP
from app.core.span import Span
from app.payments.tariffs.estimating import estimate
from app.payments.tariffs.measures import Stay, Use
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, When
from app.supply.chains.planning.world import Rates

# What may be reckoned as so much for each: never more than what is charged. Days are those that are begun, at most.
_LINEAR: Mapping[Meter, str] = MappingProxyType(
    {
        Meter.USE: "use",
        Meter.FLAT: "use",
        Meter.HOUR: "hour",
        Meter.DAY: "day",
        Meter.STARTED_DAY: "day",
        Meter.STARTED_PERIOD: "day",
        Meter.PALLET_DAY: "day",
        Meter.KM: "km",
    }
)
_WHENEVER = frozenset({Meter.USE, Meter.FLAT, Meter.HOUR, Meter.KM, Meter.KG, Meter.KWH, Meter.PERSON})


def least_rates(tariff: Tariff, priority: str = "") -> Rates:
    """Give rates by which nothing would cost more than by a tariff, for a class.

    Of peak and other hours the cheaper ones count, of tiers the cheapest; what is included makes a line count nothing.
    """
    rates = dict.fromkeys(("use", "hour", "day", "km"), 0)
    for line in tariff.lines:
        if line.meter in _LINEAR and line.when is When.ALWAYS:
            rates[_LINEAR[line.meter]] += _least_unit(line)
    hours = {when: [_least_unit(line) for line in tariff.lines if line.when is when] for when in When}
    rates["hour"] += min(sum(hours[When.PEAK]), sum(hours[When.OFF_PEAK]))
    coefficient = tariff.coefficient_of(priority)
    return Rates(**{name: cents * coefficient // WHOLE_BP for name, cents in rates.items()})


def _least_unit(line: TariffLine) -> int:
    return (
        0
        if line.included_milli
        else min(line.unit_cents, *(tier.unit_cents for tier in line.tiers), line.unit_cents)
    )


@dataclass(frozen=True)
class TariffPrice:
    """The price of a resource for a class, for a cargo of so many grams; what was reckoned once is kept."""

    tariff: Tariff
    zone: ZoneInfo
    priority: str = ""
    grams: int = 0
    _known: dict[tuple[int, ...], int] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _rates(self) -> Rates:
        return least_rates(self.tariff, self.priority)

    @cached_property
    def _is_even(self) -> bool:
        """Tell whether it only matters how long it is, and not when."""
        return all(line.meter in _WHENEVER and line.when is When.ALWAYS for line in self.tariff.lines)

    def cents(self, start: int, end: int, quantity: int, metres: int) -> int:
        """Tell what it costs, as the page that asks for it does."""
        when = (end - start,) if self._is_even else (start, end)
        key = (*when, quantity, metres)
        if key not in self._known:
            stay = Stay(Span.of_epochs(start, end), self.zone)
            use = Use(stay, quantity, km_milli=metres, kg_milli=self.grams)
            self._known[key] = estimate(self.tariff, [use], self.priority).cents
        return self._known[key]

    def floor(self, seconds: int, quantity: int, metres: int) -> int:
        """Tell what it costs at least: each line may have been rounded down."""
        return max(0, self._rates.floor(seconds, quantity, metres) - len(self.tariff.lines))
