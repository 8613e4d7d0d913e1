"""What using something costs: lines by meter, tiers, peak hours, coefficients for classes. Pure (docs/money.md).

A tariff is never changed once it was used: a change is another tariff, and what is charged keeps the one it was
reckoned with. Unit prices are whole cents for one unit (1,000 thousandths), as they are paid, VAT included.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

from app.accounts.rules import PRIORITY_CLASSES
from app.core.money import EUR, WHOLE_BP
from app.payments.amount_errors import BadTariff

MOST_LINES: Final = 20
MOST_TIERS: Final = 10
MOST_PEAKS: Final = 14
MOST_UNIT_CENTS: Final = 10_000_000
MOST_MILLI: Final = 1_000_000_000  # a million units
MOST_COEFFICIENT_BP: Final = 10 * WHOLE_BP
LONGEST_LABEL: Final = 120
DAY_MINUTES: Final = 1440
EVERY_DAY: Final = frozenset(range(7))


class Meter(StrEnum):
    """What is counted of a use. Lengths of time are for each unit taken; docs/money.md says how each is measured."""

    HOUR = "hour"
    HALF_DAY = "half_day"
    DAY = "day"
    STARTED_DAY = "started_day"  # the days of the calendar that a stay touches …
    STARTED_PERIOD = "started_period"  # … or its periods of 24 hours, from its start: a tariff says which
    MONTH = "month"
    PALLET_DAY = "pallet_day"
    KG = "kg"
    KM = "km"
    KWH = "kwh"
    PERSON = "person"
    USE = "use"  # every time
    FLAT = "flat"  # once, for all that is charged together


class When(StrEnum):
    """Which hours a line is about, by the wall clock of the place."""

    ALWAYS = "always"
    PEAK = "peak"
    OFF_PEAK = "off_peak"


class VatRegime(StrEnum):
    """Why there is VAT in a price, or none: said by whoever sets the tariff, never guessed."""

    FRANCHISE = "franchise_293B"
    EXEMPT = "exempt_261_7_1"
    GROUP = "group_261B"
    STANDARD = "standard"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class PeakHours:
    """From minute `start` up to, not including, `end` of the wall clock, on these days of the week (Monday is 0)."""

    start: int
    end: int
    weekdays: frozenset[int] = EVERY_DAY


@dataclass(frozen=True)
class Tier:
    """Another unit price for what goes beyond a quantity; what comes before keeps its own (graduated, not volume)."""

    above_milli: int
    unit_cents: int


@dataclass(frozen=True)
class TariffLine:
    """One thing that is counted, and its unit price up to the first tier.

    Of what is measured, `included_milli` is taken away first; the rest is rounded up to `step_milli` (0: as it is),
    and is at least `minimum_milli`. Where nothing is left, nothing is charged, whatever the minimum.
    """

    meter: Meter
    unit_cents: int
    label: str = ""
    when: When = When.ALWAYS
    tiers: tuple[Tier, ...] = ()
    included_milli: int = 0
    step_milli: int = 0
    minimum_milli: int = 0


@dataclass(frozen=True)
class Tariff:
    """What using something costs. Raise BadTariff for what contradicts itself.

    `coefficients_bp`, by priority class, lower (or raise) what a class pays, at the expense of whoever is paid: they
    are no key for sharing, which says who bears a cost. A class without one pays the whole.
    """

    lines: tuple[TariffLine, ...]
    vat_regime: VatRegime
    vat_bp: int = 0
    peaks: tuple[PeakHours, ...] = ()
    coefficients_bp: Mapping[str, int] = field(default_factory=dict)
    currency: str = EUR

    def __post_init__(self) -> None:
        wrong = [*_wrong(self)]
        if wrong:
            wrong[0].beside = tuple(wrong[1:])
            raise wrong[0]

    def coefficient_of(self, priority: str) -> int:
        """Tell (in basis points) what a class pays of the price."""
        return self.coefficients_bp.get(priority, WHOLE_BP)


def _wrong(tariff: Tariff) -> Iterator[BadTariff]:
    yield from _out_of_bounds("lines", len(tariff.lines), 1, MOST_LINES)
    for number, line in enumerate(tariff.lines):
        yield from _wrong_line(f"lines.{number}", line)
    yield from _wrong_peaks(tariff)
    yield from _wrong_vat(tariff)
    yield from _wrong_coefficients(tariff.coefficients_bp)
    meters = {line.meter for line in tariff.lines}
    if {Meter.STARTED_DAY, Meter.STARTED_PERIOD} <= meters:
        yield BadTariff(field="lines", reason="both_started")
    if len(tariff.currency) != 3 or not tariff.currency.isupper():
        yield BadTariff(field="currency", reason="not_offered")


def _wrong_line(path: str, line: TariffLine) -> Iterator[BadTariff]:
    yield from _out_of_bounds(f"{path}.label", len(line.label), 0, LONGEST_LABEL)
    yield from _out_of_bounds(f"{path}.unit_cents", line.unit_cents, 0, MOST_UNIT_CENTS)
    for name in ("included_milli", "step_milli", "minimum_milli"):
        yield from _out_of_bounds(f"{path}.{name}", getattr(line, name), 0, MOST_MILLI)
    yield from _out_of_bounds(f"{path}.tiers", len(line.tiers), 0, MOST_TIERS)
    for number, tier in enumerate(line.tiers):
        yield from _out_of_bounds(f"{path}.tiers.{number}.above_milli", tier.above_milli, 1, MOST_MILLI)
        yield from _out_of_bounds(f"{path}.tiers.{number}.unit_cents", tier.unit_cents, 0, MOST_UNIT_CENTS)
    if any(below.above_milli >= above.above_milli for below, above in pairwise(line.tiers)):
        yield BadTariff(field=f"{path}.tiers", reason="tiers_not_rising")
    if line.when is not When.ALWAYS and line.meter is not Meter.HOUR:
        yield BadTariff(field=f"{path}.when", reason="not_by_the_hour")


def _wrong_peaks(tariff: Tariff) -> Iterator[BadTariff]:
    """No hour is free by oversight: peak needs off-peak, or a price for all hours that it adds to."""
    yield from _out_of_bounds("peaks", len(tariff.peaks), 0, MOST_PEAKS)
    for number, peak in enumerate(tariff.peaks):
        yield from _out_of_bounds(f"peaks.{number}.start", peak.start, 0, DAY_MINUTES - 1)
        yield from _out_of_bounds(f"peaks.{number}.end", peak.end, peak.start + 1, DAY_MINUTES)
        if not peak.weekdays or not peak.weekdays <= EVERY_DAY:
            yield BadTariff(field=f"peaks.{number}.weekdays", reason="not_offered")
    priced = {line.when for line in tariff.lines if line.meter is Meter.HOUR}
    if priced & {When.PEAK, When.OFF_PEAK} and not tariff.peaks:
        yield BadTariff(field="peaks", reason="peak_hours_missing")
    if len(priced) == 1 and When.ALWAYS not in priced:
        yield BadTariff(field="lines", reason="other_hours_missing")


def _wrong_vat(tariff: Tariff) -> Iterator[BadTariff]:
    """VAT has a rate where it is due, and none where it is not."""
    if tariff.vat_regime is VatRegime.STANDARD:
        yield from _out_of_bounds("vat_bp", tariff.vat_bp, 1, WHOLE_BP)
    elif tariff.vat_bp:
        yield BadTariff(field="vat_bp", reason="vat_not_due")


def _wrong_coefficients(coefficients: Mapping[str, int]) -> Iterator[BadTariff]:
    for priority, bp in coefficients.items():
        if priority not in PRIORITY_CLASSES:
            yield BadTariff(field=f"coefficients_bp.{priority}", reason="not_offered")
        yield from _out_of_bounds(f"coefficients_bp.{priority}", bp, 0, MOST_COEFFICIENT_BP)


def _out_of_bounds(path: str, number: int, least: int, most: int) -> Iterator[BadTariff]:
    if not least <= number <= most:
        yield BadTariff(field=path, reason="out_of_bounds", min=least, max=most)
