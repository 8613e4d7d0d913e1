"""Surplus as the API answers it."""

from zoneinfo import ZoneInfo

from app.accounts.models import Organisation
from app.api.instants import write_instant
from app.api.writing import Json, absolute
from app.supply.cargo import Cargo
from app.supply.offers.models import SurplusClaim
from app.supply.offers.queries import Found


def write_offer(found: Found) -> Json:
    """Write an offer."""
    offer = found.offer
    zone = ZoneInfo(offer.territory.timezone)
    return {
        "ref": offer.public_id,
        "state": offer.state,
        "product": offer.product,
        "category": offer.category,
        "regime": offer.regime,
        "grams": offer.grams,
        "left": found.left,
        "load": write_load(offer.cargo),
        "where": {
            "commune_code": offer.commune_code,
            "place": offer.place,
            "lat": offer.lat,
            "lon": offer.lon,
        },
        "km": None if found.km is None else round(found.km, 1),
        "start": write_instant(offer.from_at, zone),
        "end": write_instant(offer.until_at, zone),
        "use_by": offer.use_by.isoformat() if offer.use_by else None,
        "price_cents": offer.price_cents,
        "note": offer.note,
        "organisation": _named(offer.organisation),
        "created_at": write_instant(offer.created_at, zone),
        "url": absolute(f"/surplus/{offer.public_id}"),
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
        "organisation": _named(claim.organisation),
        "grams": claim.grams,
        "message": claim.message,
        "created_at": write_instant(claim.created_at, ZoneInfo(claim.offer.territory.timezone)),
    }


def _named(organisation: Organisation) -> Json:
    return {"id": organisation.public_id, "slug": organisation.slug, "name": organisation.name}
