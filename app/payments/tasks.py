"""Work of money that waits for its day."""

from app.infra.jobs import Payload, job
from app.payments import service
from app.payments.service.tariffs import SHOW_PRICE


@job(SHOW_PRICE)
def show_price(payload: Payload) -> None:
    """Let the catalogue show the price of a tariff that begins."""
    service.show_prices([payload["resource_id"]])
