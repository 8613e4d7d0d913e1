"""Loads who is authorised for food aid in the demo: one for long, one not for long any more, one to be confirmed."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Final

from app.accounts import service as accounts
from app.demo.world import World
from app.infra.uow import atomic
from app.notifications.quiet import quiet

_FILE: Final = Path(__file__).parent / "data" / "food_aid.toml"
_HOURS_AGO: Final = 30


def load_food_aid(world: World) -> None:
    """Enter the authorisations, and let the coordination confirm those it has seen."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["authorisations"]
    with atomic(), quiet(), world.at(world.ago(_HOURS_AGO)):
        for row in rows:
            first, last = (world.today + timedelta(days=row[end]) for end in ("first", "last"))
            facts = accounts.AuthorisationFacts(
                row["level"], first, last, row.get("reference", ""), row.get("network", "")
            )
            who = world.actor(row["by"], row["organisation"])
            made = accounts.enter_authorisation(who, world.slugs[row["organisation"]], facts)
            if row["confirmed"]:
                accounts.confirm_authorisation(world.actor("coordination"), made.id)
