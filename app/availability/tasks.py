"""Work of the night: keep the compiled opening days ahead of the calendar."""

from datetime import timedelta

from app.availability.schedules import refresh_compiled
from app.infra.jobs import Payload, periodic


@periodic("availability.refresh_compiled", every=timedelta(days=1), offset=timedelta(hours=2))
def refresh(_payload: Payload) -> None:
    """Extend the compiled days of every schedule that runs short."""
    refresh_compiled()
