"""An orchard to be gleaned, and those who would come."""

from datetime import timedelta
from typing import Any

from app.accounts.queries import load_actor
from app.core import clock
from app.supply.cargo import KILO, Cargo, Packaging, Regime
from app.supply.gleanings import service
from app.supply.offers.rules import Category
from tests.factories import a_member, at
from tests.supply.offers.world import HERE, Farm

APPLES = Cargo(1_500 * KILO, Packaging.CRATE_60X40, 12 * KILO, Regime.PRODUCE)


def a_gleaning(**facts: Any) -> service.NewGleaning:
    """1 500 kg of apples in crates of 12 kg at Les Touches, on a Saturday morning, for 3 to 6 people."""
    given: dict[str, Any] = {
        "product": "Pommes",
        "category": Category.FRUIT,
        "cargo": APPLES,
        "place": HERE,
        "start_at": at("2026-10-10 09:00"),
        "end_at": at("2026-10-10 12:30"),
        "least_people": 3,
        "most_people": 6,
        "advice": service.Advice(ask_for="Paul", tools_to_bring="Gants"),
    }
    return service.NewGleaning(**(given | facts))


def soon(**facts: Any) -> service.NewGleaning:
    """The same, from an hour from now on, for two hours."""
    start = clock.now() + timedelta(hours=1)
    return a_gleaning(start_at=start, end_at=start + timedelta(hours=2), **facts)


class Orchard(Farm):
    """The farm calls; its neighbours sign up."""

    def call(self, **facts: Any) -> Any:
        return service.call(self.farmer, self.farm.id, a_gleaning(**facts))

    def somebody(self, name: str = "Quelqu’un") -> Any:
        return load_actor(a_member(self.ours, name=name).id)
