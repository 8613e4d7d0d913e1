"""What guards every request and answer: form tokens, a strict content policy, no sniffing, no framing."""

from flask import Flask, Response, abort, request
from flask_wtf import CSRFProtect

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


def refuse_nul() -> None:
    """Turn away an address with the one letter that no database takes and nobody types."""
    if "\0" in request.path or b"%00" in request.query_string:
        abort(400)


def init_app(app: Flask) -> None:
    """Check form tokens, and add the headers to what does not set its own."""
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
