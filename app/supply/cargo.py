"""What a quantity of food is on the road and in store: packages, pallets, weight, volume, trips. Pure.

Weights are whole grams, volumes whole litres. What each packaging weighs and takes is common practice of the trade
(a Euro pallet of 80 × 120 cm weighs 25 kg and carries four crates of 40 × 60 cm in each of eight layers).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

KILO = 1_000
PALLET_TARE = 25 * KILO
PALLET_LITRES = 80 * 120 * 180 // 1_000  # of a loaded pallet, 1.80 m high


class Regime(StrEnum):
    """The temperature at which it has to be kept: the words of storage places."""

    AMBIENT = "ambient"
    CELLAR = "cellar"
    PRODUCE = "produce"
    CHILLED = "chilled"
    FROZEN = "frozen"


class Packaging(StrEnum):
    """What it is packed in."""

    CRATE_60X40 = "crate_60x40"
    CRATE_40X30 = "crate_40x30"
    BULK_BIN = "bulk_bin"
    BAG = "bag"


@dataclass(frozen=True, slots=True)
class Package:
    """One package: what it usually holds and weighs empty, in grams, and how many fill a pallet.

    `is_pallet`: it stands on the floor by itself, and no pallet is counted under it.
    """

    holds: int
    tare: int
    per_pallet: int
    is_pallet: bool = False

    @property
    def litres(self) -> int:
        """Tell what room one takes in a vehicle."""
        return -(-PALLET_LITRES // self.per_pallet)


PACKAGES: Mapping[Packaging, Package] = MappingProxyType(
    {
        Packaging.CRATE_60X40: Package(12 * KILO, 1_500, 32),
        Packaging.CRATE_40X30: Package(6 * KILO, 800, 64),
        Packaging.BULK_BIN: Package(300 * KILO, 35 * KILO, 1, is_pallet=True),
        Packaging.BAG: Package(25 * KILO, 100, 30),
    }
)


@dataclass(frozen=True, slots=True)
class Cargo:
    """So many grams of something, each package holding `per_package` grams, to be kept at a temperature."""

    grams: int
    packaging: Packaging
    per_package: int
    regime: Regime = Regime.PRODUCE

    def __post_init__(self) -> None:
        """Refuse what cannot be counted."""
        if self.grams <= 0 or self.per_package <= 0:
            raise ValueError("a cargo and its packages weigh something")

    @property
    def packages(self) -> int:
        """How many packages it fills, the last one begun."""
        return -(-self.grams // self.per_package)

    @property
    def pallets(self) -> int:
        """How many pallet places it takes."""
        return -(-self.packages // PACKAGES[self.packaging].per_pallet)

    @property
    def gross(self) -> int:
        """What it weighs with what it is packed in, and the pallets under it."""
        package = PACKAGES[self.packaging]
        under = 0 if package.is_pallet else self.pallets * PALLET_TARE
        return self.grams + self.packages * package.tare + under

    @property
    def litres(self) -> int:
        """What room it takes in a vehicle."""
        return self.packages * PACKAGES[self.packaging].litres

    def of(self, grams: int) -> "Cargo":
        """Give a part of it, packed likewise."""
        return Cargo(grams, self.packaging, self.per_package, self.regime)


def cost_cents(grams: int, price_cents: int) -> int:
    """Reckon what so many grams cost at a price by the kilo, to the nearest cent."""
    return (grams * price_cents + KILO // 2) // KILO


@dataclass(frozen=True, slots=True)
class Hold:
    """What a vehicle carries at once, in grams, litres and pallets; None where it is not known."""

    grams: int | None = None
    litres: int | None = None
    pallets: int | None = None


def trips(cargo: Cargo, hold: Hold) -> int | None:
    """Tell how often a vehicle goes; None where it could not carry a single package.

    No package is parted: of each measure, as many whole ones go at once as fit by weight, volume or pallet places (none
    at all says that it takes no pallets, not that it takes no crates). Pallets under crates weigh on all trips
    together. What is not known binds nothing.
    """
    package = PACKAGES[cargo.packaging]
    heaviest = min(cargo.grams, cargo.per_package) + package.tare
    at_once = [
        most // of_one
        for most, of_one in ((hold.grams, heaviest), (hold.litres, package.litres))
        if most is not None
    ]
    if hold.pallets:
        at_once.append(hold.pallets * package.per_pallet)
    if 0 in at_once:
        return None
    with_pallets = -(-cargo.gross // hold.grams) if hold.grams else 1
    return max(with_pallets, *(-(-cargo.packages // each) for each in at_once), 1)
