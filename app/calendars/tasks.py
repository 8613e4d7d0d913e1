"""Background work of calendars."""

from datetime import timedelta

from app.calendars import service
from app.infra.jobs import Payload, periodic


@periodic("calendars.sweep", every=timedelta(days=1), offset=timedelta(hours=2, minutes=40))
def sweep(_payload: Payload) -> None:
    """Forget written events and dead links that nobody asks for any more."""
    service.sweep()
