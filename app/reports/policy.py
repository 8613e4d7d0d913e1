"""Who may see how a territory is doing. The subject is a territory (`id`, None where there is none to see)."""

from enum import StrEnum
from typing import Any

from app.core.policy import Actor, Table, platform_admin


class ReportPermission(StrEnum):
    """What can be asked of the room of reports."""

    OVERSEE = "reports.oversee"


def coordinates(actor: Actor, territory: Any) -> bool:
    """Hold for the coordination of the territory."""
    return territory.id in actor.coordinated


TABLE: Table = {ReportPermission.OVERSEE: [[coordinates], [platform_admin]]}
