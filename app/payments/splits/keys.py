"""Who bears a cost, and how much of it: the keys by which organisations share. Pure.

A key is not a coefficient: a coefficient lowers the price at the expense of whoever is paid, a key shares the price.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.core.money import WHOLE_BP
from app.payments.amount_errors import BadSplitKey


class KeyKind(StrEnum):
    """What the weights of a key say; the shares follow from them in the same way."""

    EQUAL = "equal"
    WEIGHTS = "weights"
    PERCENT = "percent"  # basis points
    METERED = "metered"  # what was measured of each, in thousandths: kilograms, pallet-days, kilometres
    ABILITY = "ability"  # what the tier of each weighs
    SINGLE = "single"


@dataclass(frozen=True)
class SplitKey:
    """The weight of each organisation (by its id). Raise BadSplitKey without any, below zero, or not 100 % in all.

    That all weigh nothing is seen when there is something to share: a key with nothing measured yet is no mistake.
    """

    kind: KeyKind
    weights: Mapping[int, int]

    def __post_init__(self) -> None:
        if not self.weights:
            raise BadSplitKey(reason="nobody")
        if min(self.weights.values()) < 0:
            raise BadSplitKey(reason="below_zero")
        total = sum(self.weights.values())
        if self.kind is KeyKind.PERCENT and total != WHOLE_BP:
            raise BadSplitKey(reason="percent_total", total_bp=total)


def equally(organisations: Iterable[int]) -> SplitKey:
    """Let each bear as much as the others."""
    return SplitKey(KeyKind.EQUAL, dict.fromkeys(organisations, 1))


def by_weights(weights: Mapping[int, int]) -> SplitKey:
    """Let each bear what was agreed, in parts of any size."""
    return SplitKey(KeyKind.WEIGHTS, dict(weights))


def by_percent(bp: Mapping[int, int]) -> SplitKey:
    """Let each bear a percentage, in basis points: 10,000 in all."""
    return SplitKey(KeyKind.PERCENT, dict(bp))


def by_meter(milli: Mapping[int, int]) -> SplitKey:
    """Let each bear as much as was measured of theirs, in thousandths of any unit."""
    return SplitKey(KeyKind.METERED, dict(milli))


def by_ability(tiers: Mapping[int, str], weights: Mapping[str, int]) -> SplitKey:
    """Let each bear what the tier they are in weighs."""
    if not set(tiers.values()) <= set(weights):
        raise BadSplitKey(reason="unknown_tier")
    return SplitKey(KeyKind.ABILITY, {organisation: weights[tier] for organisation, tier in tiers.items()})


def alone(organisation: int) -> SplitKey:
    """Let one bear everything."""
    return SplitKey(KeyKind.SINGLE, {organisation: 1})
