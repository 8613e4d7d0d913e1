"""What the API is: its OpenAPI document."""

from functools import lru_cache

from flask import Response, request
from pydantic_core import to_json

from app.api.openapi import document
from app.api.views import blueprint
from app.web.guards import public


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
