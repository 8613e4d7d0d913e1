"""The one place that knows htmx: is this a fragment request, and which headers steer the page."""

import json
from typing import Any

from flask import Response, make_response, redirect, request
from htmx_flask import Htmx
from werkzeug.wrappers import Response as BaseResponse

htmx = Htmx()


def wants_fragment() -> bool:
    """Tell whether the browser asked for a piece: not for boosted links nor history, which need the whole page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def go(url: str) -> BaseResponse:
    """Send the browser on after a success: 303 without script, a client-side visit with htmx."""
    if not wants_fragment():
        return redirect(url, 303)
    response = make_response("", 204)
    response.headers["HX-Location"] = json.dumps({"path": url, "target": "body"})
    return response


def with_trigger(response: Response, event: str, detail: Any = None) -> Response:
    """Let the page hear `event` once the answer is swapped in."""
    response.headers["HX-Trigger"] = json.dumps({event: detail})
    return response


def with_address(response: Response, url: str) -> Response:
    """Let the address bar show `url` (the short form of a filled search) without adding a step to the history."""
    response.headers["HX-Replace-Url"] = url
    return response


def target_id() -> str:
    """Tell the id of the element that the answer is swapped into, "" without one."""
    return str(request.headers.get("HX-Target", ""))
