"""Gleanings whose time is over, and what is forgotten of them."""

from datetime import timedelta

from app.infra.jobs import Payload, periodic
from app.supply.gleanings import service


@periodic("gleanings.expire_due", every=timedelta(minutes=5))
def expire(_payload: Payload) -> None:
    """Close the calls whose time has passed."""
    service.expire_due()


@periodic("gleanings.forget_old", every=timedelta(days=1), offset=timedelta(hours=2, minutes=50))
def forget(_payload: Payload) -> None:
    """Forget, every night, who came to gleanings long over."""
    service.forget_old()
