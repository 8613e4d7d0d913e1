"""Loads what is bought together into the demo, what was ordered of it, and what its deadline brought."""

import tomllib
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from app.availability.queries import Wish, verdict
from app.bookings import service as bookings
from app.core.policy import Actor
from app.core.span import from_wall
from app.demo.stories import span_from
from app.demo.world import ZONE, World
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.supply.cargo import KILO, Cargo, Packaging, Regime
from app.supply.chains import service as chains
from app.supply.chains.planning.plan import PlannedLeg, Role
from app.supply.chains.queries import draft_for
from app.supply.purchases import service
from app.supply.purchases.models import GroupPurchase

_FILE: Final = Path(__file__).parent / "data" / "purchases.toml"
_LAST_HOUR: Final = time(18)
_DAYS: Final = 21  # the scene in which it is packed lies within them
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
    if fetched := row.get("fetched"):
        with world.at(world.ago(fetched["hours_ago"])):
            _fetch(fetched, purchase, who, world)


def _fetch(row: dict[str, Any], purchase: GroupPurchase, who: Actor, world: World) -> None:
    """Ask for the chain that was drafted, and let its place say yes; none where its van is never free before."""
    draft = draft_for(purchase.origin)
    leg = _free_leg(row, draft.until_at, world) if draft else None
    if draft is None or leg is None:
        world.dropped["story"] += 1
        return
    wanted = chains.ChainRequest(
        organisation_id=purchase.organisation_id,
        product=draft.product,
        cargo=draft.cargo,
        legs=[leg],
        purpose=f"{draft.product} : du fournisseur à la répartition",
        from_place=draft.place,
        message=row["message"],
        licence_years=world.licences[row["resource"]],
        draft_ref=draft.public_id,
    )
    chain = chains.ask_chain(wanted, who, uid_host=world.uid_host)
    bookings.approve_legs(chain.bundle.id, world.manager_of(row["resource"]))


def _free_leg(row: dict[str, Any], before: datetime, world: World) -> PlannedLeg | None:
    resource_id = world.resources[row["resource"]]
    for number in range(2, _DAYS):
        span = span_from(world.today + timedelta(days=number), row["times"])
        if span.end <= before and not verdict(Wish(resource_id, span, 1)):
            return PlannedLeg(Role.COLLECT, resource_id, span, metres=row["km"] * 1000)
    return None


def _new(row: dict[str, Any], world: World) -> service.NewPurchase:
    last = datetime.combine(world.today + timedelta(days=row["deadline"]), _LAST_HOUR)
    packing = world.scenes.get(row.get("packing", ""))
    later = service.Later(from_wall(last, ZONE), packing.ref if packing else "", row["bring"], row["note"])
    cargo = Cargo(
        row["least"] * KILO, Packaging(row["packaging"]), row["per_package"] * KILO, Regime(row["regime"])
    )
    most = row["most"] * KILO if "most" in row else None
    return service.NewPurchase(row["product"], row["supplier"], row["price_cents"], cargo, later, most)
