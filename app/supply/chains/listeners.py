"""What chains do when bookings that are their legs are taken elsewhere."""

from app.bookings.events import ProposalAccepted
from app.infra.events import listens
from app.supply.chains import service


@listens(ProposalAccepted)
def on_accepted(event: ProposalAccepted) -> None:
    """Reckon anew how far is driven."""
    service.drive_anew(event.booking_id, event.from_resource_id)
