"""Loads what organisations of the demo look for, who can help, and what was looked for in vain."""

import tomllib
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from app.catalogue.communes import get_commune
from app.core.span import from_wall
from app.demo.world import ZONE, World
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.supply.cargo import KILO
from app.supply.needs import service
from app.supply.needs.counting import count_unmet
from app.supply.needs.rules import Source
from app.supply.offers.rules import Point

_FILE: Final = Path(__file__).parent / "data" / "needs.toml"
_LAST_HOUR: Final = time(18)
_WEEK_HOURS: Final = 7 * 24


def load_needs(world: World) -> None:
    """Look for it, and let others say that they can help."""
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    with atomic(), quiet():
        _count_unmet(told["unmet"], world)
        for row in told["needs"]:
            with world.at(world.ago(row["hours_ago"])):
                need = service.post(world.actor(row["by"], row["organisation"]), _new(row, world))
            world.counts["needs"] += 1
            for answer in row.get("answers", ()):
                helper, organisation = answer["by"], answer["organisation"]
                with world.at(world.ago(answer["hours_ago"])):
                    service.help_with(
                        world.actor(helper, organisation),
                        need.id,
                        world.organisations[organisation],
                        answer["message"],
                    )


def _count_unmet(rows: list[dict[str, Any]], world: World) -> None:
    for row in rows:
        source = Source.PLAN if row.get("plan") else Source.SEARCH
        what = row.get("kind", ""), row["commune"], row.get("regime", "")
        for weeks_ago, number in enumerate(row["weeks"]):
            with world.at(world.ago(weeks_ago * _WEEK_HOURS)):
                for _time in range(number):
                    count_unmet(world.territory_id, source, *what)


def _new(row: dict[str, Any], world: World) -> service.NewNeed:
    commune = get_commune(row["commune"])
    around = service.Around(
        commune_code=commune.code, point=Point(*commune.point), radius_km=row["radius_km"]
    )
    return service.NewNeed(
        organisation_id=world.organisations[row["organisation"]],
        what=_place(row, world) if "kind" in row else _food(row, world),
        around=around,
        note=row["note"],
    )


def _food(row: dict[str, Any], world: World) -> service.Food:
    last = datetime.combine(world.today + timedelta(days=row["days"]), _LAST_HOUR)
    return service.Food(
        product=row["product"],
        category=row["category"],
        grams=row["kilos"] * KILO,
        regime=row.get("regime", ""),
        until_at=from_wall(last, ZONE),
    )


def _place(row: dict[str, Any], world: World) -> service.Place:
    last = world.today + timedelta(days=row["last"]) if "last" in row else None
    return service.Place(
        kind=row["kind"],
        quantity=row["quantity"],
        first_day=world.today + timedelta(days=row["first"]),
        last_day=last,
        start_time=row.get("start", ""),
        end_time=row.get("end", ""),
        regime=row.get("regime", ""),
    )
