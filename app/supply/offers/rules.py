"""What an offer and the parts taken of it can become, and whom it concerns. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from app.core.states import Machine
from app.supply.cargo import KILO, Regime
from app.supply.offers.errors import BadOffer


class Category(StrEnum):
    """What sort of food it is: by it organisations say what they are interested in."""

    VEGETABLES = "vegetables"
    FRUIT = "fruit"
    BREAD = "bread"
    DAIRY = "dairy"
    MEAT = "meat"
    FISH = "fish"
    PREPARED = "prepared"
    DRY_GOODS = "dry_goods"
    DRINKS = "drinks"
    OTHER = "other"


class State(StrEnum):
    """Where an offer stands."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    OVER = "over"  # its last moment has passed


class ClaimState(StrEnum):
    """Where a part that somebody took stands."""

    CLAIMED = "claimed"
    COLLECTED = "collected"
    GIVEN_BACK = "given_back"  # by who had taken it, or by time: they never came
    CANCELLED = "cancelled"  # by who offers, with a reason


OFFER: Final = Machine(
    "surplus_offer",
    {
        ("change", State.OPEN): State.OPEN,
        ("withdraw", State.OPEN): State.WITHDRAWN,
        ("expire", State.OPEN): State.OVER,
    },
)
CLAIM: Final = Machine(
    "surplus_claim",
    {
        ("give_back", ClaimState.CLAIMED): ClaimState.GIVEN_BACK,
        ("lapse", ClaimState.CLAIMED): ClaimState.GIVEN_BACK,  # nobody ever noted that it was collected
        ("cancel", ClaimState.CLAIMED): ClaimState.CANCELLED,
        ("collect", ClaimState.CLAIMED): ClaimState.COLLECTED,
        ("uncollect", ClaimState.COLLECTED): ClaimState.CLAIMED,  # it was noted by mistake
    },
)
LIVE: Final = (ClaimState.CLAIMED, ClaimState.COLLECTED)  # what of an offer is not there for others any more

MOST_GRAMS: Final = 100_000 * KILO
MOST_CENTS: Final = 100_000  # for a kilo
LONGEST_TEXT: Final = 1_000
LONGEST_NAME: Final = 160
LONGEST_OFFER: Final = timedelta(days=90)
REMINDED_AFTER: Final = timedelta(days=2)  # from the last moment to collect it on
TOLD_AGAIN: Final = timedelta(
    days=1
)  # those whom it concerns, when there is more of it or a part is free again
SAID_FOR: Final = timedelta(days=7)  # that a part is not given after all, to who had taken it
LAPSES_AFTER: Final = timedelta(days=14)

USUAL_REGIMES: Final[Mapping[Category, Regime]] = MappingProxyType(
    {
        Category.VEGETABLES: Regime.PRODUCE,
        Category.FRUIT: Regime.PRODUCE,
        Category.BREAD: Regime.AMBIENT,
        Category.DAIRY: Regime.CHILLED,
        Category.MEAT: Regime.CHILLED,
        Category.FISH: Regime.CHILLED,
        Category.PREPARED: Regime.CHILLED,
        Category.DRY_GOODS: Regime.AMBIENT,
        Category.DRINKS: Regime.AMBIENT,
        Category.OTHER: Regime.AMBIENT,
    }
)
RADII: Final = (5, 10, 20, 30, 50, 100)  # kilometres
USUAL_RADIUS: Final = 30


class Point(NamedTuple):
    """A place on the map, in degrees (WGS 84)."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Interest:
    """What an organisation wants to be told of: how far away, and of what; as it stands, who never said anything."""

    radius_km: int = USUAL_RADIUS
    categories: frozenset[str] = frozenset(Category)
    is_wanted: bool = True

    def matches(self, category: str, km: float | None) -> bool:
        """Tell whether an offer so far away concerns the organisation; not where nobody knows how far it is."""
        return self.is_wanted and category in self.categories and km is not None and km <= self.radius_km


def check_weight(grams: int) -> None:
    """Refuse a weight that cannot be."""
    if not 0 < grams <= MOST_GRAMS:
        raise BadOffer(field="amount", reason="amount", most=MOST_GRAMS)


def check_package(grams: int) -> None:
    """Refuse packages that cannot be."""
    if not 0 < grams <= MOST_GRAMS:
        raise BadOffer(field="per_package", reason="package")
