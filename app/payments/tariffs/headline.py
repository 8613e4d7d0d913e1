"""What of a tariff the catalogue says in one line, on cards and in search; and a tariff made of such a line. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.accounts.rules import PRIORITY_CLASSES
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, When

# A price for one unit and day is said of everything that is counted; what weighs or burns is said of nothing.
_SAID_AS: Final[Mapping[Meter, str]] = {
    Meter.HOUR: "hour",
    Meter.HALF_DAY: "half_day",
    Meter.DAY: "day",
    Meter.STARTED_DAY: "day",
    Meter.STARTED_PERIOD: "day",
    Meter.MONTH: "month",
    Meter.PALLET_DAY: "unit_day",
    Meter.USE: "use",
    Meter.FLAT: "use",
}
_READ_AS: Final[Mapping[str, Meter]] = {
    "use": Meter.USE,
    "season": Meter.USE,
    "hour": Meter.HOUR,
    "half_day": Meter.HALF_DAY,
    "day": Meter.STARTED_DAY,
    "month": Meter.MONTH,
    "unit_day": Meter.PALLET_DAY,
    "unit_month": Meter.MONTH,
}


@dataclass(frozen=True)
class Headline:
    """A price for one thing, and what each kilometre costs beside it; `is_from`: at other hours it costs more."""

    cents: int = 0
    per: str = "use"
    km_cents: int = 0
    is_from: bool = False


def headline_of(tariff: Tariff | None) -> Headline | None:
    """Say a tariff in one line: its first one that can be said so, and its kilometres; None where nothing can.

    Without a tariff, and where no class pays anything, it is free of charge.
    """
    if tariff is None or all(tariff.coefficient_of(each) == 0 for each in PRIORITY_CLASSES):
        return Headline()
    said = next((line for line in tariff.lines if line.meter in _SAID_AS), None)
    km = next((line.unit_cents for line in tariff.lines if line.meter is Meter.KM), 0)
    if said is None:
        return Headline(km_cents=km) if km else None
    prices = _hourly(tariff) if said.meter is Meter.HOUR else [said.unit_cents]
    return Headline(min(prices), _SAID_AS[said.meter], km, is_from=len(prices) > 1)


def _hourly(tariff: Tariff) -> list[int]:
    """List what an hour may cost, by when it is; the price of all hours is in each, what costs nothing is left out."""
    lines = [line for line in tariff.lines if line.meter is Meter.HOUR]
    always = sum(line.unit_cents for line in lines if line.when is When.ALWAYS)
    added = {
        sum(line.unit_cents for line in lines if line.when is when) for when in (When.PEAK, When.OFF_PEAK)
    }
    return sorted({always + each for each in added} - {0}) or [0]


def lines_of(headline: Headline, unit: str = "") -> list[TariffLine]:
    """Begin a tariff with what was only shown so far of what is counted in a unit.

    A week has no meter, and is left to be said otherwise.
    """
    lines = []
    meter = Meter.DAY if headline.per == "unit_day" and unit != "pallet" else _READ_AS.get(headline.per)
    if headline.cents and meter:
        lines.append(TariffLine(meter, headline.cents))
    if headline.km_cents:
        lines.append(TariffLine(Meter.KM, headline.km_cents))
    return lines
