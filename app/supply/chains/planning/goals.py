"""What makes one plan better than another: what it costs, how far it goes, how soon it is ready. Pure."""

from enum import StrEnum

from app.supply.chains.planning.plan import Plan

Key = tuple[int, int, int]


class Goal(StrEnum):
    """What is looked at first; the two others decide among equals."""

    CHEAPEST = "cheapest"
    NEAREST = "nearest"
    FRESHEST = "freshest"

    def key(self, cents: int, metres: int, ready: int) -> Key:
        """Order plans (the least is the best), and what is known of those that are still open."""
        match self:
            case Goal.CHEAPEST:
                return cents, metres, ready
            case Goal.NEAREST:
                return metres, cents, ready
            case Goal.FRESHEST:
                return ready, cents, metres

    def of(self, plan: Plan) -> Key:
        """Order whole plans."""
        return self.key(plan.cents, plan.metres, int(plan.ready_at.timestamp()))
