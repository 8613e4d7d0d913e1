"""Switches money on, and lets those who answer for things say what using them costs."""

from app.demo.spec import Spec
from app.demo.world import SETTLED_DAYS, World
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.tariffs.as_json import read


def load_tariffs(spec: Spec, world: World) -> None:
    """Publish the tariffs of the demo, as long ago as its places were settled."""
    with atomic(), world.at(world.ago(24 * SETTLED_DAYS)):
        payments.switch_money(world.actor("coordination"), world.territory_id, is_on=True)
        for key, written in spec.tariffs.items():
            terms = {name: value for name, value in written.items() if name != "note"}
            manager, resource_id = world.manager_of(key), world.resources[key]
            payments.publish_tariff(manager, resource_id, read(terms), note=written.get("note", ""))
        world.counts["tariffs"] += len(spec.tariffs)
