"""What a need can become, and which offers fit one. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.core.ids import plain
from app.core.states import Machine


class Sort(StrEnum):
    """What is looked for: food, or a place, a vehicle, a thing to use for a while."""

    FOOD = "food"
    PLACE = "place"


class Source(StrEnum):
    """Where it was looked for in vain."""

    SEARCH = "search"  # the finder
    PLAN = "plan"  # the planner of chains


class State(StrEnum):
    """Where a need stands."""

    OPEN = "open"
    ANSWERED = "answered"  # who looked has found
    WITHDRAWN = "withdrawn"
    OVER = "over"  # its last moment has passed


NEED: Final = Machine(
    "need",
    {
        ("answer", State.OPEN): State.ANSWERED,
        ("withdraw", State.OPEN): State.WITHDRAWN,
        ("expire", State.OPEN): State.OVER,
    },
)
LONGEST_TEXT: Final = 1_000
LONGEST_PRODUCT: Final = 160
LONGEST_NEED: Final = timedelta(days=180)
MOST_UNITS: Final = 1_000
COUNTS_LIFE: Final = timedelta(days=365)  # of what was looked for in vain
SHOWN: Final = timedelta(weeks=12)
_ROOT: Final = 4  # letters that tell one word from another, whatever its ending


@dataclass(frozen=True, slots=True)
class Wanted:
    """Food that is looked for: nothing said of its sort, any; `radius_km` around where who looks is."""

    product: str
    category: str
    regime: str
    radius_km: float
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Offered:
    """What is offered, as far as it matters to who looks; `km` is unknown where nobody said where they are."""

    product: str
    category: str
    regime: str
    km: float | None
    from_at: datetime


def fits(wanted: Wanted, offered: Offered) -> bool:
    """Tell whether what is offered is what is looked for, near enough and soon enough."""
    return (
        wanted.category in ("", offered.category)
        and wanted.regime in ("", offered.regime)
        and offered.km is not None
        and offered.km <= wanted.radius_km
        and offered.from_at <= wanted.until_at
        and names_the_same(wanted.product, offered.product)
    )


def names_the_same(wanted: str, offered: str) -> bool:
    """Tell whether two names share a word, whatever its ending: "carotte" and "Carottes de plein champ"."""
    asked = set(_roots(plain(wanted).split()))
    return not asked or bool(asked & set(_roots(plain(offered).split())))


def _roots(words: Iterable[str]) -> Iterable[str]:
    return (word.rstrip("sx") if len(word) > _ROOT else word for word in words if len(word) >= _ROOT)
