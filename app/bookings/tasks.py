"""Work in the background: requests that nobody answered end on time, old talk is forgotten."""

from datetime import timedelta

from app.bookings.service import expire_due
from app.bookings.upkeep import forget_old
from app.infra.jobs import Payload, periodic


@periodic("bookings.expire_due", every=timedelta(minutes=1))
def expire(_payload: Payload) -> None:
    """End the requests whose time to be answered is over."""
    expire_due()


@periodic("bookings.forget_old", every=timedelta(days=1), offset=timedelta(hours=2, minutes=30))
def forget(_payload: Payload) -> None:
    """Forget, every night, what was written about bookings long over, and links that no longer decide."""
    forget_old()
