"""Work in the background: requests nobody answered end on time, series grow, old talk is forgotten."""

from datetime import timedelta

from flask import current_app

from app.bookings.service import expire_due, extend_due, sweep_proposals
from app.bookings.upkeep import forget_old
from app.infra.jobs import Payload, periodic


@periodic("bookings.expire_due", every=timedelta(minutes=1))
def expire(_payload: Payload) -> None:
    """End the requests whose time to be answered is over."""
    expire_due()


@periodic("bookings.sweep_proposals", every=timedelta(minutes=1))
def sweep(_payload: Payload) -> None:
    """Let the proposals nobody answered lapse."""
    sweep_proposals()


@periodic("bookings.extend_series", every=timedelta(days=1), offset=timedelta(hours=2, minutes=30))
def extend(_payload: Payload) -> None:
    """Turn the days of series that have come within reach into bookings."""
    extend_due(uid_host=current_app.config["MUTUALIM"].uid_host)


@periodic("bookings.forget_old", every=timedelta(days=1), offset=timedelta(hours=2, minutes=30))
def forget(_payload: Payload) -> None:
    """Forget, every night, what was written about bookings long over, and links that no longer decide."""
    forget_old()
