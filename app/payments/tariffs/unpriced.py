"""What has no price: how much of it was used is kept, so that its value can be told once somebody knows it. Pure."""

from datetime import timedelta
from typing import Final

from app.payments.tariffs.measures import Use
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime

NO_PRICE: Final = "no_price"  # the reason that is kept where nobody has said another one (app.payments.words)
_DAY: Final = timedelta(days=1).total_seconds()


def unpriced(use: Use) -> Tariff:
    """Give the tariff of what has no price: hours of what is had for less than a day, else units by the day."""
    is_short = use.stay is None or use.stay.span.seconds < _DAY
    meter = Meter.HOUR if is_short else Meter.PALLET_DAY
    return Tariff((TariffLine(meter, 0),), VatRegime.OUT_OF_SCOPE)
