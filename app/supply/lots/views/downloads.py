"""Files that are handed over: to who asked, and kept by nobody on the way."""

from flask import make_response
from werkzeug.wrappers import Response


def download(content: bytes, mimetype: str, name: str) -> Response:
    """Hand a file over under a name."""
    response = make_response(content)
    response.headers["Content-Type"] = mimetype
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
