"""The routes of the API."""

from importlib import import_module

from flask import Blueprint, Response, request

from app.api.identity import recognise
from app.api.problems import register as answer_errors
from app.web.i18n import locale_of_request
from app.web.security import csrf

PARTS = (
    "resources",
    "bookings",
    "bundles",
    "series",
    "waiting",
    "surplus",
    "chains",
    "chain_legs",
    "needs",
    "gleanings",
    "purchases",
    "lots",
    "lot_acts",
    "description",
)
blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
blueprint.before_request(recognise)
answer_errors(blueprint)
csrf.exempt(blueprint)  # a token in a header cannot be sent by a foreign page


@blueprint.after_request
def label(response: Response) -> Response:
    """Say what an answer depends on, and that it is nobody else's."""
    response.vary.update(("Accept-Language", "Authorization"))
    response.headers.setdefault("Cache-Control", "no-store" if request.authorization else "no-cache")
    response.content_language.add(locale_of_request())
    return response


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    for part in PARTS:
        import_module(f"app.api.views.{part}")
    return blueprint
