"""Requests for several resources through the API: asked for with the bookings, read by their own reference."""

from flask import Response, current_app

from app.api import service, writing
from app.api.answers import Bundle as BundleAnswer
from app.api.openapi import PERSONAL, api, says
from app.api.problems import Wished, wish_for_legs
from app.api.reading import read_pack, read_span
from app.api.requests import AskedSlot, BundleBody
from app.api.views import blueprint
from app.api.views.resources import seen as resource_seen
from app.availability.queries import get_terms
from app.bookings import service as use_cases
from app.bookings.bundles import Whole
from app.bookings.bundles import get_bundle as find_bundle
from app.bookings.errors import BookingNotFound
from app.bookings.models import Bundle
from app.bookings.policy import BookingPermission as P
from app.core.errors import Forbidden
from app.core.policy import can
from app.web.guards import allowed
from app.web.identity import current_actor


def seen_bundle(bundle_ref: str) -> Bundle:
    """Find the bundle for the caller; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    bundle = find_bundle(bundle_ref)
    if not can(current_actor(), P.SEE_BUNDLE, bundle):
        raise BookingNotFound(ref=bundle_ref)
    return bundle


def ask_for_several(body: BundleBody, organisation_id: int, key: str | None) -> Response:
    """Ask for all legs of a body, or for none."""
    legs = tuple(
        read_leg(leg, f"legs.{number}.unit", organisation_id) for number, leg in enumerate(body.legs)
    )
    wish_for_legs([wished for wished, _leg in legs])
    why = body.purpose, body.people, body.message
    request = use_cases.BundleRequest(
        organisation_id,
        tuple(leg for _wished, leg in legs),
        *why,
        key,
        in_order=body.in_order,
        handover_at=body.handover_at,
    )
    host = current_app.config["MUTUALIM"].uid_host
    asked = service.ask_bundle(request, current_actor(), uid_host=host)
    replayed = {"Idempotent_Replayed": "true"} if asked.replayed else {}
    return _shown(find_bundle(asked.ref), 201, Location=writing.bundle_address(asked.ref), **replayed)


def read_leg(asked: AskedSlot, unit_field: str, organisation_id: int) -> tuple[Wished, use_cases.Leg]:
    """Read a leg that is asked for, counted in the units of its resource; `unit_field` is where its unit stands."""
    shown, span, pack = resource_seen(asked.resource), read_span(asked.start, asked.end, "body"), None
    if asked.unit:
        pack = read_pack(asked.unit, asked.quantity, shown, get_terms(shown.id), "body", unit_field)
    quantity = pack.units if pack else asked.quantity
    leg = use_cases.Leg(shown.id, span, quantity, asked.licence_years, pack)
    return Wished(shown, span, quantity, organisation_id), leg


@blueprint.get("/bundles/<bundle_ref>")
@allowed(P.SEE_BUNDLE, load=seen_bundle)
@api.validate(
    resp=says(BundleAnswer, 404), tags=["bookings"], security=PERSONAL, operation_id="getBundle",
    path_parameter_descriptions={"bundle_ref": "Reference of the request for several resources."},
)  # fmt: skip
def get_bundle(bundle: Bundle) -> Response:
    """Read a request for several resources: where it stands, and those of its legs you may see."""
    return _shown(bundle)


def _shown(bundle: Bundle, status: int = 200, **headers: str) -> Response:
    whole = Whole.of(bundle, bundle.legs)
    return writing.answer(writing.bundle(whole, current_actor()), status, **headers)
