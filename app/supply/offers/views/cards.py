"""An offer in a few words, for lists and for its page."""

from typing import Any

from flask import url_for

from app.catalogue.communes import find_commune
from app.core import clock
from app.supply.cargo_words import REGIMES, kilos, packages_words
from app.supply.offers.models import SurplusClaim, SurplusOffer
from app.supply.offers.queries import Found
from app.supply.offers.words import (
    CATEGORIES,
    CLAIM_STATES,
    PICTURES,
    price_words,
    standing_words,
    until_words,
)
from app.web.format import distance, money
from app.web.static import illustration_url


def card(found: Found) -> dict[str, Any]:
    """Write an offer for the board."""
    offer = found.offer
    commune = find_commune(offer.commune_code)
    return {
        "href": url_for("surplus.show", ref=offer.public_id),
        "name": offer.product,
        "category": CATEGORIES[offer.category],
        "who": offer.organisation.name,
        "where": commune.name if commune else offer.place,
        "km": distance(found.km) if found.km is not None else "",
        "left": kilos(found.left),
        "until": until_words(offer),
        "price": price_words(offer.price_cents),
        "picture": picture_of(offer, "small"),
        "chips": [
            REGIMES[offer.regime],
            packages_words(offer.packaging, offer.cargo.of(found.left).packages),
        ],
    }


def own_line(found: Found) -> dict[str, Any]:
    """Write an offer for those who made it."""
    offer = found.offer
    is_open = offer.is_open_at(clock.now())
    return {
        "href": url_for("surplus.show", ref=offer.public_id),
        "name": offer.product,
        "who": offer.organisation.name,
        "when": until_words(offer),
        "standing": standing_words(offer, found.left, is_open=is_open),
        "taken": kilos(offer.grams - found.left) if offer.grams > found.left else "",
        "again": "" if is_open else url_for("surplus.propose", comme=offer.public_id),
        "picture": picture_of(offer, "small"),
    }


def part_line(claim: SurplusClaim) -> dict[str, Any]:
    """Write a part that somebody took."""
    state, words = CLAIM_STATES[claim.state]
    return {
        "href": url_for("surplus.show", ref=claim.offer.public_id),
        "name": claim.offer.product,
        "kilos": kilos(claim.grams),
        "amount": money(claim.cents) if claim.price_cents else "",
        "reason": claim.reason,
        "who": claim.offer.organisation.name,
        "when": until_words(claim.offer),
        "state": state,
        "words": words,
        "picture": picture_of(claim.offer, "small"),
    }


def picture_of(offer: SurplusOffer, size: str) -> str:
    """Give the address of its photo, or of a drawing of such food."""
    if offer.photo:
        return url_for("surplus.photo", ref=offer.public_id, size=size)
    return illustration_url(PICTURES[offer.category])
