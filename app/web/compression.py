"""Compresses what a browser takes compressed; static files once, pages on the fly.

Form tokens in pages are of no use to a compression oracle: the session cookie is SameSite, so no foreign site can make
a browser fetch a page with it.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

MIN_BYTES = 700
PAGE_LEVEL = 4
_TYPES = ("text/", "application/json", "application/problem+json", "image/svg+xml", "application/javascript")


@lru_cache(maxsize=128)
def _once(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


def compress(response: Response) -> Response:
    """Compress an answer in place when the browser takes it and it is worth it."""
    if not (response.mimetype or "").startswith(_TYPES) or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    unfit = request.method == "HEAD" or response.status_code in (204, 206, 304)
    if unfit or not request.accept_encodings["gzip"]:
        return response
    keeps = response.cache_control.immutable
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < MIN_BYTES:
        return response
    response.set_data(_once(body) if keeps else gzip.compress(body, PAGE_LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    etag, weak = response.get_etag()
    if etag and not weak:
        response.set_etag(etag, weak=True)
    return response


def init_app(app: Flask) -> None:
    """Compress answers after everything else has been said about them."""
    app.after_request(compress)
