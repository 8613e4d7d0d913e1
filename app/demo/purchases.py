"""Loads what is bought together into the demo, what was ordered of it, and what its deadline brought."""

import tomllib
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from app.core.span import from_wall
from app.demo.world import ZONE, World
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.supply.cargo import KILO, Cargo, Packaging, Regime
from app.supply.purchases import service

_FILE: Final = Path(__file__).parent / "data" / "purchases.toml"
_LAST_HOUR: Final = time(18)
_SHORT: Final = "Le minimum de l’achat groupé n’est pas atteint."


def load_purchases(world: World) -> None:
    """Open them, let others order, and close what is due when it was."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["purchases"]
    with atomic(), quiet():
        for row in rows:
            _open(row, world)
            world.counts["purchases"] += 1


def _open(row: dict[str, Any], world: World) -> None:
    who, new = world.actor(row["by"], row["organisation"]), _new(row, world)
    with world.at(world.ago(row["hours_ago"])):
        purchase = service.open_purchase(who, world.organisations[row["organisation"]], new)
    for each in row["orders"]:
        organisation_id = world.organisations[each["organisation"]]
        wanted = service.Wanted(organisation_id, each["kilos"] * KILO, each["message"])
        with world.at(world.ago(each["hours_ago"])):
            service.order(world.actor(each["by"], each["organisation"]), purchase.id, wanted)
    with world.at(new.later.deadline_at):
        service.close_due(_SHORT)


def _new(row: dict[str, Any], world: World) -> service.NewPurchase:
    last = datetime.combine(world.today + timedelta(days=row["deadline"]), _LAST_HOUR)
    packing = world.scenes.get(row.get("packing", ""))
    later = service.Later(from_wall(last, ZONE), packing.ref if packing else "", row["bring"], row["note"])
    cargo = Cargo(
        row["least"] * KILO, Packaging(row["packaging"]), row["per_package"] * KILO, Regime(row["regime"])
    )
    most = row["most"] * KILO if "most" in row else None
    return service.NewPurchase(row["product"], row["supplier"], row["price_cents"], cargo, later, most)
