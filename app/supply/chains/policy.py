"""Who may do what with chains. Who may see, mend or give up one is said of its request, by the room of bookings."""

from enum import StrEnum

from app.bookings.policy import coordinates
from app.core.policy import Table, signed_in


class ChainPermission(StrEnum):
    """What can be asked for around chains."""

    SEE_OWN = "chains.see_own"
    PREPARE = "chains.prepare"
    OVERRIDE_FOOD_AID = "chains.override_food_aid"


TABLE: Table = {
    ChainPermission.SEE_OWN: [[signed_in]],
    ChainPermission.PREPARE: [[signed_in]],
    ChainPermission.OVERRIDE_FOOD_AID: [[coordinates]],
}
