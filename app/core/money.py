"""Money as whole cents of a currency, and the one way to round: half up, once, from exact numbers. Never a float.

Whatever is counted is in whole numbers: quantities in thousandths (`milli`), percentages and coefficients in basis
points (`bp`: 10,000 are the whole).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import total_ordering
from typing import Final

from app.core.errors import Invalid

EUR: Final = "EUR"
MILLI: Final = 1000
WHOLE_BP: Final = 10_000

Exact = int | Fraction


class CurrenciesMixed(Invalid):
    """Amounts of two currencies, `one` and `other`, cannot be added up or compared."""

    code = "currencies_mixed"


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency (its three letters); below zero it is owed back."""

    cents: int
    currency: str = EUR

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            raise TypeError(f"money is counted in whole cents, not in {self.cents!r}")

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str = EUR) -> "Money":
        """Add amounts up; of none, nothing of `currency`."""
        first, *others = [*amounts] or [cls(0, currency)]
        return sum(others, start=first)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.cents + self._like(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.cents - self._like(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.cents, self.currency)

    def __bool__(self) -> bool:
        return self.cents != 0

    def __lt__(self, other: "Money") -> bool:
        return self.cents < self._like(other)

    def _like(self, other: "Money") -> int:
        """Give the cents of another amount of the same currency."""
        if not isinstance(other, Money):
            raise TypeError(f"an amount of money goes only with another, not with {other!r}")
        if other.currency != self.currency:
            raise CurrenciesMixed(one=self.currency, other=other.currency)
        return other.cents


def half_up(exact: Exact) -> int:
    """Round to the nearest whole number; a half goes away from zero, so that a credit mirrors what it takes back."""
    if isinstance(exact, int):
        return exact
    doubled, over = 2 * abs(exact.numerator), 2 * exact.denominator
    nearest = (doubled + exact.denominator) // over
    return nearest if exact.numerator >= 0 else -nearest


def part_of(cents: int, bp: int) -> int:
    """Take a percentage (in basis points) of an amount, rounded half up."""
    return half_up(Fraction(cents * bp, WHOLE_BP))
