"""Work in the background: requests that nobody answered end on time."""

from datetime import timedelta

from app.bookings.service import expire_due
from app.infra.jobs import Payload, periodic


@periodic("bookings.expire_due", every=timedelta(minutes=1))
def expire(_payload: Payload) -> None:
    """End the requests whose time to be answered is over."""
    expire_due()
