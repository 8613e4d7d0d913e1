"""Who may do what with offers. Their subject is an offer as somebody sees it (`queries.Viewed`)."""

from enum import StrEnum
from typing import Any

from app.accounts.policy import belongs, is_active
from app.core.policy import Actor, Table, platform_admin, signed_in
from app.supply.offers.queries import Viewed


class OfferPermission(StrEnum):
    """What can be asked of the room of offers."""

    SEE_BOARD = "offers.see_board"
    POST = "offers.post"
    SEE = "offers.see"
    TAKE = "offers.take"
    KEEP = "offers.keep"  # change or withdraw it, say what was collected
    SEE_TAKERS = "offers.see_takers"
    SET_ALERTS = "offers.set_alerts"


def acts_for_somebody(actor: Actor, _subject: Any) -> bool:
    """Hold for the members of any active organisation."""
    return bool(actor.memberships)


def takes_part(_actor: Actor, viewed: Viewed) -> bool:
    """Hold for the members of the organisations of the territory."""
    return bool(viewed.ours)


def offers_it(actor: Actor, viewed: Viewed) -> bool:
    """Hold for the members of the organisation that offers."""
    return actor.belongs_to(viewed.offer.organisation_id)


def may_take(_actor: Actor, viewed: Viewed) -> bool:
    """Hold for the members of another organisation of the territory."""
    return bool(viewed.takers)


def coordinates(actor: Actor, viewed: Viewed) -> bool:
    """Hold for the coordination of the territory."""
    return viewed.offer.territory_id in actor.coordinated


TABLE: Table = {
    OfferPermission.SEE_BOARD: [[signed_in]],
    OfferPermission.POST: [[acts_for_somebody]],
    OfferPermission.SEE: [[takes_part], [coordinates], [platform_admin]],
    OfferPermission.TAKE: [[may_take]],
    OfferPermission.KEEP: [[offers_it]],
    OfferPermission.SEE_TAKERS: [[offers_it], [coordinates], [platform_admin]],
    OfferPermission.SET_ALERTS: [[belongs, is_active]],
}
