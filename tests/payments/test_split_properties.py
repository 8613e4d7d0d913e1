"""What holds for every split, whatever the numbers: thousands of drawn cases, the same ones on each run."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest

from app.core.money import Money
from app.payments.amount_errors import NobodyBears, Unfunded
from app.payments.splits.apportioning import apportion, drawn, whole_weights
from app.payments.splits.keys import by_weights
from app.payments.splits.splitting import CostLine, Role, refund, split
from app.payments.splits.subsidies import Subsidy

CASES = 3000
OTHERS = 100  # ids of those who subsidise, or take what is left


def turn_at(case):
    return lambda who: drawn(str(case), who)


def a_weight(dice):
    return dice.choice([0, 1, dice.randrange(1, 10), dice.randrange(1, 10**9)])


def weights_for(dice, most=6):
    found = {payer: a_weight(dice) for payer in dice.sample(range(1, 50), dice.randrange(1, most + 1))}
    return found if any(found.values()) else found | {60: 1}


def lines_for(dice, most=6):
    case = dice.randrange(10**9)
    return [
        CostLine(
            f"{case}/{number}",
            dice.randrange(70, 73),
            Money(dice.choice([0, 1, 2, dice.randrange(1, 10**6)])),
        )
        for number in range(dice.randrange(1, most + 1))
    ]


def subsidies_for(dice, lines):
    def ceiling():
        return dice.choice([None, None, 0, dice.randrange(1, 10**6)])

    return [
        Subsidy(
            OTHERS + number, dice.choice([0, 10_000, dice.randrange(10_001)]), dice.randrange(3),
            dice.choice([None, frozenset(line.id for line in lines if dice.random() < 0.6)]),
            ceiling(), ceiling(), dice.choice([None, 5000]), dice.choice([None, 1]),
        )
        for number in range(dice.randrange(4))
    ]  # fmt: skip


def test_apportioning_is_exact_and_less_than_a_cent_from_it():
    dice = Random(1)
    for case in range(CASES):
        cents = dice.choice([0, 1, 2, dice.randrange(100), dice.randrange(10**8)])
        weights = weights_for(dice, 12)
        if case % 3 == 0:
            weights = {who: Fraction(weight, dice.randrange(1, 9)) for who, weight in weights.items()}
        shares = apportion(cents, weights, turn_at(case))
        total = sum(weights.values())
        assert sum(shares.values()) == cents
        assert set(shares) == set(weights)
        for who, weight in weights.items():
            assert shares[who] >= 0
            assert abs(shares[who] - Fraction(cents) * weight / total) < 1
            assert weight or not shares[who]


def test_more_weight_never_pays_less():
    dice = Random(2)
    for case in range(CASES):
        weights = weights_for(dice, 8)
        shares = apportion(dice.randrange(10**5), weights, turn_at(case))
        ordered = sorted(weights, key=weights.__getitem__)
        assert all(
            shares[low] <= shares[high] + (weights[low] == weights[high]) for low, high in pairwise(ordered)
        )


def test_weights_keep_their_proportions():
    assert whole_weights({1: Fraction(1, 2), 2: Fraction(1, 3), 3: 1}) == {1: 3, 2: 2, 3: 6}
    with pytest.raises(ValueError, match="less than nothing"):
        apportion(1, {1: 2, 2: -1}, str)
    with pytest.raises(ValueError, match="below zero"):
        apportion(-1, {1: 2}, str)


def test_every_line_is_borne_to_the_cent_whoever_helps():
    dice = Random(3)
    for _ in range(CASES):
        lines, weights = lines_for(dice), weights_for(dice)
        subsidies = subsidies_for(dice, lines)
        ceilings = {payer: dice.randrange(10**6) for payer in weights if dice.random() < 0.4}
        found = split(
            lines, by_weights(weights), subsidies=subsidies, ceilings=ceilings, residual_payer=OTHERS + 50
        )
        borne: Counter[str] = Counter()
        granted: Counter[tuple[Role, int]] = Counter()
        for share in found.shares:
            assert share.cents > 0
            assert weights.get(share.payer_id) or share.role is not Role.PAYER
            borne[share.line_id] += share.cents
            granted[share.role, share.payer_id] += share.cents
        assert all(borne[line.id] == line.amount.cents for line in lines)
        assert all(granted[Role.PAYER, payer] <= most for payer, most in ceilings.items())
        assert sum(amount.cents for amount in (*found.dues().values(), *found.own().values())) == sum(
            borne.values()
        )
        for subsidy in subsidies:
            most = [
                cap
                for cap in (subsidy.most_cents, subsidy.left_for_organisation, subsidy.envelope_left)
                if cap is not None
            ]
            assert granted[Role.SUBSIDY, subsidy.payer_id] <= min(most, default=10**9)
        envelope = [each for each in subsidies if each.envelope_id and each.envelope_left is not None]
        assert sum(granted[Role.SUBSIDY, each.payer_id] for each in envelope) <= 5000


def test_the_order_of_lists_makes_no_difference():
    dice = Random(4)
    for _ in range(600):
        lines, weights = lines_for(dice), weights_for(dice)
        subsidies = subsidies_for(dice, lines)
        ceilings = {payer: dice.randrange(10**6) for payer in weights if dice.random() < 0.4}

        def once(lines, weights, subsidies, ceilings=ceilings):
            return split(
                lines, by_weights(weights), subsidies=subsidies, ceilings=ceilings, residual_payer=OTHERS
            )

        turned = dict(dice.sample([*weights.items()], len(weights)))
        again = once(dice.sample(lines, len(lines)), turned, dice.sample(subsidies, len(subsidies)))
        assert again == once(lines, weights, subsidies)


def test_only_those_at_their_ceiling_pay_less_than_their_proportion():
    dice = Random(5)
    for _ in range(CASES // 2):
        lines, weights = lines_for(dice), weights_for(dice)
        ceilings = {payer: dice.randrange(10**6) for payer in weights if dice.random() < 0.6}
        try:
            found = split(lines, by_weights(weights), ceilings=ceilings)
        except Unfunded as refused:
            payers = [payer for payer, weight in weights.items() if weight]
            missing = sum(line.amount.cents for line in lines) - sum(ceilings[payer] for payer in payers)
            assert refused.facts["cents"] == missing > 0
            continue
        borne = {payer: found.borne().get(payer, Money(0)).cents for payer in weights}
        free = [payer for payer, weight in weights.items() if weight and borne[payer] != ceilings.get(payer)]
        slack = 2 * len(lines)
        for one in free:
            for other in weights:
                level = Fraction(borne[one], weights[one])
                assert borne[other] <= level * weights[other] + slack * (
                    1 + Fraction(weights[other], weights[one])
                )


def filled_up(cents, weights, ceilings):
    """Tell the exact levels slowly: whoever is above a ceiling bears just that, until nobody is."""
    full: dict[int, Fraction] = {}
    while True:
        left = cents - sum(full.values())
        total = sum(weight for payer, weight in weights.items() if payer not in full)
        levels = {
            payer: left * Fraction(weight, total)
            for payer, weight in weights.items()
            if payer not in full and total
        }
        over = {
            payer: Fraction(ceilings[payer])
            for payer, level in levels.items()
            if level > ceilings.get(payer, level)
        }
        if not over:
            return full | levels
        full |= over


def test_ceilings_are_filled_up_as_exactly_as_cents_allow():
    dice = Random(9)
    for case in range(CASES // 2):
        cents, weights = dice.randrange(10**6), weights_for(dice)
        ceilings = {payer: dice.randrange(10**5) for payer in weights if dice.random() < 0.6}
        line = CostLine(str(case), 70, Money(cents))
        found = split([line], by_weights(weights), ceilings=ceilings, residual_payer=OTHERS).borne()
        for payer, level in filled_up(cents, weights, ceilings).items():
            assert abs(found.get(payer, Money(0)).cents - level) < 2


def test_serial_refunds_end_at_nothing_left():
    dice = Random(6)
    for _ in range(600):
        found = split(lines_for(dice), by_weights(weights_for(dice)))
        left = {share: share.cents for share in found.shares}
        while total := sum(left.values()):
            asked = (
                dice.choice([1, total, dice.randrange(1, total + 1)])
                if total < 10**4
                else dice.randrange(1, total + 1)
            )
            given = refund(asked, left)
            assert sum(given.values()) == asked
            left = {share: cents - given[share] for share, cents in left.items()}
            assert all(cents >= 0 for cents in left.values())


def test_odd_cents_of_one_split_even_out_among_equals():
    dice = Random(7)
    for _ in range(100):
        payers = dice.sample(range(1, 50), dice.randrange(2, 8))
        lines = [CostLine(f"{n}", 70, Money(dice.randrange(1, 500))) for n in range(dice.randrange(1, 60))]
        found = split(lines, by_weights(dict.fromkeys(payers, 1)))
        cents = [found.borne().get(payer, Money(0)).cents for payer in payers]
        assert max(cents) - min(cents) <= 1


def test_nobody_bears_only_where_all_weigh_nothing():
    dice = Random(8)
    for _ in range(200):
        lines = lines_for(dice)
        total = sum(line.amount.cents for line in lines)
        key = by_weights(dict.fromkeys(range(dice.randrange(1, 4)), 0))
        if total:
            with pytest.raises(NobodyBears):
                split(lines, key, residual_payer=OTHERS)
        else:
            assert split(lines, key).shares == ()
