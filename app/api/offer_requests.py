"""The shape of an offer that is posted through the API, and what it means to the room of offers."""

from typing import Annotated

from pydantic import Field

from app.accounts.models import Organisation
from app.api.chain_requests import CommuneName
from app.api.reading import commune_near
from app.api.repeating import Day
from app.api.requests import Body, Clean, Instant, OrganisationName
from app.api.surplus_requests import CategoryName, PackagingName, RegimeName
from app.supply.cargo import PACKAGES, Cargo, Packaging, Regime
from app.supply.offers.rules import (
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_CENTS,
    MOST_GRAMS,
    USUAL_REGIMES,
    Category,
    Point,
)
from app.supply.offers.service import NewOffer, Place


class SurplusBody(Body):
    """What an organisation has too much of: how much, how packed, where, until when, at what price by the kilo."""

    product: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), Clean]
    category: CategoryName
    grams: Annotated[int, Field(ge=1, le=MOST_GRAMS)]
    packaging: PackagingName = "crate_60x40"
    per_package: Annotated[
        int | None, Field(ge=1, le=MOST_GRAMS, description="Grams in one package; left out, as usual.")
    ] = None
    regime: Annotated[RegimeName | None, Field(description="Left out, as is usual for its category.")] = None
    commune: CommuneName
    place: Annotated[str, Field(max_length=LONGEST_NAME, description="Where exactly, in words."), Clean] = ""
    start: Annotated[Instant | None, Field(description="Not before; left out, from now on.")] = None
    end: Annotated[Instant, Field(description="To be collected by then: within 90 days.")]
    use_by: Day | None = None
    price_cents: Annotated[int, Field(ge=0, le=MOST_CENTS, description="For a kilo; 0 is a gift.")] = 0
    note: Annotated[str, Field(max_length=LONGEST_TEXT), Clean] = ""
    organisation: OrganisationName | None = None


def read_offer(body: SurplusBody, ours: Organisation) -> NewOffer:
    """Read what is offered, in the middle of its commune; raise for what is no commune."""
    commune, packaging = commune_near(body.commune, ours.commune_code), Packaging(body.packaging)
    regime = Regime(body.regime) if body.regime else USUAL_REGIMES[Category(body.category)]
    cargo = Cargo(body.grams, packaging, body.per_package or PACKAGES[packaging].holds, regime)
    place = Place(commune.code, body.place, Point(*commune.point))
    return NewOffer(
        product=body.product, category=Category(body.category), cargo=cargo, place=place,
        from_at=body.start, until_at=body.end, use_by=body.use_by, price_cents=body.price_cents,
        note=body.note,
    )  # fmt: skip
