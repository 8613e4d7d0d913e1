"""What a use costs by a tariff: each line in whole cents, rounded once. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from app.core.money import MILLI, WHOLE_BP, Exact, Money, half_up
from app.payments.tariffs.measures import Use, measured
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime, When


@dataclass(frozen=True)
class PricedLine:
    """What is charged for one meter at one unit price: an exact quantity, and cents rounded once, half up.

    `public_cents` is what everybody would pay; `cents` is what remains of that after the coefficient of a class. `tier`
    says beyond and up to how much (in thousandths, None: without end) the unit price holds, where it has tiers.
    """

    label: str
    meter: Meter
    when: When
    quantity: Fraction
    unit_cents: int
    coefficient_bp: int
    cents: int
    public_cents: int
    vat_regime: VatRegime
    vat_bp: int
    tier: tuple[int, int | None] | None = None

    @property
    def quantity_milli(self) -> int:
        """The quantity as it is shown, in thousandths: 20 minutes are 0.333 h, priced as a third."""
        return half_up(self.quantity * MILLI)

    @property
    def in_kind_cents(self) -> int:
        """What is given rather than paid: the public price, less what is charged."""
        return max(self.public_cents - self.cents, 0)

    @property
    def vat_cents(self) -> int:
        """The VAT inside what is charged."""
        return half_up(Fraction(self.cents * self.vat_bp, WHOLE_BP + self.vat_bp))


def price(tariff: Tariff, uses: Sequence[Use], priority: str = "") -> list[PricedLine]:
    """Work out what uses that are charged together cost a class, line by line; where nothing is counted, no line.

    Peak and off-peak hours are lines of their own, and so is each tier. Raise NotMeasured where a meter is not known.
    """
    return [priced for line in tariff.lines for priced in price_line(tariff, line, uses, priority)]


def price_line(tariff: Tariff, line: TariffLine, uses: Sequence[Use], priority: str = "") -> list[PricedLine]:
    """Work out what one line of a tariff comes to, each tier a line of its own. Raise NotMeasured."""
    coefficient = tariff.coefficient_of(priority)
    quantity = _charged(line, measured(line.meter, uses, line.when, tariff.peaks))
    return [
        _priced(tariff, line, end - start, unit_cents, coefficient, tier)
        for start, end, unit_cents, tier in _tiered(line, quantity)
    ]


def total(tariff: Tariff, lines: Iterable[PricedLine]) -> Money:
    """Add up what lines of a tariff charge."""
    return Money(sum(line.cents for line in lines), tariff.currency)


def waived(line: PricedLine) -> PricedLine:
    """Charge nothing for a line: what it would cost the public is then given in kind."""
    return replace(line, coefficient_bp=0, cents=0)


def cents_of(quantity: Fraction, unit_cents: int, coefficient_bp: int = WHOLE_BP) -> int:
    """Work out what a line comes to: the one place that rounds it, once."""
    return half_up(quantity * unit_cents * coefficient_bp / WHOLE_BP)


def _charged(line: TariffLine, quantity: Exact) -> Fraction:
    """Take away what is included, round up to the step, then mind the minimum: in this order."""
    left = quantity - Fraction(line.included_milli, MILLI)
    if left <= 0:
        return Fraction(0)
    if line.step_milli:
        step = Fraction(line.step_milli, MILLI)
        left = -(-left // step) * step
    return max(left, Fraction(line.minimum_milli, MILLI))


def _tiered(
    line: TariffLine, quantity: Fraction
) -> Iterator[tuple[Fraction, Fraction, int, tuple[int, int | None] | None]]:
    """Cut a quantity into what has the same unit price: from, to, the price, and between which bounds it holds."""
    starts = [0, *(tier.above_milli for tier in line.tiers)]
    prices = [line.unit_cents, *(tier.unit_cents for tier in line.tiers)]
    for (above, up_to), unit_cents in zip(pairwise([*starts, None]), prices, strict=True):
        start = Fraction(above or 0, MILLI)
        end = quantity if up_to is None else min(quantity, Fraction(up_to, MILLI))
        if end > start:
            yield start, end, unit_cents, (above or 0, up_to) if line.tiers else None


def _priced(
    tariff: Tariff,
    line: TariffLine,
    quantity: Fraction,
    unit_cents: int,
    coefficient: int,
    tier: tuple[int, int | None] | None,
) -> PricedLine:
    return PricedLine(
        line.label,
        line.meter,
        line.when,
        quantity,
        unit_cents,
        coefficient,
        cents_of(quantity, unit_cents, coefficient),
        cents_of(quantity, unit_cents),
        tariff.vat_regime,
        tariff.vat_bp,
        tier,
    )
