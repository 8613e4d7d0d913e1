"""Work of money that comes back every day."""

from datetime import timedelta

from app.infra.jobs import Payload, periodic
from app.payments import service


@periodic("payments.forget_lines", every=timedelta(days=1), offset=timedelta(hours=4))
def forget_lines(_payload: Payload) -> None:
    """Forget lines of bank statements that nobody has said anything about."""
    service.forget_lines()
