"""Who may do what with gleanings. Their subject is a gleaning as somebody sees it (`queries.Viewed`)."""

from enum import StrEnum

from app.core.policy import Actor, Table, platform_admin, signed_in
from app.supply.gleanings.queries import Viewed
from app.supply.offers.policy import acts_for_somebody


class GleaningPermission(StrEnum):
    """What can be asked of the room of gleanings."""

    SEE_BOARD = "gleanings.see_board"
    CALL = "gleanings.call"
    SEE = "gleanings.see"
    SIGN_UP = "gleanings.sign_up"
    WITHDRAW = "gleanings.withdraw"
    KEEP = "gleanings.keep"  # change or cancel it, see who comes, say what came of it


def takes_part(_actor: Actor, viewed: Viewed) -> bool:
    """Hold for the members of the organisations of the territory, and its coordination."""
    return viewed.takes_part


def signed_up(_actor: Actor, viewed: Viewed) -> bool:
    """Hold for whoever signed up: their name is on its list, wherever they belong now."""
    return viewed.own is not None


def called_it(actor: Actor, viewed: Viewed) -> bool:
    """Hold for the members of the organisation that calls."""
    return actor.belongs_to(viewed.gleaning.organisation_id)


TABLE: Table = {
    GleaningPermission.SEE_BOARD: [[signed_in]],
    GleaningPermission.CALL: [[acts_for_somebody]],
    GleaningPermission.SEE: [[takes_part], [signed_up], [platform_admin]],
    GleaningPermission.SIGN_UP: [[takes_part]],
    GleaningPermission.WITHDRAW: [[takes_part], [signed_up]],
    GleaningPermission.KEEP: [[called_it]],
}
