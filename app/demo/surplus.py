"""Loads what there is too much of in the demo, and the parts that were taken of it."""

import tomllib
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from app.catalogue.communes import get_commune
from app.core.span import from_wall
from app.demo.world import ZONE, World
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.supply.cargo import KILO, PACKAGES, Cargo, Packaging, Regime
from app.supply.offers import service
from app.supply.offers.rules import Category, Point

_FILE: Final = Path(__file__).parent / "data" / "surplus.toml"
_LAST_HOUR: Final = time(18)


def load_surplus(world: World) -> None:
    """Offer it, let others take their parts, and end what is over."""
    offers = tomllib.loads(_FILE.read_text(encoding="utf-8"))["offers"]
    with atomic(durable=True), quiet():
        for row in offers:
            _offer(row, world)
            world.counts["surplus"] += 1
        with world.at(world.now):
            service.expire_due()
            service.charge_due()


def _offer(row: dict[str, Any], world: World) -> None:
    who = world.actor(row["by"], row["organisation"])
    with world.at(world.ago(row["hours_ago"])) as now:
        offer = service.post(who, world.organisations[row["organisation"]], _new(row, world, now))
    for part in row.get("parts", ()):
        taker = world.actor(part["by"], part["organisation"])
        wanted = service.Part(
            world.organisations[part["organisation"]], part["kilos"] * KILO, part["message"]
        )
        with world.at(world.ago(part["hours_ago"])):
            claim = service.take(taker, offer.id, wanted)
            if "key" in part:
                world.parts[part["key"]] = claim.public_id
            if part.get("is_collected"):
                service.collect(who, claim.id)


def _new(row: dict[str, Any], world: World, now: datetime) -> service.NewOffer:
    commune, packaging = get_commune(row["commune"]), Packaging(row["packaging"])
    last = datetime.combine(world.today + timedelta(days=row["days"]), _LAST_HOUR)
    return service.NewOffer(
        row["product"],
        Category(row["category"]),
        Cargo(row["kilos"] * KILO, packaging, PACKAGES[packaging].holds, Regime(row["regime"])),
        service.Place(commune.code, row["place"], Point(*commune.point)),
        now,
        from_wall(last, ZONE),
        price_cents=row.get("price_cents", 0),
        note=row["note"],
    )
