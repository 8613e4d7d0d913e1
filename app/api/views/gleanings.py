"""Gleanings through the API: what is called for around, and one call."""

from zoneinfo import ZoneInfo

from flask import Response

from app.api import writing
from app.api.cursors import read_cursor, write_cursor
from app.api.gleaning_answers import Gleaning, GleaningPage
from app.api.instants import write_instant
from app.api.openapi import PERSONAL, api, says
from app.api.surplus_requests import ListQuery
from app.api.surplus_writing import write_goods
from app.api.views import blueprint
from app.api.views.surplus import points_here
from app.core.errors import Forbidden, NotFound
from app.core.policy import can
from app.supply.gleanings import queries
from app.supply.gleanings.policy import GleaningPermission as P
from app.supply.gleanings.queries import Found, Viewed
from app.supply.offers import queries as offers
from app.web.guards import allowed
from app.web.identity import current_actor


def seen_gleaning(gleaning_ref: str) -> Viewed:
    """Find a gleaning for the caller; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    viewed = queries.get_viewed(gleaning_ref.upper(), current_actor())
    if not can(current_actor(), P.SEE, viewed):
        raise NotFound(kind="gleaning")
    return viewed


@blueprint.get("/gleanings")
@allowed(P.SEE_BOARD)
@api.validate(resp=says(GleaningPage), tags=["gleanings"], security=PERSONAL, operation_id="findGleanings")
def find_gleanings(query: ListQuery) -> Response:
    """List the gleanings to come in your territories, the first first."""
    found = queries.calls_around(offers.territories_of(current_actor()), points_here())
    after = read_cursor(query.cursor, lambda first, last: (float(str(first)), last))
    rest = [each for each in found if after is None or _key(each) > after]
    shown, more = rest[: query.limit], len(rest) > query.limit
    cursor = write_cursor(_key(shown[-1])) if more else None
    return writing.answer({"items": [_write(each) for each in shown], "next_cursor": cursor})


@blueprint.get("/gleanings/<gleaning_ref>")
@allowed(P.SEE, load=seen_gleaning)
@api.validate(
    resp=says(Gleaning, 404), tags=["gleanings"], security=PERSONAL, operation_id="getGleaning",
    path_parameter_descriptions={"gleaning_ref": "Reference of the gleaning."},
)  # fmt: skip
def get_gleaning(viewed: Viewed) -> Response:
    """Read one call, and how many people come."""
    gleaning = viewed.gleaning
    km = offers.nearest(points_here(), gleaning.point)
    return writing.answer(_write(Found(gleaning, queries.count_of(gleaning.id), km)))


def _key(found: Found) -> tuple[float, int]:
    return found.gleaning.start_at.timestamp(), found.gleaning.id


def _write(found: Found) -> writing.Json:
    gleaning = found.gleaning
    zone = ZoneInfo(gleaning.territory.timezone)
    same = (
        "state", "real_grams", "least_people", "most_people", "min_age", "meeting_point",
        "tools_provided", "tools_to_bring", "rain", "note",
    )  # fmt: skip
    return (
        write_goods(gleaning)
        | {name: getattr(gleaning, name) for name in same}
        | {
            "ref": gleaning.public_id,
            "km": None if found.km is None else round(found.km, 1),
            "start": write_instant(gleaning.start_at, zone),
            "end": write_instant(gleaning.end_at, zone),
            "going": found.count.going,
            "waiting": found.count.waiting,
            "created_at": write_instant(gleaning.created_at, zone),
            "url": writing.absolute(f"/glanages/{gleaning.public_id}"),
        }
    )
