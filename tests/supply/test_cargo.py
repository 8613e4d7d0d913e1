"""Kilograms become packages, pallets, weight and trips."""

import pytest

from app.supply.cargo import KILO, Cargo, Hold, Packaging, trips

APPLES = Cargo(1_500 * KILO, Packaging.CRATE_60X40, 12 * KILO)


def test_apples_in_crates_of_twelve_kilograms():
    assert (APPLES.packages, APPLES.pallets, APPLES.gross) == (125, 4, 1_787_500)
    assert trips(APPLES, Hold(grams=900 * KILO)) == 2


def test_courgettes_take_two_pallets():
    courgettes = Cargo(400 * KILO, Packaging.CRATE_60X40, 10 * KILO)
    assert (courgettes.packages, courgettes.pallets, courgettes.gross) == (40, 2, 510_000)
    assert trips(courgettes, Hold(grams=900 * KILO, pallets=2)) == 1


@pytest.mark.parametrize(
    ("hold", "times"),
    [
        (Hold(), 1),
        (Hold(pallets=2), 2),
        (Hold(pallets=0), 1),
        (Hold(litres=54 * 32), 4),
        (Hold(grams=12 * KILO), None),
        (Hold(litres=10), None),
        (Hold(grams=40 * KILO), 63),  # two crates of 13.5 kg at once, not three all but a little
        (Hold(grams=500 * KILO, pallets=1, litres=100_000), 4),
    ],
)
def test_what_binds_first_says_how_often(hold, times):
    assert trips(APPLES, hold) == times


def test_a_bulk_bin_is_its_own_pallet():
    cargo = Cargo(900 * KILO, Packaging.BULK_BIN, 300 * KILO)
    assert (cargo.packages, cargo.pallets, cargo.gross) == (3, 3, 1_005_000)
    assert trips(cargo, Hold(grams=700 * KILO)) == 2


def test_no_bin_is_parted():
    cargo = Cargo(1_500 * KILO, Packaging.BULK_BIN, 300 * KILO)
    assert cargo.gross <= 2 * 900 * KILO
    assert trips(cargo, Hold(grams=900 * KILO)) == 3  # two bins of 335 kg at once: three are 1,005 kg
    assert trips(cargo, Hold(litres=2 * 1_728)) == 3
    assert trips(cargo, Hold(pallets=2)) == 3


@pytest.mark.parametrize(("grams", "each"), [(0, 1), (1, 0), (-1, 5)])
def test_nothing_is_no_cargo(grams, each):
    with pytest.raises(ValueError, match="weigh"):
        Cargo(grams, Packaging.BAG, each)
