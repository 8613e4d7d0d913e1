"""What a place costs in words, from all that it says about its price."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from flask_babel import gettext as _

from app.catalogue.kinds.words import amount
from app.catalogue.rules import FROM_PRICE, KM_PRICE
from app.web.format import money


class ShownPrice(Protocol):
    """What a resource says of its price."""

    @property
    def price_cents(self) -> int:
        """What a use costs; 0 where it costs nothing."""

    @property
    def price_per(self) -> str:
        """For what that is: an hour, a day…"""

    @property
    def unit(self) -> str:
        """What it is counted in."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What its kind tells of it, among it what a vehicle costs for each kilometre."""


class Priced(ShownPrice, Protocol):
    """A resource as far as its price goes in words."""

    @property
    def capacity(self) -> int:
        """How many there are."""


def cost_words(resource: Priced) -> str | None:
    """Say what a resource costs, for its time and for each kilometre; None when it is free."""
    price = price_words(resource.price_cents, resource.price_per, resource.unit, resource.capacity)
    if price is not None and resource.facts.get(FROM_PRICE):
        price = _("from %(price)s", price=price)
    cents = int(resource.facts.get(KM_PRICE) or 0)
    if not cents:
        return price
    if price is None:
        return _("%(price)s a kilometre", price=money(cents))
    return _("%(price)s, and %(more)s a kilometre", price=price, more=money(cents))


def price_words(cents: int, per: str, unit: str = "whole", capacity: int = 1) -> str | None:
    """Write a price: "12,00 € l'heure", "1,20 € par jour pour 1 palette"; None when it is free.

    A length of time costs so much for each unit that is taken (app.payments.tariffs.measures): where there are
    several, it is said for one of them.
    """
    if not cents:
        return None
    one = amount(unit, 1)
    if per.startswith("unit_") or (capacity > 1 and unit != "whole"):
        each = _for_one(per.removeprefix("unit_"), money(cents), one)
        if each:
            return each
    sentences: Mapping[str, Callable[[str], str]] = {
        "hour": lambda price: _("%(price)s an hour", price=price),
        "half_day": lambda price: _("%(price)s a half day", price=price),
        "day": lambda price: _("%(price)s a day", price=price),
        "week": lambda price: _("%(price)s a week", price=price),
        "month": lambda price: _("%(price)s a month", price=price),
        "season": lambda price: _("%(price)s a season", price=price),
    }
    return sentences.get(per, _each_time)(money(cents))


def _for_one(per: str, price: str, unit: str) -> str:
    """Write what one unit costs for a length of time; empty for a price of each use, which is the same for many."""
    match per:
        case "hour":
            return _("%(price)s an hour for %(unit)s", price=price, unit=unit)
        case "half_day":
            return _("%(price)s a half day for %(unit)s", price=price, unit=unit)
        case "day":
            return _("%(price)s a day for %(unit)s", price=price, unit=unit)
        case "week":
            return _("%(price)s a week for %(unit)s", price=price, unit=unit)
        case "month":
            return _("%(price)s a month for %(unit)s", price=price, unit=unit)
        case "season":
            return _("%(price)s a season for %(unit)s", price=price, unit=unit)
    return ""


def _each_time(price: str) -> str:
    return _("%(price)s each time", price=price)
