"""Work of money that waits for its day, and what comes back every day."""

from datetime import timedelta

from app.infra.jobs import Payload, job, periodic
from app.payments import service
from app.payments.service.tariffs import SHOW_PRICE


@job(SHOW_PRICE)
def show_price(payload: Payload) -> None:
    """Let the catalogue show the price of a tariff that begins."""
    service.show_prices([payload["resource_id"]])


@periodic("payments.forget_lines", every=timedelta(days=1), offset=timedelta(hours=4))
def forget_lines(_payload: Payload) -> None:
    """Forget lines of bank statements that nobody has said anything about."""
    service.forget_lines()
