"""Offers whose time is over, and what is forgotten of them."""

from datetime import timedelta

from app.infra.jobs import Payload, periodic
from app.supply.offers import service


@periodic("surplus.expire_due", every=timedelta(minutes=5))
def expire(_payload: Payload) -> None:
    """Close the offers whose last moment has passed."""
    service.expire_due()


@periodic("surplus.lapse_due", every=timedelta(hours=1), offset=timedelta(minutes=25))
def lapse(_payload: Payload) -> None:
    """End the parts that nobody collected for long."""
    service.lapse_due()


@periodic("surplus.forget_old", every=timedelta(days=1), offset=timedelta(hours=2, minutes=40))
def forget(_payload: Payload) -> None:
    """Forget, every night, photos and words of offers long over, and the files that nothing shows."""
    service.forget_old()
    service.sweep_photos()


@periodic("surplus.charge_due", every=timedelta(minutes=10))
def charge(_payload: Payload) -> None:
    """Charge what was collected, and is not given."""
    service.charge_due()
