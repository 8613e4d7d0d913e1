"""Where a chain is prepared, with what is known of it filled in: from an offer, a gleaning, a need."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from app.catalogue.naming import label_of
from app.core.span import to_wall
from app.supply.cargo import KILO, Cargo


def prepare_url(
    product: str,
    cargo: Cargo,
    *,
    commune: str,
    place: str,
    from_at: datetime,
    until_at: datetime,
    zone: ZoneInfo,
    part: str = "",
    offer: str = "",
) -> str:
    """Give the address of the page that proposes chains for a cargo.

    It can be collected at a place (in words) in a commune (its code) between two instants; `part` is the public
    reference of the part of an offer it is, `offer` that of an offer of who asks.
    """
    since, until = to_wall(from_at, zone), to_wall(until_at, zone)
    fields = {
        "produit": product,
        "kilos": f"{cargo.grams / KILO:g}",
        "conditionnement": cargo.packaging,
        "par": f"{cargo.per_package / KILO:g}",
        "temperature": cargo.regime,
        "commune": label_of(commune) or commune,
        "lieu": place,
        "date": since.date().isoformat(),
        "de": f"{since:%H:%M}",
        "fin": until.date().isoformat(),
        "a": f"{until:%H:%M}",
        "part": part,
        "offre": offer,
    }
    given: dict[str, Any] = {name: value for name, value in fields.items() if value}
    return url_for("chains.prepare", **given)
