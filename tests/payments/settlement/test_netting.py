"""The fewest transfers: what holds for all, and against trying everything where there are few."""

import random
import time
from itertools import combinations

import pytest

from app.payments.books.postings import Pair
from app.payments.settlement.netting import EXACT, greedy, nets, together, transfers, worth_settling


def drawn(dice, parties, most=2000):
    """Debts between some parties, some of equal amounts."""
    pairs = [Pair(one, other) for one in range(parties) for other in range(parties) if one != other]
    amounts = [dice.randint(1, most) for _ in range(4)]
    chosen = dice.sample(pairs, dice.randint(1, len(pairs)))
    return {pair: dice.choice([dice.choice(amounts), dice.randint(1, most)]) for pair in chosen}


def fewest(net):
    """Count the fewest transfers by trying all ways to cut the parties."""

    def parts(left):
        if not left:
            return 0
        first, *others = left
        found = [0] if sum(net[each] for each in left) else [1]
        for size in range(len(others)):
            for more in combinations(others, size):
                part = (first, *more)
                if sum(net[each] for each in part) == 0:
                    found.append(1 + parts([each for each in others if each not in more]))
        return max(found)

    return len(net) - parts([*net])


@pytest.mark.parametrize("seed", range(300))
def test_every_party_ends_where_its_debts_leave_it(seed):
    dice = random.Random(seed)
    debts = drawn(dice, dice.randint(2, 20))
    found = transfers(debts)
    assert nets(found) == nets(debts)
    assert all(cents > 0 for cents in found.values())
    assert len(found) <= max(len(nets(debts)) - 1, 0)
    paying, receiving = {pair.payer_id for pair in found}, {pair.payee_id for pair in found}
    assert not paying & receiving, "nobody pays and receives"


@pytest.mark.parametrize("seed", range(150))
def test_nobody_finds_fewer_and_the_simple_way_never_does(seed):
    dice = random.Random(f"few {seed}")
    debts = drawn(dice, dice.randint(2, 7), most=6)
    net = nets(debts)
    found = transfers(debts)
    assert len(found) == fewest(net)
    assert len(found) <= len(greedy(net))


@pytest.mark.parametrize("seed", range(100))
def test_what_is_worth_settling_saves_a_transfer_and_moves_no_net(seed):
    dice = random.Random(f"worth {seed}")
    debts = drawn(dice, dice.randint(2, 8), most=50)
    party = dice.choice([each for pair in debts for each in pair])
    some, found = worth_settling(debts, party)
    assert nets(some) == nets(found)
    assert not some or party in {each for pair in some for each in pair}
    assert some.items() <= debts.items()
    assert (len(found) < len(some)) if some else not found
    assert not [pair for pair, cents in found.items() if some.get(pair) == cents], "what stays is left out"


def test_it_does_not_matter_in_which_order_debts_are_told():
    dice = random.Random(7)
    debts = drawn(dice, 9, most=30)
    turned = dict(reversed(debts.items()))
    assert transfers(debts) == transfers(turned)


def test_a_circle_needs_no_transfer():
    assert transfers({Pair(1, 2): 500, Pair(2, 3): 500, Pair(3, 1): 500}) == {}


def test_a_chain_is_cut_short():
    assert transfers({Pair(1, 2): 500, Pair(2, 3): 500}) == {Pair(1, 3): 500}


def test_two_parts_that_come_to_nothing_are_found():
    net = {1: -700, 2: -400, 3: 600, 4: 500, 5: -100, 6: 100}  # the simple way takes five
    debts = {Pair(1, 3): 600, Pair(1, 4): 100, Pair(2, 4): 400, Pair(5, 6): 100}
    assert nets(debts) == net
    assert transfers(debts)[Pair(5, 6)] == 100


def test_only_those_who_are_tied_to_a_party_come_together():
    debts = {Pair(1, 2): 1, Pair(3, 2): 1, Pair(3, 4): 1, Pair(8, 9): 1}
    assert set(together(debts, 4)) == set(debts) - {Pair(8, 9)}
    assert together(debts, 5) == {}


def test_what_everybody_owes_to_one_is_nothing_to_settle():
    assert worth_settling({Pair(1, 9): 100, Pair(2, 9): 200, Pair(3, 9): 100}, 9) == ({}, {})


def test_who_is_not_touched_is_no_party():
    debts = {Pair(1, 2): 500, Pair(2, 3): 500, Pair(7, 3): 40, Pair(8, 1): 30}
    some, found = worth_settling(debts, 1)
    assert {each for pair in some for each in pair} == {1, 2, 3}
    assert found == {Pair(1, 3): 500}


def test_the_most_that_is_looked_at_exactly_takes_less_than_a_blink():
    dice = random.Random(3)
    debts = {pair: cents for pair, cents in drawn(dice, EXACT).items() if cents}
    began = time.perf_counter()
    worth_settling(debts, 0)
    assert time.perf_counter() - began < 5, "on a busy machine; 0.6 s alone"
