"""Loads what organisations of the demo have, hand over and measure: notes signed or not, a room that got too warm."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from app.demo.world import World
from app.infra.db import db
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.supply.cargo import KILO, PACKAGES, Packaging, Regime
from app.supply.lots import service
from app.supply.lots.models import Lot, LotSource
from app.supply.offers.queries import find_part
from app.supply.offers.service import collect

_FILE: Final = Path(__file__).parent / "data" / "lots.toml"


def load_lots(world: World) -> None:
    """Enter the lots, hand them over, then read the temperatures: what an alarm blocks stays blocked."""
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    lots: dict[str, tuple[int, int]] = {}  # key → the lot and its organisation
    with atomic(), quiet():
        for row in told["lots"]:
            lots[row["key"]] = _enter(row, world)
            world.counts["lots"] += 1
        for row in told["notes"]:
            _hand_over(row, lots, world)
            world.counts["handovers"] += 1
        for row in told["readings"]:
            _read(row, world)


def _enter(row: dict[str, Any], world: World) -> tuple[int, int]:
    packaging = Packaging(row["packaging"]) if "packaging" in row else None
    organisation_id = world.organisations[row["organisation"]]
    with world.at(world.ago(row["hours_ago"])) as now:
        new = service.NewLot(
            product=row["product"],
            grams=row["kilos"] * KILO,
            regime=Regime(row["regime"]),
            received_on=now.date(),
            packaging=packaging,
            per_package=PACKAGES[packaging].holds if packaging else None,
            origin_id=world.organisations.get(row.get("origin_of", "")),
            origin=row.get("origin", ""),
            use_by=_in(row.get("use_by_days"), world),
            best_before=_in(row.get("best_before_days"), world),
            resource_id=world.resources.get(row.get("place", "")),
            surplus_claim_ref=world.parts.get(row.get("part", "")),
            bundle_id=world.bundles.get(row.get("chain", "")),
            note=row.get("note", ""),
        )
        lot = service.enter(world.actor(row["by"], row["organisation"]), organisation_id, new)
    return lot.id, organisation_id


def _in(days: int | None, world: World) -> Any:
    return None if days is None else world.today + timedelta(days=days)


def _hand_over(row: dict[str, Any], lots: dict[str, tuple[int, int]], world: World) -> None:
    lot_id, giver_id = lots[row["lot"]]
    giver = world.actor(row["by"], _key_of(giver_id, world))
    receiver_id = world.organisations.get(row.get("to", ""))
    written = service.NewNote(
        giver_id,
        {lot_id: row["kilos"] * KILO},
        receiver_id,
        row.get("people"),
        row["tenths"],
        row.get("packages"),
    )
    with world.at(world.ago(row["hours_ago"])):
        note = service.draft(giver, written)
        if "signed" in row:
            service.give(giver, note.id, row["signed"])
    if "received" in row and receiver_id is not None:
        came = row["received"]
        with world.at(world.ago(row["hours_ago"] - 1)):
            receipt = service.Receipt(
                came["name"], {lot_id: came["kilos"] * KILO}, came["reason"], came["tenths"]
            )
            service.receive(world.actor(came["by"], row["to"]), note.id, receipt)
            if came.get("ends_part"):  # less came, and there is nothing left to fetch: who offers says so
                part = find_part(db.session.get_one(Lot, lot_id).surplus_claim_ref or "")
                collect(giver, part.id if part else 0)
        made = select(LotSource.lot_id).filter_by(source_id=lot_id, line_id=note.lines[0].id)
        lots[came["becomes"]] = db.session.scalars(made).one(), receiver_id


def _key_of(organisation_id: int, world: World) -> str:
    return next(key for key, number in world.organisations.items() if number == organisation_id)


def _read(row: dict[str, Any], world: World) -> None:
    manager = world.manager_of(row["resource"])
    for hours, tenths in zip(row["hours"], row["tenths"], strict=True):
        with world.at(world.ago(hours)):
            service.read(manager, world.resources[row["resource"]], tenths)
