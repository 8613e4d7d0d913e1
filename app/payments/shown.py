"""What something comes to by a price that is only shown: nobody reckons it here, it is paid between the two."""

from app.catalogue.price_words import ShownPrice
from app.catalogue.rules import KM_PRICE
from app.payments.tariffs.estimating import Estimate, estimate
from app.payments.tariffs.headline import Headline, lines_of
from app.payments.tariffs.measures import Use
from app.payments.tariffs.tariff import Tariff, VatRegime


def shown_tariff(place: ShownPrice) -> Tariff | None:
    """Write the price that a place shows as a tariff, to compare it by; None where it shows none.

    A week has no meter: like a season, it counts once.
    """
    per = "use" if place.price_per == "week" else place.price_per
    lines = lines_of(Headline(place.price_cents, per, int(place.facts.get(KM_PRICE) or 0)), place.unit)
    return Tariff(tuple(lines), VatRegime.OUT_OF_SCOPE) if lines else None


def shown_estimate(place: ShownPrice, use: Use) -> Estimate | None:
    """Work out what a use comes to by the price that a place shows; None where it shows none."""
    tariff = shown_tariff(place)
    return estimate(tariff, [use]) if tariff else None
