"""What a group purchase and the orders of it can become, and what an order costs. Pure."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from app.core.states import Machine
from app.supply.purchases.errors import BadPurchase


class State(StrEnum):
    """Where a purchase stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"  # the minimum was reached at the deadline
    CANCELLED = "cancelled"  # it was not, or who organises gave it up


class OrderState(StrEnum):
    """Where the order of an organisation stands."""

    ORDERED = "ordered"
    WITHDRAWN = "withdrawn"  # by who had ordered
    ENDED = "ended"  # with its purchase
    HANDED_OUT = "handed_out"


PURCHASE: Final = Machine(
    "group_purchase",
    {
        ("change", State.OPEN): State.OPEN,
        ("confirm", State.OPEN): State.CONFIRMED,
        ("cancel", State.OPEN): State.CANCELLED,
        ("cancel", State.CONFIRMED): State.CANCELLED,
    },
)
ORDER: Final = Machine(
    "purchase_order",
    {
        ("order", OrderState.ORDERED): OrderState.ORDERED,
        ("order", OrderState.WITHDRAWN): OrderState.ORDERED,
        ("withdraw", OrderState.ORDERED): OrderState.WITHDRAWN,
        ("end", OrderState.ORDERED): OrderState.ENDED,
        ("hand_out", OrderState.ORDERED): OrderState.HANDED_OUT,
        ("take_back", OrderState.HANDED_OUT): OrderState.ORDERED,  # it was noted by mistake
    },
)
LIVE: Final = (OrderState.ORDERED, OrderState.HANDED_OUT)  # what counts for the minimum and the maximum

LONGEST: Final = timedelta(days=90)
TO_FETCH: Final = timedelta(days=7)  # after the deadline, where nobody said when it is packed
DRAFTED_AS: Final = "purchase"  # as chains call what they are drafted for
PACKED_IN: Final = ("kitchen", "room", "storage")  # kinds of places in which parts are prepared
NOT_PACKED_IN: Final = ("dock",)  # rooms that are for something else
FAR_ABOVE: Final = 10  # times the minimum: who orders more says that it is meant


def check_reachable(least: int, most: int | None, step: int) -> None:
    """Refuse a minimum that whole packages of `step` never reach within the maximum (None: there is none); in grams."""
    if most is None or most // step * step >= least:
        return
    raise BadPurchase(
        field="most", reason="never", step=step, least=most // step * step, most=-(-least // step) * step
    )
