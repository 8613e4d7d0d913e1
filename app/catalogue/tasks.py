"""What the catalogue does in the background."""

from datetime import timedelta

from app.catalogue.service import forget_contacts, sweep_photos
from app.infra.jobs import Payload, periodic


@periodic("catalogue.sweep_photos", every=timedelta(days=1), offset=timedelta(hours=2, minutes=20))
def sweep(_payload: Payload) -> None:
    """Forget the files of photos that were taken away."""
    sweep_photos()


@periodic("catalogue.forget_contacts", every=timedelta(days=1), offset=timedelta(hours=2, minutes=25))
def forget(_payload: Payload) -> None:
    """Forget, every night, how to reach places that have taken no part for years."""
    forget_contacts()
