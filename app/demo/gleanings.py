"""Loads calls for gleaners into the demo, who signed up for them, and what came of those that are over."""

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
from app.supply.gleanings import service
from app.supply.offers.rules import Category, Point
from app.supply.offers.service import Place

_FILE: Final = Path(__file__).parent / "data" / "gleanings.toml"
_WORDS: Final = ("meeting_point", "ask_for", "tools_provided", "tools_to_bring", "rain", "note")


def load_gleanings(world: World) -> None:
    """Call for them, let people sign up, and say what came of what is over."""
    calls = tomllib.loads(_FILE.read_text(encoding="utf-8"))["gleanings"]
    with atomic(), quiet():
        for row in calls:
            _call(row, world)
            world.counts["gleanings"] += 1


def _call(row: dict[str, Any], world: World) -> None:
    who, new = world.actor(row["by"], row["organisation"]), _new(row, world)
    with world.at(world.ago(row["hours_ago"])):
        gleaning = service.call(who, world.organisations[row["organisation"]], new)
    came = []
    for each in row["sign_ups"]:
        with world.at(world.ago(each["hours_ago"])):
            own = service.sign_up(world.actor(each["by"]), gleaning.id, each["people"])
        came += [own.public_id] * each.get("came", False)
    if "harvest" in row:
        with world.at(new.end_at + timedelta(hours=2)):
            service.harvest(who, gleaning.id, row["harvest"] * KILO)
            service.note_attendance(who, gleaning.id, came)


def _new(row: dict[str, Any], world: World) -> service.NewGleaning:
    commune, packaging = get_commune(row["commune"]), Packaging(row["packaging"])
    day = world.today + timedelta(days=row["days"])
    start, end = (
        from_wall(datetime.combine(day, time.fromisoformat(row[name])), ZONE) for name in ("start", "end")
    )
    return service.NewGleaning(
        product=row["product"],
        category=Category(row["category"]),
        cargo=Cargo(row["kilos"] * KILO, packaging, PACKAGES[packaging].holds, Regime(row["regime"])),
        place=Place(commune.code, row["place"], Point(*commune.point)),
        start_at=start,
        end_at=end,
        least_people=row["least_people"],
        most_people=row["most_people"],
        min_age=row.get("min_age"),
        advice=service.Advice(**{name: row[name] for name in _WORDS}),
    )
