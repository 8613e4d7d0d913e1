"""Waiting lists through the API: joined, read, an offer taken or declined, the line left."""

from flask import Response, current_app, url_for

from app.api import queries, writing
from app.api.answers import Booking as BookingAnswer
from app.api.openapi import PERSONAL, api, says
from app.api.problems import wish_for
from app.api.reading import read_pack, read_span
from app.api.requests import EmptyBody, TakeBody, WaitBody
from app.api.views import blueprint
from app.api.views.bookings import organisation_of
from app.api.views.resources import seen as resource_seen
from app.api.waiting_answers import Waiting as WaitingAnswer
from app.api.waiting_answers import WaitingList
from app.api.waiting_writing import write_waiting
from app.availability.queries import get_terms
from app.bookings import service as use_cases
from app.bookings.models import Waiting
from app.bookings.policy import BookingPermission as P
from app.bookings.waitlist import get_waiting as find_waiting
from app.bookings.waitlist import places_in_line, waiting_of
from app.core.errors import Forbidden, NotFound
from app.core.policy import can
from app.web.guards import allowed
from app.web.identity import current_actor

_REF = {"waiting_ref": "Reference of the waiting."}


def seen_waiting(waiting_ref: str) -> Waiting:
    """Find somebody's waiting for the caller; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    entry = find_waiting(waiting_ref)
    if not can(current_actor(), P.SEE_WAITING, entry):
        raise NotFound(kind="waiting")
    return entry


@blueprint.post("/waiting")
@allowed(P.WAIT)
@api.validate(
    resp=says(WaitingAnswer, 403, 404, 409, created=True), tags=["waiting"], security=PERSONAL,
    operation_id="wait",
)  # fmt: skip
def wait(json: WaitBody) -> Response:
    """Wait for a slot that others have: in line for an organisation, or (`tell_only`) only to be told.

    409 where it is free, and where waiting would change nothing. Who waits for it already keeps their place.
    """
    shown, span = resource_seen(json.resource), read_span(json.start, json.end, "body")
    pack = read_pack(json.unit, json.quantity, shown, get_terms(shown.id), "body") if json.unit else None
    quantity = pack.units if pack else json.quantity
    wish_for(shown, span, quantity)
    organisation_id = None if json.tell_only else organisation_of(json.organisation)
    want = use_cases.Want(shown.id, span, quantity, organisation_id, json.purpose, json.people, json.message)
    entry = use_cases.join(want, current_actor())
    return _shown(entry.ref, 201, Location=url_for("api.get_waiting", waiting_ref=entry.ref))


@blueprint.get("/waiting")
@allowed(P.WAIT)
@api.validate(resp=says(WaitingList), tags=["waiting"], security=PERSONAL, operation_id="findWaiting")
def find_all() -> Response:
    """List what you still wait for, what is offered to you first."""
    entries = waiting_of(current_actor())
    places = places_in_line(entries)
    return writing.answer({"items": [write_waiting(each, places) for each in entries]})


@blueprint.get("/waiting/<waiting_ref>")
@allowed(P.SEE_WAITING, load=seen_waiting)
@api.validate(
    resp=says(WaitingAnswer, 404), tags=["waiting"], security=PERSONAL, operation_id="getWaiting",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def get_waiting(waiting: Waiting) -> Response:
    """Read your place in line, and what is offered to you."""
    return _shown(waiting.ref)


@blueprint.post("/waiting/<waiting_ref>/take")
@allowed(P.SEE_WAITING, load=seen_waiting)
@api.validate(
    resp=says(BookingAnswer, 403, 404, 409, created=True), tags=["waiting"], security=PERSONAL,
    operation_id="takeOffer", path_parameter_descriptions=_REF,
)  # fmt: skip
def take_offer(waiting: Waiting, json: TakeBody) -> Response:
    """Take what is offered: booked at once, or asked for where the place answers. Taken twice, it is one booking."""
    host = current_app.config["MUTUALIM"].uid_host
    made = use_cases.take_offer(waiting.ref, current_actor(), uid_host=host, licence_years=json.licence_years)
    booking = writing.booking(queries.reread(made.ref), current_actor())
    return writing.answer(booking, 201, Location=writing.booking_address(made.ref))


@blueprint.post("/waiting/<waiting_ref>/leave")
@allowed(P.SEE_WAITING, load=seen_waiting)
@api.validate(
    resp=says(WaitingAnswer, 403, 404, 409), tags=["waiting"], security=PERSONAL, operation_id="leaveLine",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def leave(waiting: Waiting, json: EmptyBody) -> Response:  # noqa: ARG001  # read, so that it is checked
    """Leave the line, or decline what is offered: it is the next one's turn."""
    ref = waiting.ref
    use_cases.leave(ref, current_actor())
    return _shown(ref)


def _shown(ref: str, status: int = 200, **headers: str) -> Response:
    entry = find_waiting(ref)
    return writing.answer(write_waiting(entry, places_in_line([entry])), status, **headers)
