"""The rows of amounts: what sharing costs costs, beside the same division in a bare loop over whole numbers."""

import random
from collections.abc import Sequence

from app.bench.timing import ROUNDS, Pace, Row, compare_ms
from app.core.money import Money
from app.payments.splits.keys import SplitKey, by_meter
from app.payments.splits.splitting import CostLine, split
from app.payments.splits.subsidies import Subsidy

CHARGES, LINES, PAYERS = 1000, 4, 3
SUBSIDISER, RATE_BP = 99, 5000

Charge = tuple[list[CostLine], SplitKey, Subsidy]


def rows(targets: dict[str, float], pace: Pace) -> list[Row]:
    """Measure without a database: chains of four legs, half of three of them subsidised, the rest by weight."""
    charges = drawn_charges(CHARGES)
    name = f"{CHARGES:,} charges split"
    (ours, bare), slow = pace.around(
        lambda: compare_ms(lambda: split_all(charges), lambda: split_bare(charges), 20), ROUNDS
    )
    return [Row(name, ours, "ms", bare, targets.get(name), slow)]


def drawn_charges(count: int) -> list[Charge]:
    """Draw charges, the same ones on each run."""
    dice = random.Random(7)
    found = []
    for number in range(count):
        lines = [
            CostLine(f"{number}/{position}", position, Money(dice.randrange(100, 20_000)))
            for position in range(LINES)
        ]
        key = by_meter({payer: dice.randrange(1000, 200_000) for payer in range(10, 10 + PAYERS)})
        logistics = frozenset(line.id for line in lines[:-1])
        found.append((lines, key, Subsidy(SUBSIDISER, RATE_BP, line_ids=logistics, most_cents=10_000)))
    return found


def split_all(charges: Sequence[Charge]) -> int:
    """Share every charge; tell the cents that are shared."""
    return sum(
        share.cents
        for lines, key, subsidy in charges
        for share in split(lines, key, subsidies=[subsidy]).shares
    )


def split_bare(charges: Sequence[Charge]) -> int:
    """Share with nothing but whole numbers: odd cents go to the first ones, and nothing is told but the sum."""
    shared = 0
    for lines, key, subsidy in charges:
        left = [line.amount.cents for line in lines]
        helped = left[:-1]
        granted = min((sum(helped) * subsidy.rate_bp * 2 + 10_000) // 20_000, subsidy.most_cents or 0)
        for position, part in enumerate(_parts(granted, helped)):
            left[position] -= part
            shared += part
        weights = list(key.weights.values())
        shared += sum(sum(_parts(cents, weights)) for cents in left)
    return shared


def _parts(cents: int, weights: Sequence[int]) -> list[int]:
    total = sum(weights)
    parts = [cents * weight // total for weight in weights]
    for position in range(cents - sum(parts)):
        parts[position] += 1
    return parts
