"""What the API is: its OpenAPI document for programs, and a page for those who write them."""

from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, current_app, request
from pydantic_core import to_json

from app.api.openapi import PERSONAL, document
from app.api.views import blueprint
from app.api.words import OPERATIONS
from app.web.errors import PROBLEM_TYPES
from app.web.guards import public
from app.web.page import page
from app.web.words import sentence

pages = Blueprint("api_page", __name__)  # a page like others: it knows its reader by cookie
_CODES = (
    (400, ("body_unreadable",)),
    (401, ("token_needed", "token_unknown", "authorization_unreadable")),
    (403, ("not_your_organisation", "organisation_not_active", "not_taking_part", "not_our_lot")),
    (404, ("not_found", "booking_not_found")),
    (409, ("slot_refused", "already_decided", "illegal_move", "already_over", "plan_lost", "part_lost")),
    (415, ("body_not_json",)),
    (422, ("invalid", "purpose_missing", "reason_missing", "key_reused")),
)
_EXAMPLE = """\
curl {base}/api/v1/bookings \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -H "Idempotency-Key: 7f0c2a4e" \\
  -d '{{"resource": "cuisine-du-pole", "start": "2026-10-06T08:00:00+02:00",
       "end": "2026-10-06T12:00:00+02:00", "purpose": "Soupe pour 60 personnes"}}'"""


@lru_cache(maxsize=1)
def _document() -> bytes:
    return to_json(document())


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    """Give the OpenAPI 3.1 document."""
    response = Response(_document(), mimetype="application/json")
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.add_etag()
    response.make_conditional(request)
    return response


@pages.get(PROBLEM_TYPES)
@public
def docs() -> Response:
    """Show how to begin, every address, and what each code means."""
    base = current_app.config["MUTUALIM"].base_url
    codes = [(status, code, sentence(code, {"signed_in": True})) for status, some in _CODES for code in some]
    return page("api/docs.html", example=_EXAMPLE.format(base=base), operations=_operations(), codes=codes)


def _operations() -> list[dict[str, Any]]:
    return [
        {
            "method": method.upper(),
            "path": path,
            "words": OPERATIONS[operation["operationId"]],
            "needs_token": operation["security"] == PERSONAL,
        }
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    ]
