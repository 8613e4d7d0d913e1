"""Surplus as the API answers it."""

from zoneinfo import ZoneInfo

from app.accounts.models import Organisation
from app.api.instants import write_instant
from app.api.writing import Json, absolute
from app.supply.cargo import Cargo
from app.supply.offers.models import Goods, SurplusClaim
from app.supply.offers.queries import Found


def write_offer(found: Found) -> Json:
    """Write an offer."""
    offer = found.offer
    zone = ZoneInfo(offer.territory.timezone)
    return write_goods(offer) | {
        "ref": offer.public_id,
        "state": offer.state,
        "left": found.left,
        "km": None if found.km is None else round(found.km, 1),
        "start": write_instant(offer.from_at, zone),
        "end": write_instant(offer.until_at, zone),
        "use_by": offer.use_by.isoformat() if offer.use_by else None,
        "price_cents": offer.price_cents,
        "note": offer.note,
        "created_at": write_instant(offer.created_at, zone),
        "url": absolute(f"/surplus/{offer.public_id}"),
    }


def write_goods(goods: Goods) -> Json:
    """Write what there is, what it is on the road, where, and whose."""
    return {
        "product": goods.product,
        "category": goods.category,
        "regime": goods.regime,
        "grams": goods.grams,
        "load": write_load(goods.cargo),
        "where": {
            "commune_code": goods.commune_code,
            "place": goods.place,
            "lat": goods.lat,
            "lon": goods.lon,
        },
        "organisation": write_named(goods.organisation),
    }


def write_load(cargo: Cargo) -> Json:
    """Write what a cargo is on the road."""
    return {
        "packaging": cargo.packaging,
        "per_package": cargo.per_package,
        "packages": cargo.packages,
        "pallets": cargo.pallets,
        "gross": cargo.gross,
        "litres": cargo.litres,
    }


def write_part(claim: SurplusClaim) -> Json:
    """Write a part that somebody took."""
    return {
        "ref": claim.public_id,
        "state": claim.state,
        "offer": claim.offer.public_id,
        "organisation": write_named(claim.organisation),
        "grams": claim.grams,
        "price_cents": claim.price_cents,
        "message": claim.message,
        "created_at": write_instant(claim.created_at, ZoneInfo(claim.offer.territory.timezone)),
    }


def write_named(organisation: Organisation) -> Json:
    """Write an organisation by its names."""
    return {"id": organisation.public_id, "slug": organisation.slug, "name": organisation.name}
