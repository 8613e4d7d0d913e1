"""Work of settlements that comes back: proposals end by themselves."""

from datetime import timedelta

from app.infra.jobs import Payload, periodic
from app.payments.settlement import service


@periodic("settlement.end_what_is_over", every=timedelta(hours=1))
def end_what_is_over(_payload: Payload) -> None:
    """Let proposals lapse whose time is over, or whose figures are not true any more."""
    service.end_what_is_over()
