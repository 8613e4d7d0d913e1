"""Facts that happened to group purchases, for mail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PurchaseEvent:
    """Something happened to a purchase; `actor_id` is None where time did it."""

    purchase_id: int
    actor_id: int | None


@dataclass(frozen=True)
class PurchaseChanged(PurchaseEvent):
    """Its deadline, its place or what to bring is another; who ordered reads it."""


@dataclass(frozen=True)
class PackingMoved(PurchaseEvent):
    """The booking in which it is packed was moved or lost where bookings are; who organises is told of that there."""


@dataclass(frozen=True)
class PurchaseConfirmed(PurchaseEvent):
    """The minimum is reached at the deadline."""


@dataclass(frozen=True)
class PurchaseCancelled(PurchaseEvent):
    """It does not take place; the orders with `order_ids` ended with it. `is_short`: the minimum was not reached."""

    order_ids: tuple[int, ...]
    is_short: bool
