"""Work in the background: requests end on time, a missing yes is recalled, series grow, old talk is forgotten."""

from datetime import timedelta

from flask import current_app

from app.bookings.service import (
    charge_due,
    end_missed_offers,
    expire_due,
    extend_due,
    offer_freed,
    remind_due,
    remind_measures,
    sweep_proposals,
    sweep_waiting,
    tell_ends,
)
from app.bookings.upkeep import forget_old
from app.infra.jobs import Payload, job, periodic


@periodic("bookings.expire_due", every=timedelta(minutes=1))
def expire(_payload: Payload) -> None:
    """End the requests whose time to be answered is over."""
    expire_due()


@periodic("bookings.charge_due", every=timedelta(minutes=10))
def charge(_payload: Payload) -> None:
    """Charge the bookings that are over."""
    charge_due()


@periodic("bookings.remind_due", every=timedelta(hours=1))
def remind(_payload: Payload) -> None:
    """Remind those whose yes is awaited for too long."""
    remind_due()


@periodic("bookings.remind_measures", every=timedelta(hours=1))
def remind_of_measures(_payload: Payload) -> None:
    """Remind places of what nobody has measured for days."""
    remind_measures()


@periodic("bookings.sweep_proposals", every=timedelta(minutes=1))
def sweep(_payload: Payload) -> None:
    """Let the proposals nobody answered lapse."""
    sweep_proposals()


@job("bookings.offer_freed")
def offer(payload: Payload) -> None:
    """Offer what was freed of a resource to those who wait for it."""
    offer_freed(payload["resource"])


@periodic("bookings.end_missed_offers", every=timedelta(minutes=1))
def end_missed(_payload: Payload) -> None:
    """Pass on what was offered and not taken in time."""
    end_missed_offers()


@periodic("bookings.sweep_waiting", every=timedelta(minutes=10))
def sweep_lists(_payload: Payload) -> None:
    """End the waiting whose time has passed, and offer what no event told of (such as longer hours)."""
    sweep_waiting()


@periodic("bookings.extend_series", every=timedelta(days=1), offset=timedelta(hours=2, minutes=30))
def extend(_payload: Payload) -> None:
    """Turn the days of series that have come within reach into bookings."""
    extend_due(uid_host=current_app.config["MUTUALIM"].uid_host)


@periodic("bookings.tell_ends", every=timedelta(days=1), offset=timedelta(hours=6))
def tell_of_ends(_payload: Payload) -> None:
    """Tell, every morning, of the stays on land that end in 60 days."""
    tell_ends()


@periodic("bookings.forget_old", every=timedelta(days=1), offset=timedelta(hours=2, minutes=30))
def forget(_payload: Payload) -> None:
    """Forget, every night, what was written about bookings long over, and links that no longer decide."""
    forget_old()
