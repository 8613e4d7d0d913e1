"""One handler turns any error into a page, a fragment for htmx, or a JSON problem."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import (
    Flask,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.globals import request_ctx
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RoutingException, Rule
from werkzeug.wrappers import Response as BaseResponse

from app.core.errors import Conflict, DomainError, Forbidden, Gone, Invalid, NotFound, TooMany
from app.web.htmx import wants_fragment
from app.web.identity import current_actor
from app.web.shell import safe_next
from app.web.words import explain

_STATUS: Mapping[type[DomainError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    Gone: 410,
    TooMany: 429,
}

PROBLEM_TYPES = "/api/v1/docs"  # the page that tells what each code means
_TITLES: Mapping[int, Any] = {
    400: _l("The request cannot be read"),
    401: _l("A token is needed"),
    403: _l("Not allowed"),
    404: _l("Not found"),
    405: _l("This method is not served here"),
    409: _l("Not possible as things stand"),
    410: _l("No longer there"),
    413: _l("Too large"),
    415: _l("JSON is needed"),
    422: _l("Something in the request is not right"),
    429: _l("Too many requests"),
    500: _l("Our fault"),
}


def status_of(error: DomainError) -> int:
    """Tell the HTTP status of a domain error."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 409)


def is_api() -> bool:
    """Tell whether the request wants JSON problems rather than pages."""
    return request.path.startswith("/api/")


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """Make a JSON problem (RFC 9457): the standard members, our code, the facts and what else is told."""
    members = {
        "type": f"{PROBLEM_TYPES}#{code}",
        "title": str(_TITLES.get(status, _TITLES[400])),
        "status": status,
    }
    response = jsonify({**members, "code": code, "detail": detail, "facts": {}, **more})
    response.status_code, response.mimetype = status, "application/problem+json"
    return response


def error_page(status: int, code: str, sentence: str) -> Response:
    """Show an error: the whole page, or a notice when htmx asked for a piece."""
    name = "errors/_error.html" if wants_fragment() else "errors/error.html"
    response = make_response(render_template(name, status=status, code=code, sentence=sentence), status)
    response.vary.add("HX-Request")
    return response


def _on_domain_error(error: DomainError) -> BaseResponse:
    status = status_of(error)
    if is_api():
        facts = {
            k: v
            for k, v in error.facts.items()
            if isinstance(v, str | int | float | bool | list | dict | None)
        }
        if isinstance(error, Forbidden) and not current_actor().is_signed_in:
            status = 401
        return problem(status, error.code, explain(error), facts=facts)
    if isinstance(error, Forbidden) and not current_actor().is_signed_in:
        return _to_sign_in()
    if isinstance(error, NotFound) and (above := _page_above()):  # a page took the last word for a name
        return redirect(above, 303)
    return error_page(status, error.code, explain(error))


def _to_sign_in() -> BaseResponse:
    back = request.full_path.rstrip("?") if request.method == "GET" else _page_before()
    target = url_for("accounts.sign_in", next=back)
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = target
        return response
    return redirect(target, 303)


def _page_before() -> str:
    """Tell the path of our page that a form was sent from."""
    sent_from, here = request.referrer or "", f"{request.host_url.rstrip('/')}/"
    return safe_next(f"/{sent_from.removeprefix(here)}") if sent_from.startswith(here) else "/"


def _on_http_error(error: HTTPException) -> BaseResponse:
    if error.response is not None or (error.code or 500) < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    status = error.code or 500
    sentence = _http_words(status, error)
    if isinstance(error, CSRFError) and (kept := _sent_again()):
        return kept
    if status == HTTPStatus.METHOD_NOT_ALLOWED and (above := _page_above()):
        return redirect(above, 303)
    code = f"http_{status}"
    answer = problem(status, code, sentence) if is_api() else error_page(status, code, sentence)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return answer


def _page_above() -> str | None:
    """Give the page of the form whose address was opened by itself: a refused form, loaded anew or from the history.

    Forms are sent to an address below their page, so that it is the nearest one above that is a page; None where
    there is none, and for programs. Whether the visitor may see it is said there.
    """
    if request.method not in ("GET", "HEAD") or is_api() or wants_fragment():
        return None
    path, form = request.path, _rule_at(request.path, "POST")
    above = form.rule if form and form != request.url_rule else ""
    while above := above.rpartition("/")[0]:
        path = path.rpartition("/")[0]
        page = _rule_at(path, "GET")
        if page and page.rule == above:  # and none that takes a word of the form's address for a name
            return request.script_root + quote(path)
    return None


def _rule_at(path: str, method: str) -> Rule | None:
    adapter = request_ctx.url_adapter
    try:
        return adapter.match(path, method, return_rule=True)[0] if adapter else None
    except (HTTPException, RoutingException):
        return None


def _sent_again() -> BaseResponse | None:
    """Offer to send a form again with a fresh token, as it was filled in; None where it cannot be.

    Only what our own page sent: else another site could have its form shown under our name. A password is typed anew,
    a file chosen anew.
    """
    secret = any("password" in name for name in request.form)
    if wants_fragment() or is_api() or not _sent_from_here() or secret or request.files:
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    target = request.full_path.rstrip("?")
    return make_response(render_template("errors/again.html", fields=fields, target=target), 400)


def _sent_from_here() -> bool:
    return (request.referrer or "").startswith(f"{request.host_url.rstrip('/')}/")


def _http_words(status: int, error: HTTPException) -> str:
    if isinstance(error, CSRFError):
        return _("The form was open too long. Go back, reload the page and send it again.")
    words = {
        404: _(
            "We cannot find this page or item. It may have been moved or removed: search for it from the home page."
        ),
        405: _(
            "There is no page at this address: it only takes what a form sends. Go back to the page with the form, or "
            "begin at the home page."
        ),
        413: _("What you sent is too large. Send a smaller file or a shorter text."),
        429: _("Too many requests. Wait a minute, then try again."),
        500: _("Something broke on our side. Nothing was changed. Try again in a moment."),
    }
    return words.get(status, _("The request could not be understood. Go back and try again."))


def _on_crash(error: Exception) -> BaseResponse:
    # The rule, not the path: the secrets of feeds and one-time links stay out of logs.
    current_app.logger.error("unhandled error on %s %s", request.method, request.url_rule, exc_info=error)
    sentence = _("Something broke on our side. Nothing was changed. Try again in a moment.")
    return problem(500, "http_500", sentence) if is_api() else error_page(500, "http_500", sentence)


def init_app(app: Flask) -> None:
    """Register the handlers; in tests a crash stays an exception."""
    app.register_error_handler(DomainError, _on_domain_error)
    app.register_error_handler(HTTPException, _on_http_error)
    if not app.testing:
        app.register_error_handler(Exception, _on_crash)
