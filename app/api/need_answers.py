"""The shapes of what the API answers about needs. Weights are whole grams."""

from typing import Literal

from app.api.answers import Answer, Stamp
from app.api.surplus_answers import Offerer


class Around(Answer):
    """Around where something is looked for: the commune by its INSEE code, and within how many kilometres."""

    commune_code: str
    radius_km: int


class Need(Answer):
    """What an organisation looks for: food (`product category grams regime`) or a place (`kind quantity`, days, hours).

    Days of a place are dates (`last_day` null: the first one alone), hours "HH:MM" by the clock of the place.
    """

    ref: str
    state: Literal["open", "answered", "withdrawn", "over"]
    sort: Literal["food", "place"]
    product: str
    category: str
    grams: int | None
    regime: str
    kind: str
    quantity: int
    first_day: str | None
    last_day: str | None
    start_time: str
    end_time: str
    where: Around
    end: Stamp
    note: str
    organisation: Offerer
    created_at: Stamp
    url: str


class NeedPage(Answer):
    """Needs, what ends first comes first; `next_cursor` leads on."""

    items: list[Need]
    next_cursor: str | None
