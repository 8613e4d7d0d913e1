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
    slugs = {each.id: each.slug for each in resources}
    return {
        resource_id: Beside(
            url_for("payments.tariffs", slug=slugs[resource_id]), "euro", _("Tariff"), _now(version)
        )
        for resource_id, version in queries.priced_at(slugs.keys(), clock.now()).items()
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
    return queries.priced_at([resource.id], clock.now()).get(resource.id) is not None
