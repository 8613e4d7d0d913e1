"""The shapes of what the API answers about surplus. Weights are whole grams, prices cents for a kilo."""

from typing import Literal

from app.api.answers import Answer, Stamp
from app.api.surplus_requests import CategoryName, PackagingName, RegimeName


class Offerer(Answer):
    """An organisation by its names."""

    id: str
    slug: str
    name: str


class Collected(Answer):
    """Where something is collected: the commune by its INSEE code, and where exactly."""

    commune_code: str
    place: str
    lat: float
    lon: float


class Load(Answer):
    """What all of it is on the road: packages of so many grams, pallets, what it weighs with these, room in litres."""

    packaging: PackagingName
    per_package: int
    packages: int
    pallets: int
    gross: int
    litres: int


class Surplus(Answer):
    """An offer: `left` of its `grams` can be taken while it is `open`; `km` is how far it is, where that is known."""

    ref: str
    state: Literal["open", "withdrawn", "over"]
    product: str
    category: CategoryName
    regime: RegimeName
    grams: int
    left: int
    load: Load
    where: Collected
    km: float | None
    start: Stamp
    end: Stamp
    use_by: str | None
    price_cents: int
    note: str
    organisation: Offerer
    created_at: Stamp
    url: str


class SurplusPage(Answer):
    """Offers, the nearest first; `next_cursor` leads on."""

    items: list[Surplus]
    next_cursor: str | None


class SurplusPart(Answer):
    """A part of an offer that an organisation took."""

    ref: str
    state: Literal["claimed", "collected", "given_back", "cancelled"]
    offer: str
    organisation: Offerer
    grams: int
    price_cents: int
    message: str
    created_at: Stamp
