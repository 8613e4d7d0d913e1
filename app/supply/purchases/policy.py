"""Who may do what with group purchases. Their subject is a purchase as somebody sees it (`queries.Viewed`)."""

from enum import StrEnum

from app.core.policy import Actor, Table, platform_admin, signed_in
from app.supply.offers.policy import acts_for_somebody
from app.supply.purchases.queries import Viewed


class PurchasePermission(StrEnum):
    """What can be asked of the room of group purchases."""

    SEE_BOARD = "purchases.see_board"
    OPEN = "purchases.open"
    SEE = "purchases.see"
    ORDER = "purchases.order"
    KEEP = "purchases.keep"  # change or cancel it, say what was handed out
    SEE_ORDERS = "purchases.see_orders"


def takes_part(_actor: Actor, viewed: Viewed) -> bool:
    """Hold for the members of the organisations of the territory."""
    return bool(viewed.ours)


def organises(actor: Actor, viewed: Viewed) -> bool:
    """Hold for the members of the organisation that organises."""
    return actor.belongs_to(viewed.purchase.organisation_id)


def coordinates(actor: Actor, viewed: Viewed) -> bool:
    """Hold for the coordination of the territory."""
    return viewed.purchase.territory_id in actor.coordinated


TABLE: Table = {
    PurchasePermission.SEE_BOARD: [[signed_in]],
    PurchasePermission.OPEN: [[acts_for_somebody]],
    PurchasePermission.SEE: [[takes_part], [coordinates], [platform_admin]],
    PurchasePermission.ORDER: [[takes_part]],
    PurchasePermission.KEEP: [[organises]],
    PurchasePermission.SEE_ORDERS: [[organises], [coordinates], [platform_admin]],
}
