"""Needs through the API: what is looked for around, one need, looking for something and looking no longer."""

from flask import Response, url_for

from app.api import writing
from app.api.cursors import read_cursor, write_cursor
from app.api.need_answers import Need, NeedPage
from app.api.need_requests import CloseBody, NeedBody, NeedQuery, read_need
from app.api.need_writing import write_need
from app.api.openapi import PERSONAL, api, says
from app.api.requests import KeyHeader
from app.api.views import blueprint
from app.api.views.bookings import own_organisation
from app.core.errors import Forbidden, NotFound
from app.core.policy import can
from app.supply.needs import queries, service
from app.supply.needs.policy import NeedPermission as P
from app.supply.needs.queries import Counted, Filters, Viewed
from app.supply.offers.queries import territories_of
from app.web.guards import allowed
from app.web.identity import current_actor

_REF = {"need_ref": "Reference of the need."}


def seen_need(need_ref: str) -> Viewed:
    """Find a need for the caller; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    viewed = queries.get_viewed(need_ref.upper(), current_actor())
    if not can(current_actor(), P.SEE, viewed):
        raise NotFound(kind="need")
    return viewed


@blueprint.get("/needs")
@allowed(P.SEE_BOARD)
@api.validate(resp=says(NeedPage), tags=["needs"], security=PERSONAL, operation_id="findNeeds")
def find_needs(query: NeedQuery) -> Response:
    """List what organisations of your territories look for now, your own included; what ends first comes first."""
    filters = Filters(query.sort or "", query.category or "", query.kind or "")
    found = queries.open_needs(territories_of(current_actor()), filters)
    after = read_cursor(query.cursor, lambda first, last: (float(str(first)), last))
    rest = [each for each in found if after is None or _key(each) > after]
    shown, more = rest[: query.limit], len(rest) > query.limit
    cursor = write_cursor(_key(shown[-1])) if more else None
    return writing.answer({"items": [write_need(each.need) for each in shown], "next_cursor": cursor})


@blueprint.get("/needs/<need_ref>")
@allowed(P.SEE, load=seen_need)
@api.validate(
    resp=says(Need, 404), tags=["needs"], security=PERSONAL, operation_id="getNeed",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def get_need(viewed: Viewed) -> Response:
    """Read one need."""
    return writing.answer(write_need(viewed.need))


@blueprint.post("/needs")
@allowed(P.POST)
@api.validate(
    resp=says(Need, 403, 404, created=True), tags=["needs"], security=PERSONAL, operation_id="postNeed"
)  # fmt: skip
def post_need(json: NeedBody, headers: KeyHeader) -> Response:
    """Look for food or for a place, in the name of an organisation.

    Sent again with the same `Idempotency-Key` it is one need; with another body, 422.
    """
    need = service.post(current_actor(), read_need(json, own_organisation(json.organisation), headers.key))
    return writing.answer(write_need(need), 201, Location=url_for("api.get_need", need_ref=need.public_id))


@blueprint.post("/needs/<need_ref>/close")
@allowed(P.KEEP, load=seen_need)
@api.validate(
    resp=says(Need, 403, 404, 409), tags=["needs"], security=PERSONAL, operation_id="closeNeed",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def close_need(viewed: Viewed, json: CloseBody) -> Response:
    """Look for it no longer: it was found, or is not needed any more."""
    ref, close = viewed.need.public_id, service.say_found if json.found else service.withdraw
    close(current_actor(), viewed.need.id)
    return writing.answer(write_need(queries.get_viewed(ref, current_actor()).need))


def _key(counted: Counted) -> tuple[float, int]:
    return counted.need.until_at.timestamp(), counted.need.id
