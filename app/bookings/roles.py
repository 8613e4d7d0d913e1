"""As what somebody acts who is not of the organisation a booking is for: noted down, because roles come and go."""

from typing import Any

from app.bookings.policy import coordinates, is_party, manages_site, stands_in
from app.core.policy import Actor

OWN, COORDINATION, MANAGER = "", "coordination", "manager"


def asks_as(actor: Actor, organisation_id: int, resource: Any) -> str:
    """Tell as what somebody asks for an organisation: as one of it, or on its behalf."""
    if actor.belongs_to(organisation_id):
        return OWN
    return MANAGER if manages_site(actor, resource) else COORDINATION


def writes_as(actor: Actor, booking: Any) -> str:
    """Tell as what somebody writes about a booking: for one of its two sides, or between them."""
    if is_party(actor, booking) or manages_site(actor, booking) or stands_in(actor, booking):
        return OWN
    return COORDINATION if coordinates(actor, booking) else OWN
