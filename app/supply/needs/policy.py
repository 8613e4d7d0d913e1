"""Who may do what with needs. Their subject is a need as somebody sees it (`queries.Viewed`)."""

from enum import StrEnum
from typing import Any

from app.core.policy import Actor, Table, platform_admin, signed_in
from app.supply.needs.queries import Viewed


class NeedPermission(StrEnum):
    """What can be asked of the room of needs."""

    SEE_BOARD = "needs.see_board"
    POST = "needs.post"
    SEE = "needs.see"
    HELP = "needs.help"
    KEEP = "needs.keep"  # say that it is found, look no longer
    SEE_ANSWERS = "needs.see_answers"
    SEE_GAPS = "needs.see_gaps"  # its subject is a territory


def acts_for_somebody(actor: Actor, _subject: Any) -> bool:
    """Hold for the members of any active organisation."""
    return bool(actor.memberships)


def takes_part(_actor: Actor, viewed: Viewed) -> bool:
    """Hold for the members of the organisations of the territory."""
    return bool(viewed.ours)


def may_help(_actor: Actor, viewed: Viewed) -> bool:
    """Hold for the members of another organisation of the territory."""
    return bool(viewed.helpers)


def looks_for_it(actor: Actor, viewed: Viewed) -> bool:
    """Hold for the members of the organisation that looks."""
    return actor.belongs_to(viewed.need.organisation_id)


def coordinates(actor: Actor, viewed: Viewed) -> bool:
    """Hold for the coordination of the territory."""
    return viewed.need.territory_id in actor.coordinated


def coordinates_it(actor: Actor, territory: Any) -> bool:
    """Hold for the coordination of a territory."""
    return territory is not None and territory.id in actor.coordinated


TABLE: Table = {
    NeedPermission.SEE_BOARD: [[signed_in]],
    NeedPermission.POST: [[acts_for_somebody]],
    NeedPermission.SEE: [[takes_part], [coordinates], [platform_admin]],
    NeedPermission.HELP: [[may_help]],
    NeedPermission.KEEP: [[looks_for_it]],
    NeedPermission.SEE_GAPS: [[coordinates_it], [platform_admin]],
    NeedPermission.SEE_ANSWERS: [[looks_for_it], [coordinates], [platform_admin]],
}
