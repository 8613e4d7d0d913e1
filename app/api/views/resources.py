"""Resources: finding them, reading one, and when it is free. Those shown to everybody need no token."""

from datetime import timedelta

from flask import Response

from app.api import queries, writing
from app.api.openapi import ANYBODY, api, says
from app.api.reading import read_pack, read_resource, read_span, read_ways
from app.api.requests import FreeQuery, ResourceQuery
from app.api.resource_answers import FreeWindows, ResourceDetail, ResourcePage
from app.api.views import blueprint
from app.availability.askers import Asker
from app.availability.cards import Asking, next_free_of
from app.availability.policy import TimePermission
from app.availability.queries import get_terms, terms_of, windows_between
from app.availability.rules import earliest_start
from app.availability.search import next_free
from app.availability.shown import Shown, shown_by_id
from app.core import clock
from app.payments.queries import priced_at
from app.payments.tariffs.measures import Stay
from app.web.guards import allowed, public
from app.web.identity import current_actor

MOST_FREE_DAYS = 92
_NAME = {"name": "`id` or `slug` of the resource."}


def seen(name: str) -> Shown:
    """Find the resource of this name for the caller."""
    return read_resource(name, current_actor())


@blueprint.get("/resources")
@public
@api.validate(resp=says(ResourcePage), tags=["resources"], security=ANYBODY, operation_id="findResources")
def find_resources(query: ResourceQuery) -> Response:
    """Find resources, the nearest first.

    With `start` and `end`, only those that can be booked then. Without a token, only what is shown to everybody.
    """
    hits, cursor = queries.resources(read_ways(query, current_actor()), query.limit, query.cursor)
    ids = [hit.resource_id for hit in hits]
    packed = (query.unit, query.quantity) if query.unit else None
    asking = Asking(qty=query.quantity, asker=Asker.of(current_actor()), packed=packed)
    free = next_free_of(terms_of(ids, asking.asker), asking) if ids else {}
    return writing.answer(writing.resource_page(hits, shown_by_id(ids), free, cursor))


@blueprint.get("/resources/<name>")
@allowed(TimePermission.SEE_RESOURCE, load=seen)
@api.validate(
    resp=says(ResourceDetail, 404), tags=["resources"], security=ANYBODY, operation_id="getResource",
    path_parameter_descriptions=_NAME,
)  # fmt: skip
def get_resource(shown: Shown) -> Response:
    """Read one resource with its hours and terms."""
    asker = Asker.of(current_actor())
    free = next_free([shown.id], asker=asker)
    version = priced_at([shown.id], clock.now()).get(shown.id)
    tariff = version.terms if version else None
    return writing.answer(writing.detail(shown, get_terms(shown.id, asker), free.get(shown.id), tariff))


@blueprint.get("/resources/<name>/free")
@allowed(TimePermission.SEE_RESOURCE, load=seen)
@api.validate(
    resp=says(FreeWindows, 404), tags=["resources"], security=ANYBODY, operation_id="getFreeWindows",
    path_parameter_descriptions=_NAME,
)  # fmt: skip
def get_free_windows(shown: Shown, query: FreeQuery) -> Response:
    """List when a quantity of a resource can be booked.

    At most 92 days at a time; hours, buffers, notice and horizon are respected. Where all of it is free, `estimate`
    tells what booking it would cost.
    """
    span = read_span(query.start, query.end, "query", MOST_FREE_DAYS)
    terms, now = get_terms(shown.id, Asker.of(current_actor())), clock.now()
    start = max(span.start, earliest_start(terms, now))
    end = min(span.end, now + timedelta(days=terms.horizon_days))
    since, until = int(start.timestamp()), int(end.timestamp())
    pack = read_pack(query.unit, query.quantity, shown, terms, "query")
    quantity = pack.units if pack else query.quantity
    usable = terms.status in ("active", "to_check") and quantity <= terms.capacity
    found = windows_between(terms, since, until, qty=quantity) if usable and since < until else []
    items = [writing.window(each, terms.zone) for each in found]
    is_free = any(each.start <= span.start and span.end <= each.end for each in found)
    cost = queries.cost(shown.id, Stay(span, terms.zone), quantity, current_actor()) if is_free else None
    body = {"resource": shown.public_id, "quantity": quantity, "items": items}
    return writing.answer(body | {"estimate": writing.estimate(cost)})
