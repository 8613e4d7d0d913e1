"""As few transfers as possible that leave each party where all debts together leave it. Pure (docs/money.md).

Whoever has to pay and whoever has to receive come to nothing together. Where a part of them does so by itself, it needs
one transfer less; so the fewest transfers are the number of parties less the greatest number of such parts.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from app.payments.books.postings import Pair

Debts = Mapping[Pair, int]
EXACT: Final = 14  # parties: 2¹⁴ parts are looked at in a tenth of a second


def nets(debts: Debts) -> dict[int, int]:
    """Tell what each party has to receive in the end (below zero: to pay); whoever is even is left out."""
    found: Counter[int] = Counter()
    for pair, cents in debts.items():
        found[pair.payee_id] += cents
        found[pair.payer_id] -= cents
    return {party: cents for party, cents in sorted(found.items()) if cents}


def transfers(debts: Debts) -> dict[Pair, int]:
    """Find the transfers that settle debts: the fewest possible up to `EXACT` parties, else one less than parties."""
    net = nets(debts)
    parts = _parts(net) if len(net) <= EXACT else [[*net]]
    found: dict[Pair, int] = {}
    for part in parts:
        found |= greedy({party: net[party] for party in part})
    return found


def greedy(net: Mapping[int, int]) -> dict[Pair, int]:
    """Let whoever has most to pay pay whoever has most to receive, again and again: one is even each time."""
    left = dict(net)
    found: dict[Pair, int] = {}
    while any(left.values()):
        payer = min(left, key=lambda party: (left[party], party))
        payee = max(left, key=lambda party: (left[party], -party))
        cents = min(-left[payer], left[payee])
        found[Pair(payer, payee)] = cents
        left[payer] += cents
        left[payee] -= cents
    return found


def worth_settling(debts: Debts, party: int) -> tuple[dict[Pair, int], dict[Pair, int]]:
    """Tell which debts are worth settling together for a party to propose it, and by which transfers.

    Only what is tied to it by debts, only parties without whom fewer transfers would be saved, and no debt that would
    stay as it is. Nothing at all where no transfer is saved.
    """
    left, before = together(debts, party), -1
    while len(left) != before:
        before = len(left)
        left = together(_without_unmoved(_without_idle(left, party)), party)
    found = transfers(left)
    return (left, found) if len(found) < len(left) else ({}, {})


def _without_idle(debts: Debts, party: int) -> dict[Pair, int]:
    """Leave out parties that save nothing: who has fewest debts is tried first."""
    left = dict(debts)
    degree = Counter(each for pair in left for each in pair)
    for each in sorted(degree.keys() - {party}, key=lambda one: (degree[one], one)):
        others = {pair: cents for pair, cents in left.items() if each not in pair}
        if _saved(others) >= _saved(left):
            left = others
    return left


def _saved(debts: Debts) -> int:
    return len(debts) - len(transfers(debts))


def _without_unmoved(debts: Debts) -> dict[Pair, int]:
    """Leave out debts that would be owed again, just as they are."""
    found = transfers(debts)
    return {pair: cents for pair, cents in debts.items() if found.get(pair) != cents}


def together(debts: Debts, party: int) -> dict[Pair, int]:
    """Give the debts of all who are tied to a party by debts, over however many others."""
    known, grown = {party}, True
    while grown:
        reached = {each for pair in debts for each in pair if known & {*pair}}
        grown, known = bool(reached - known), known | reached
    return {pair: cents for pair, cents in debts.items() if pair.payer_id in known}


def _parts(net: Mapping[int, int]) -> list[list[int]]:
    """Cut parties into as many parts as possible that come to nothing each.

    Some of the parties are the bits of a number. `best[some]` is how many parts come to nothing when these are put in a
    row, one after the other: each time the sum is nothing, one is full. The way back through the row gives the parts.
    """
    parties, cents = [*net], [*net.values()]
    everybody = (1 << len(parties)) - 1
    total, best = [0] * (everybody + 1), [0] * (everybody + 1)
    for some in range(1, everybody + 1):
        lowest = some & -some
        total[some] = total[some ^ lowest] + cents[lowest.bit_length() - 1]
        rest = some
        while rest:
            bit = rest & -rest
            rest ^= bit
            if best[some ^ bit] > best[some]:  # noqa: PLR1730  # a call of max() would take twice as long
                best[some] = best[some ^ bit]
        best[some] += not total[some]
    found: list[list[int]] = []
    some = everybody
    while some:
        if not total[some]:
            found.append([])
        last = max(_bits(some), key=lambda bit: best[some ^ bit])  # it is called at once
        found[-1].append(parties[last.bit_length() - 1])
        some ^= last
    return found


def _bits(some: int) -> Iterator[int]:
    while some:
        yield some & -some
        some &= some - 1
