"""What guards every request and answer: form tokens, a strict content policy, no sniffing, no framing."""

from typing import IO, Any

from flask import Flask, Request, Response, abort, current_app, request
from flask_wtf import CSRFProtect
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser
from werkzeug.routing import IntegerConverter, Map

from app.core.text import writable

Fields = MultiDict[str, str]
Files = MultiDict[str, FileStorage]

csrf = CSRFProtect()  # a room whose routes carry their own proof (the API's tokens) exempts its blueprint

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


_NO_FILE = "application/x-www-form-urlencoded"
_LARGEST_ID = 2**63 - 1


class RowNumber(IntegerConverter):
    """A row's number in an address; one that no database can hold is an address that is not."""

    def __init__(self, url_map: Map, fixed_digits: int = 0, min: int | None = None) -> None:
        super().__init__(url_map, fixed_digits, min, max=_LARGEST_ID)


class _FormParser(FormDataParser):
    """Reads forms without the letters that no database or file takes; nobody types them, but they can be pasted."""

    def parse(self, *given: Any, **more: Any) -> tuple[IO[bytes], Fields, Files]:
        stream, form, files = super().parse(*given, **more)
        if any(value != writable(value) for values in form.listvalues() for value in values):
            form = self.cls((name, writable(value)) for name, value in form.items(multi=True))
        return stream, form, files


class _Request(Request):
    form_data_parser_class = _FormParser


def refuse_long_forms() -> None:
    """Turn away typed text longer than any form of ours takes; only uploads may be large."""
    length = request.content_length or 0
    if request.mimetype == _NO_FILE and length > current_app.config["MAX_FORM_MEMORY_SIZE"]:
        abort(413)


def refuse_nul() -> None:
    """Turn away an address with the one letter that no database takes and nobody types."""
    if "\0" in request.path or b"%00" in request.query_string:
        abort(400)


def init_app(app: Flask) -> None:
    """Check form tokens, and add the headers to what does not set its own."""
    app.request_class = _Request
    app.url_map.converters["int"] = RowNumber
    app.before_request(refuse_long_forms)  # before the token is looked for in the form
    csrf.init_app(app)
    app.before_request(refuse_nul)
    secure = bool(app.config.get("SESSION_COOKIE_SECURE"))

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if response.mimetype == "text/html" and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-cache"
        return response
