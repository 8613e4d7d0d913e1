"""Money: whole cents, one currency at a time, one way to round."""

from fractions import Fraction
from random import Random

import pytest

from app.core.money import CurrenciesMixed, Money, half_up, part_of


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        (7, 7),
        (Fraction(1, 2), 1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),  # never to the even one
        (Fraction(4999, 10000), 0),
        (Fraction(-1, 2), -1),
        (Fraction(-3, 2), -2),
        (Fraction(-4, 3), -1),
        (Fraction(40625, 10), 4063),
        (Fraction(10**30 + 1, 2), (10**30) // 2 + 1),  # no float is exact here
    ],
)
def test_a_half_goes_away_from_zero(exact, rounded):
    assert half_up(exact) == rounded


def test_rounding_is_the_nearest_whole_number_and_mirrors():
    dice = Random(4)
    for _ in range(3000):
        exact = Fraction(dice.randrange(-(10**9), 10**9), dice.randrange(1, 5000))
        assert abs(half_up(exact) - exact) <= Fraction(1, 2)
        assert half_up(-exact) == -half_up(exact)


@pytest.mark.parametrize(
    ("cents", "bp", "part"),
    [
        (3501, 5000, 1751),
        (9635, 6000, 5781),
        (583, 150, 9),
        (583, 5000, 292),
        (100, 0, 0),
        (100, 10_000, 100),
    ],
)
def test_a_percentage_is_rounded_half_up(cents, bp, part):
    assert part_of(cents, bp) == part


def test_late_cancellation_keeps_half_and_gives_the_rest_back():
    kept = part_of(3501, 5000)
    assert (kept, 3501 - kept) == (1751, 1750)


def test_half_of_a_share_paid_by_card_is_given_back():
    fee, back = part_of(583, 150) + 25, part_of(583, 5000)
    assert (fee, back, 583 - fee - back) == (34, 292, 257)


def test_amounts_add_up_and_compare_within_a_currency():
    two, three = Money(200), Money(300)
    assert (two + three, two - three, -two) == (Money(500), Money(-100), Money(-200))
    assert two < three > two
    assert two <= Money(200) >= two
    assert sorted([three, two]) == [two, three]
    assert Money.total([two, three, three]) == Money(800)
    assert Money.total([], "CHF") == Money(0, "CHF")
    assert bool(two)
    assert not Money(0)


@pytest.mark.parametrize(
    "act",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a < b,
        lambda a, b: a >= b,
        lambda a, b: Money.total([a, b]),
    ],
)
def test_currencies_are_never_mixed(act):
    with pytest.raises(CurrenciesMixed) as refused:
        act(Money(1, "EUR"), Money(1, "CHF"))
    assert refused.value.facts == {"one": "EUR", "other": "CHF"}


@pytest.mark.parametrize("cents", [1.0, "1", True, Fraction(1)])
def test_only_whole_cents_are_money(cents):
    with pytest.raises(TypeError):
        Money(cents)


def test_money_is_not_added_to_a_number():
    with pytest.raises(TypeError):
        Money(1) + 1  # type: ignore[operator]  # the mistake that is to be refused
