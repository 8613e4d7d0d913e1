"""What makes one plan better than another: what it costs, how far it goes, how soon it is ready. Pure."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from operator import itemgetter
from types import MappingProxyType

from app.supply.chains.planning.plan import Plan

Key = tuple[int, int, int]


class Goal(StrEnum):
    """What is looked at first; the two others decide among equals."""

    CHEAPEST = "cheapest"
    NEAREST = "nearest"
    FRESHEST = "freshest"

    @property
    def order(self) -> Callable[[tuple[int, int, int]], Key]:
        """Give what orders many that are written as cents, metres and ready."""
        return _ORDERS[self]

    def key(self, cents: int, metres: int, ready: int) -> Key:
        """Order plans (the least is the best), and what is known of those that are still open."""
        return _ORDERS[self]((cents, metres, ready))

    def of(self, plan: Plan) -> Key:
        """Order whole plans."""
        return self.key(plan.cents, plan.metres, int(plan.ready_at.timestamp()))


_ORDERS: Mapping[Goal, Callable[[tuple[int, int, int]], Key]] = MappingProxyType(
    {
        Goal.CHEAPEST: itemgetter(0, 1, 2),
        Goal.NEAREST: itemgetter(1, 0, 2),
        Goal.FRESHEST: itemgetter(2, 0, 1),
    }
)
