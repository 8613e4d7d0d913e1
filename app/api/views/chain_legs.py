"""Legs of chains through the API: what fits in the place of one that was lost, and asking for it."""

from flask import Response, current_app

from app.api import service, writing
from app.api.chain_answers import Chain as ChainAnswer
from app.api.chain_answers import Instead
from app.api.chain_mending import write_instead
from app.api.openapi import PERSONAL, api, says
from app.api.problems import offer_instead, wish_for
from app.api.requests import AskedSlot, KeyHeader
from app.api.views import blueprint
from app.api.views.bundles import read_leg
from app.api.views.chains import seen_chain, shown
from app.api.writing import Json
from app.bookings.bundles import Whole, get_bundle
from app.bookings.errors import BookingNotFound, LegNotToFix
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.core.errors import NotFound
from app.supply.chains.queries import find_chain
from app.web.guards import allowed
from app.web.identity import current_actor

_PATH = {"chain_ref": "Reference of the chain.", "leg_number": "Number of the leg: `leg` of its steps."}


def seen_leg(chain_ref: str, leg_number: int) -> Booking:
    """Find what has a number in a chain now; raise BookingNotFound where nothing has."""
    bundle = seen_chain(chain_ref)
    found = next((leg for leg in bundle.legs if leg.leg_number == leg_number), None)
    if found is None:
        raise BookingNotFound(ref=chain_ref)
    return found


@blueprint.get("/chains/<chain_ref>/legs/<int:leg_number>/instead")
@allowed(P.CHANGE, load=seen_leg)
@api.validate(
    resp=says(Instead, 403, 404, 409), tags=["chains"], security=PERSONAL, operation_id="findInsteadOfLeg",
    path_parameter_descriptions=_PATH,
)  # fmt: skip
def find_instead(leg: Booking) -> Response:
    """Find what can take the place of a lost leg: fit for what is carried, in time and free; and why the rest cannot.

    409 `leg_not_to_fix` where it was not lost, or is over.
    """
    return writing.answer(_instead_of(_bundle_ref(leg), leg.leg_number or 0))


@blueprint.post("/chains/<chain_ref>/legs/<int:leg_number>/replace")
@allowed(P.CHANGE, load=seen_leg)
@api.validate(
    resp=says(ChainAnswer, 403, 404, 409), tags=["chains"], security=PERSONAL, operation_id="replaceLeg",
    path_parameter_descriptions=_PATH,
)  # fmt: skip
def replace_leg(leg: Booking, json: AskedSlot, headers: KeyHeader) -> Response:
    """Ask for something else in the place of a lost leg.

    409 with what `fits` now, as far as the leg is lost still: `leg_unfit` where it is not fit for what is carried
    (`facts`: `reason`), `leg_too_soon` and `leg_too_late` where it leaves the order, `slot_refused` with every reason,
    `leg_not_to_fix`. Sent again with the same `Idempotency-Key` it is one request; with another body, 422.
    """
    ref, number, booking_id = _bundle_ref(leg), leg.leg_number or 0, leg.id
    wished, wanted = read_leg(json, "unit", leg.organisation_id)
    offer_instead(lambda: _fits_now(ref, number))
    wish_for(wished.shown, wished.span, wished.quantity, wished.organisation_id)
    host, actor = str(current_app.config["MUTUALIM"].uid_host), current_actor()
    asked = service.replace_leg(booking_id, wanted, actor, uid_host=host, key=headers.key)
    replayed = {"Idempotent_Replayed": "true"} if asked.replayed else {}
    return shown(get_bundle(ref), 200, **replayed)


def _bundle_ref(leg: Booking) -> str:
    if leg.bundle is None:
        raise BookingNotFound(ref=leg.ref)
    return leg.bundle.ref


def _instead_of(ref: str, number: int) -> Json:
    """Write what fits in the place of a number of a chain; raise LegNotToFix where that goes on, or is over."""
    bundle = get_bundle(ref)
    whole, chain = Whole.of(bundle, bundle.legs), find_chain(bundle.id)
    lost = next((leg for leg in whole.to_fix if leg.leg_number == number), None)
    if chain is None:
        raise NotFound(kind="chain")
    if lost is None:
        raise LegNotToFix(ref=ref)
    return write_instead(chain, lost, whole.legs, current_actor())


def _fits_now(ref: str, number: int) -> Json:
    try:
        return {"fits": _instead_of(ref, number)["fits"]}
    except LegNotToFix:
        return {}
