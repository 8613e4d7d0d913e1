"""The kitchen of scenario S12 and, around it, the vans, the cold room, and who asks; all that can be proposed."""

from app.accounts.queries import load_actor
from app.availability.askers import Asker
from app.availability.queries import Wish
from app.availability.service import take
from app.catalogue.models import OpeningMode, Resource
from app.core.policy import Actor
from app.core.span import Span
from app.payments.tariffs.tariff import Meter
from app.supply.cargo import KILO, Cargo, Packaging
from app.supply.chains.candidates import propose
from app.supply.chains.planning.world import Place, Wanted
from tests.bookings.money import MoneyWorld, tariff
from tests.factories import a_resource, a_site, at, span

COURGETTES = Cargo(400 * KILO, Packaging.CRATE_60X40, 12 * KILO)
FARM = Place(47.58427, -1.5)


class Land(MoneyWorld):
    """The kitchen of scenario S12 and, around it, the vans, the cold room, and who asks."""

    def __init__(self) -> None:
        super().__init__(tariff((Meter.HOUR, 1200)), hours="Mo-Sa 07:00-22:00; PH off")
        self.depot = a_site(self.owner, hours="Mo-Su 06:00-20:00", lat=47.4390, lon=-1.5)
        self.town = a_site(self.owner, hours="Mo-Su 06:00-20:00", lat=47.36982, lon=-1.5)
        self.v1 = self.van(self.depot, "FRC", name="Fourgon frigorifique")
        self.v2 = self.van(self.town, "IN", name="Fourgon isotherme")
        self.s5 = a_resource(
            self.depot, name="Chambre froide", kind="storage", subtype="chilled", unit="pallet", mode="quantity", capacity=24,
            opening_mode=OpeningMode.ENDPOINTS, step_minutes=1440, min_minutes=1440, max_minutes=525600, buffer_after=0,
            facts={"regime": "chilled"},
        )  # fmt: skip
        self.k1 = a_resource(
            self.town, name="Cuisine du bourg", kind="kitchen", unit="station", mode="stations", capacity=4, buffer_after=0,
            hours="Mo-Sa 07:00-22:00; PH off", facts={"throughput": 200},
        )  # fmt: skip
        self.price(self.v1, tariff((Meter.HOUR, 500), (Meter.KM, 60)))
        self.price(self.v2, tariff((Meter.HOUR, 400), (Meter.KM, 50)))
        self.price(self.s5, tariff((Meter.PALLET_DAY, 120)))
        self.price(self.k1, tariff((Meter.HOUR, 1200)))

    def van(self, site, atp, **facts):
        return a_resource(
            site, kind="vehicle", opening_mode=OpeningMode.ENDPOINTS, step_minutes=60, min_minutes=60, buffer_after=0,
            facts={"payload": 900, "volume": 9.5, "atp_class": atp}, **facts,
        )  # fmt: skip

    @property
    def asker(self) -> Actor:
        return load_actor(self.treasurer_person.id)

    @property
    def whom(self) -> Asker:
        return Asker.on_behalf_of(self.association)

    def propose(self, wanted, **how):
        return propose(wanted, self.association, self.asker, **how)


WANTED = Wanted(
    COURGETTES, FARM, at("2026-09-14 13:00"), at("2026-09-14 18:00"), stored=True, by=at("2026-09-17 14:00")
)


def free_only(resource: Resource, free: Span) -> None:
    """Take all of a resource around a time, by bookings of others."""
    for start, end in ((at("2026-09-13 06:00"), free.start), (free.end, at("2026-09-18 20:00"))):
        take([Wish(resource.id, Span(start, end), resource.capacity)], override=True)


def free_as_in_s12(land: Land) -> None:
    """Leave of the vans and the kitchen only the hours of the scenario."""
    free_only(land.v1, span("2026-09-14 13:00", "2026-09-14 15:00"))
    free_only(land.v2, span("2026-09-16 06:00", "2026-09-16 07:00"))
    free_only(land.k1, span("2026-09-16 08:00", "2026-09-16 16:00"))
