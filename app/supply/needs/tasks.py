"""Needs whose time is over, and what is forgotten of them."""

from datetime import timedelta

from app.infra.jobs import Payload, periodic
from app.supply.needs import counting, service


@periodic("needs.expire_due", every=timedelta(minutes=15))
def expire(_payload: Payload) -> None:
    """Close the needs whose last moment has passed."""
    service.expire_due()


@periodic("needs.forget_old", every=timedelta(days=1), offset=timedelta(hours=2, minutes=50))
def forget(_payload: Payload) -> None:
    """Forget, every night, the words of needs long over, and what was looked for in vain a year ago."""
    service.forget_old()
    counting.forget_counts()
