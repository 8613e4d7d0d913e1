"""The shapes of what the API answers about group purchases. Weights are whole grams, prices cents for a kilo."""

from typing import Literal

from app.api.answers import Answer, Stamp
from app.api.surplus_answers import Offerer
from app.api.surplus_requests import PackagingName, RegimeName


class GroupPurchase(Answer):
    """Something bought together by `deadline`, if `ordered` reaches `least_grams`; by packages of `per_package`.

    `booking` is the reference of the booking in which it is packed.
    """

    ref: str
    state: Literal["open", "confirmed", "cancelled"]
    product: str
    supplier: str
    price_cents: int
    packaging: PackagingName
    per_package: int
    regime: RegimeName
    least_grams: int
    most_grams: int | None
    ordered: int
    deadline: Stamp
    booking: str | None
    bring: str
    note: str
    organisation: Offerer
    created_at: Stamp
    url: str


class PurchasePage(Answer):
    """Purchases that are open, what ends first first; `next_cursor` leads on."""

    items: list[GroupPurchase]
    next_cursor: str | None


class PurchaseShare(Answer):
    """What an organisation orders of a `purchase`: one share for each, changed in its place."""

    ref: str
    state: Literal["ordered", "handed_out", "withdrawn", "ended"]
    purchase: str
    organisation: Offerer
    grams: int
    message: str
    created_at: Stamp
