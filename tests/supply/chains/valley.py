"""400 kg of courgettes as tests plan them: fetched, kept cold, taken to the kitchen, cooked, handed over."""

from datetime import timedelta
from typing import Any

from app.infra.uow import atomic
from app.supply.cargo import KILO, Cargo, Packaging, Regime
from app.supply.chains import service
from app.supply.chains.models import Chain
from app.supply.chains.planning.plan import PlannedLeg, Role
from tests.bookings.test_bundles import HOST
from tests.bookings.test_order import ARRIVES, LEAVES, STORED, THURSDAY_14
from tests.bookings.test_order import Chain as Places
from tests.factories import span

COURGETTES = Cargo(400 * KILO, Packaging.CRATE_60X40, 12 * KILO, Regime.PRODUCE)
COOKED = span("2026-09-16 08:00", "2026-09-16 16:00")


class Valley(Places):
    """The valley with its vans, its store and its kitchen; `member` asks for chains."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(**facts)
        with atomic():
            self.kitchen.facts = {"throughput": 50}

    def plan(self, cooked=COOKED, gap=timedelta(minutes=40)) -> tuple[PlannedLeg, ...]:
        """Give the legs of the plan, the kitchen at a time."""
        return (
            PlannedLeg(Role.COLLECT, self.van.id, ARRIVES[0], metres=42_000, trips=1),
            PlannedLeg(Role.STORE, self.store.id, STORED[0], 2),
            PlannedLeg(Role.CARRY, self.second.id, LEAVES[0], metres=20_000),
            PlannedLeg(Role.PROCESS, self.kitchen.id, cooked, gap=gap),
        )

    def ask_for(self, legs=None, actor=None, **facts: Any) -> Chain:
        """Ask for the chain in the name of the association."""
        given: dict[str, Any] = {
            "product": "courgettes",
            "purpose": "400 kg de courgettes",
            "from_place": "Nozay",
            "handover_at": THURSDAY_14,
            "cargo": COURGETTES,
        } | facts
        wanted = service.ChainRequest(organisation_id=self.association.id, legs=legs or self.plan(), **given)
        return service.ask_chain(wanted, actor or self.member, **HOST)
