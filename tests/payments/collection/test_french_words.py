"""Amounts in French words: the hard places of French numbers."""

import pytest

from app.payments.collection.french_words import amount, cardinal

NUMBERS = {
    0: "zéro", 1: "un", 16: "seize", 17: "dix-sept", 20: "vingt", 21: "vingt et un", 22: "vingt-deux", 31: "trente et un",
    60: "soixante", 61: "soixante et un", 70: "soixante-dix", 71: "soixante et onze", 72: "soixante-douze",
    79: "soixante-dix-neuf", 80: "quatre-vingts", 81: "quatre-vingt-un", 90: "quatre-vingt-dix", 91: "quatre-vingt-onze",
    99: "quatre-vingt-dix-neuf", 100: "cent", 101: "cent un", 180: "cent quatre-vingts", 200: "deux cents",
    201: "deux cent un", 280: "deux cent quatre-vingts", 999: "neuf cent quatre-vingt-dix-neuf", 1000: "mille",
    1001: "mille un", 1100: "mille cent", 2000: "deux mille", 80_000: "quatre-vingt mille", 200_000: "deux cent mille",
    280_080: "deux cent quatre-vingt mille quatre-vingts", 371_071: "trois cent soixante et onze mille soixante et onze",
    1_000_000: "un million", 80_000_000: "quatre-vingts millions", 200_000_000: "deux cents millions",
    2_000_001: "deux millions un", 1_200_000_000: "un milliard deux cents millions",
}  # fmt: skip
AMOUNTS = {
    0: "zéro euro", 1: "un centime", 50: "cinquante centimes", 100: "un euro", 101: "un euro et un centime",
    20_103: "deux cent un euros et trois centimes", 8000: "quatre-vingts euros",
    100_000_000: "un million d’euros", 200_000_050: "deux millions d’euros et cinquante centimes",
    100_000_100: "un million un euros",
}  # fmt: skip


@pytest.mark.parametrize(("number", "words"), NUMBERS.items())
def test_numbers(number, words):
    assert cardinal(number) == words


@pytest.mark.parametrize(("cents", "words"), AMOUNTS.items())
def test_amounts(cents, words):
    assert amount(cents) == words


def test_no_two_numbers_are_written_alike():
    written = {cardinal(number) for number in range(20_000)}
    assert len(written) == 20_000
