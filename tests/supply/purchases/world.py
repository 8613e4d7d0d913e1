"""Those who buy flour together, and the kitchen in which it is packed."""

from datetime import timedelta
from typing import Any

from app.accounts.queries import load_actor
from app.bookings import service as bookings
from app.core import clock
from app.core.span import Span
from app.supply.cargo import KILO, Cargo, Packaging, Regime
from app.supply.purchases import service
from tests.factories import a_manager, a_member, a_resource, a_site, at
from tests.supply.offers.world import Farm

FLOUR = Cargo(240 * KILO, Packaging.BAG, 12 * KILO, Regime.AMBIENT)
DEADLINE = at("2026-09-08 18:00")
SHORT = "Le minimum n’est pas atteint."


def later(**facts: Any) -> service.Later:
    """Until Tuesday evening in a week."""
    return service.Later(**({"deadline_at": DEADLINE} | facts))


def a_purchase(**facts: Any) -> service.NewPurchase:
    """Flour at 1.25 € a kilo in bags of 12 kg, 240 kg at least."""
    given: dict[str, Any] = {
        "product": "Farine",
        "supplier": "Moulin de la Fosse",
        "price_cents": 125,
        "cargo": FLOUR,
        "later": later(),
    }
    return service.NewPurchase(**(given | facts))


class Market(Farm):
    """Our association organises; the farm and the shop order."""

    def open(self, **facts: Any) -> Any:
        return service.open_purchase(self.member, self.ours.id, a_purchase(**facts))

    def order(self, purchase: Any, kilos: float, who: str = "farm", message: str = "", **facts: Any) -> Any:
        actor = {"farm": self.farmer, "ours": self.member, "others": self.other}[who]
        wanted = service.Wanted(getattr(self, who).id, int(kilos * KILO), message, **facts)
        return service.order(actor, purchase.id, wanted)

    def book(self, start: str = "2026-09-10 14:00", end: str = "2026-09-10 17:00", **terms: Any) -> Any:
        """Let us have a kitchen to pack in, accepted by its manager."""
        site = a_site(self.farm, hours="Mo-Su 07:00-22:00", name="La grange")
        kitchen = a_resource(site, name="Cuisine", **terms)
        wish = bookings.Request(kitchen.id, self.ours.id, Span(at(start), at(end)), 1, "Répartition")
        booking = bookings.ask(wish, self.member, uid_host="mutualim.test")
        return bookings.approve(booking.id, load_actor(a_manager(site).id))

    def buyers(self, number: int) -> list[Any]:
        return [load_actor(a_member(self.farm, name=f"Acheteur {each}").id) for each in range(number)]


def in_days(days: int) -> Any:
    return clock.now() + timedelta(days=days)
