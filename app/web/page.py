"""One URL, two renderings: the whole page, or the fragment that htmx asked for."""

from typing import Any

from flask import Response, make_response, render_template

from app.web.htmx import wants_fragment


def page(template: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """Render `template`, or only `fragment` (which the page includes) when htmx asks for a piece."""
    name = fragment if fragment and wants_fragment() else template
    response = make_response(render_template(name, **context), status)
    response.vary.add("HX-Request")
    return response
