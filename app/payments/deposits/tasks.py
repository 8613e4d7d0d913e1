"""Deposits that are not given back in time, and files nobody shows."""

from datetime import timedelta

from app.infra.jobs import Payload, periodic
from app.payments.deposits import service


@periodic("deposits.remind_due", every=timedelta(hours=1), offset=timedelta(minutes=20))
def remind(_payload: Payload) -> None:
    """Remind those who hold a deposit that is to be given back."""
    service.remind_due()


@periodic("deposits.sweep_photos", every=timedelta(days=1), offset=timedelta(hours=2, minutes=35))
def sweep(_payload: Payload) -> None:
    """Forget the files of photos that stand with no deposit."""
    service.sweep_photos()
