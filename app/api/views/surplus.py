"""Surplus through the API: what is offered around, one offer, and taking a part of it."""

from flask import Response, url_for

from app.api import writing
from app.api.cursors import read_cursor, write_cursor
from app.api.errors import refuse
from app.api.offer_requests import SurplusBody, read_offer
from app.api.openapi import PERSONAL, api, says
from app.api.reading import read_commune
from app.api.requests import KeyHeader, ReasonBody
from app.api.surplus_answers import Surplus, SurplusPage, SurplusPart
from app.api.surplus_requests import PartBody, SurplusQuery
from app.api.surplus_writing import write_offer, write_part
from app.api.views import blueprint
from app.api.views.bookings import organisation_of, own_organisation
from app.core.errors import Forbidden, NotFound
from app.core.policy import can
from app.supply.offers import queries, service
from app.supply.offers.policy import OfferPermission as P
from app.supply.offers.queries import Found, Sought, Viewed
from app.supply.offers.rules import Point
from app.web.guards import allowed
from app.web.identity import current_actor

_REF = {"offer_ref": "Reference of the offer."}


def seen_offer(offer_ref: str) -> Viewed:
    """Find an offer for the caller; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    viewed = queries.get_viewed(offer_ref.upper(), current_actor())
    if not can(current_actor(), P.SEE, viewed):
        raise NotFound(kind="surplus_offer")
    return viewed


@blueprint.get("/surplus")
@allowed(P.SEE_BOARD)
@api.validate(resp=says(SurplusPage), tags=["surplus"], security=PERSONAL, operation_id="findSurplus")
def find_surplus(query: SurplusQuery) -> Response:
    """List what is offered now in your territories and not taken yet, the nearest first."""
    found = queries.board(queries.territories_of(current_actor()), _sought(query))
    after = read_cursor(query.cursor, lambda first, last: (float(str(first)), last))
    ordered = sorted(found, key=_key)
    rest = [each for each in ordered if after is None or _key(each) > after]
    shown, more = rest[: query.limit], len(rest) > query.limit
    cursor = write_cursor(_key(shown[-1])) if more else None
    return writing.answer({"items": [write_offer(each) for each in shown], "next_cursor": cursor})


@blueprint.get("/surplus/<offer_ref>")
@allowed(P.SEE, load=seen_offer)
@api.validate(
    resp=says(Surplus, 404), tags=["surplus"], security=PERSONAL, operation_id="getSurplus",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def get_surplus(viewed: Viewed) -> Response:
    """Read one offer, and what is left of it."""
    km = queries.nearest(points_here(), viewed.offer.point)
    return writing.answer(write_offer(Found(viewed.offer, queries.left_of(viewed.offer), km)))


@blueprint.post("/surplus")
@allowed(P.POST)
@api.validate(
    resp=says(Surplus, 403, 404, created=True), tags=["surplus"], security=PERSONAL, operation_id="postSurplus"
)  # fmt: skip
def post_surplus(json: SurplusBody, headers: KeyHeader) -> Response:
    """Offer what an organisation has too much of; under the same `Idempotency-Key` it is one offer."""
    ours = own_organisation(json.organisation)
    offer = service.post(current_actor(), ours.id, read_offer(json, ours), headers.key)
    address = url_for("api.get_surplus", offer_ref=offer.public_id)
    return writing.answer(write_offer(Found(offer, queries.left_of(offer))), 201, Location=address)


@blueprint.post("/surplus/<offer_ref>/withdraw")
@allowed(P.KEEP, load=seen_offer)
@api.validate(
    resp=says(Surplus, 403, 404, 409), tags=["surplus"], security=PERSONAL, operation_id="withdrawSurplus",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def withdraw_surplus(viewed: Viewed, json: ReasonBody) -> Response:
    """Offer it no longer, with a reason: what was taken and not collected is cancelled."""
    ref = viewed.offer.public_id
    service.withdraw(current_actor(), viewed.offer.id, json.reason)
    offer = queries.get_viewed(ref, current_actor()).offer
    return writing.answer(write_offer(Found(offer, queries.left_of(offer))))


@blueprint.post("/surplus/<offer_ref>/parts")
@allowed(P.SEE, load=seen_offer)
@api.validate(
    resp=says(SurplusPart, 403, 404, 409, created=True), tags=["surplus"], security=PERSONAL,
    operation_id="takeSurplus", path_parameter_descriptions=_REF,
)  # fmt: skip
def take_surplus(viewed: Viewed, json: PartBody, headers: KeyHeader) -> Response:
    """Take a part of an offer, or all that is left: it is yours at once.

    It keeps the price that it has now. 409 `too_little_left` where less is there than you take (`facts`: `left`),
    `price_changed` where it costs something else than your `price_cents`. Sent again with the same
    `Idempotency-Key` it is one part; with another body, 422.
    """
    offer_id = viewed.offer.id
    part = service.Part(
        organisation_of(json.organisation), json.grams, json.message, headers.key, json.price_cents
    )
    claim = service.take(current_actor(), offer_id, part)
    return writing.answer(write_part(claim), 201)


def _key(found: Found) -> tuple[float, int]:
    return round(found.km or 0.0, 3), found.offer.id


def _sought(query: SurplusQuery) -> Sought:
    near = points_here()
    if query.commune is not None:
        commune = read_commune(query.commune)
        if commune is None:
            raise refuse("query", "commune", "place_unknown", typed=query.commune)
        near = (Point(*commune.point),)
    if query.radius_km is not None and not near:
        raise refuse("query", "radius_km", "place_missing")
    return Sought(query.category or "", query.regime or "", query.gift, near, query.radius_km)


def points_here() -> tuple[Point, ...]:
    """Tell where the organisation is that the caller acts for."""
    ours = queries.find_organisation(current_actor().acting_for)
    return queries.points_of([ours]).get(ours.id, ()) if ours else ()
