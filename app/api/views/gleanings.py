"""Gleanings through the API: what is called for around, one call, signing up for it and withdrawing."""

from zoneinfo import ZoneInfo

from flask import Response

from app.api import writing
from app.api.cursors import read_cursor, write_cursor
from app.api.gleaning_answers import Gleaning, GleaningPage, GleaningPlace
from app.api.instants import write_instant
from app.api.openapi import PERSONAL, api, says
from app.api.requests import EmptyBody
from app.api.surplus_requests import ListQuery, PeopleBody
from app.api.surplus_writing import write_goods
from app.api.views import blueprint
from app.api.views.surplus import points_here
from app.core.errors import Forbidden, NotFound
from app.core.policy import can
from app.supply.gleanings import models, queries, service
from app.supply.gleanings.policy import GleaningPermission as P
from app.supply.gleanings.queries import Found, Viewed
from app.supply.offers import queries as offers
from app.web.guards import allowed
from app.web.identity import current_actor

_REF = {"gleaning_ref": "Reference of the gleaning."}


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
    path_parameter_descriptions=_REF,
)  # fmt: skip
def get_gleaning(viewed: Viewed) -> Response:
    """Read one call, and how many people come."""
    return _shown(viewed.gleaning)


@blueprint.post("/gleanings/<gleaning_ref>/places")
@allowed(P.SIGN_UP, load=seen_gleaning)
@api.validate(
    resp=says(GleaningPlace, 403, 404, 409), tags=["gleanings"], security=PERSONAL, operation_id="signUp",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def sign_up(viewed: Viewed, json: PeopleBody) -> Response:
    """Come, so many people in all; sent again, with another number. Where there is no room left, in line."""
    gleaning = viewed.gleaning
    zone = ZoneInfo(gleaning.territory.timezone)
    own = service.sign_up(current_actor(), gleaning.id, json.people, split=json.split)
    return writing.answer(
        {
            "gleaning": gleaning.public_id,
            "people": own.all_people,
            "waiting": own.in_line,
            "place": own.place,
            "created_at": write_instant(own.created_at, zone),
        }
    )


@blueprint.post("/gleanings/<gleaning_ref>/places/withdraw")
@allowed(P.WITHDRAW, load=seen_gleaning)
@api.validate(
    resp=says(Gleaning, 403, 404, 409), tags=["gleanings"], security=PERSONAL, operation_id="leaveGleaning",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def leave_gleaning(viewed: Viewed, json: EmptyBody) -> Response:  # noqa: ARG001  # read, so that it is checked
    """Not come after all: the place goes to who is next in line."""
    service.withdraw(current_actor(), viewed.gleaning.id)
    return _shown(viewed.gleaning)


def _shown(gleaning: models.Gleaning) -> Response:
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
