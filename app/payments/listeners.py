"""What the catalogue's pages ask of money: where what a resource costs is said."""

from collections.abc import Collection

from flask import url_for
from flask_babel import gettext as _

from app.catalogue.asks import Beside, adds_page, tells_priced
from app.catalogue.models import Resource
from app.core import clock
from app.payments import queries
from app.payments.models import TariffVersion
from app.payments.tariff_words import unit_price


@adds_page
def tariff_pages(resources: Collection[Resource]) -> dict[int, Beside]:
    """Give the page of the tariff of each resource whose territory reckons with money."""
    priced = [each for each in resources if queries.has_money(each.territory_id)]
    found = queries.tariffs_at([each.id for each in priced], clock.now()) if priced else {}
    return {
        each.id: Beside(
            url_for("payments.tariffs", slug=each.slug), "euro", _("Tariff"), _now(found.get(each.id))
        )
        for each in priced
    }


def _now(version: TariffVersion | None) -> str:
    if version is None:
        return _("None yet: the price is only shown")
    tariff = version.tariff
    if tariff is None:
        return _("Free of charge")
    return ", ".join(unit_price(line.meter, line.unit_cents) for line in tariff.lines)


@tells_priced
def is_priced(resource: Resource) -> bool:
    """Tell whether a tariff says what a resource costs."""
    return (
        queries.has_money(resource.territory_id) and queries.find_tariff(resource.id, clock.now()) is not None
    )
