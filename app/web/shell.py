"""What every template finds: who reads, in which language, how to write times, where static files are."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, redirect, request, session
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core.ids import new_secret
from app.core.policy import can
from app.web.format import FILTERS
from app.web.guards import public
from app.web.htmx import wants_fragment
from app.web.i18n import LOCALES, locale_of_request
from app.web.identity import current_actor
from app.web.tabs import tab_of
from app.web.words import sentence

blueprint = Blueprint("shell", __name__)
_counts: list[Callable[[], dict[str, int]]] = []


def counts(function: Callable[[], dict[str, int]]) -> Callable[[], dict[str, int]]:
    """Mark a function that gives numbers for the navigation, such as what waits for the reader."""
    if function not in _counts:
        _counts.append(function)
    return function


def nav_counts() -> dict[str, int]:
    """Collect the navigation's numbers; only full pages for people with an account ask for them."""
    if not current_actor().is_signed_in:
        return {}
    return {name: number for function in _counts for name, number in function().items()}


def safe_next(target: str | None, default: str = "/") -> str:
    """Give a path of our own to go back to; anything that could lead elsewhere becomes `default`."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    if "\\" in target or any(ord(letter) < 32 or ord(letter) == 127 for letter in target):
        return default  # browsers drop tabs and line ends, and read "\\" as "/": "/\t/elsewhere" would leave
    return target


@blueprint.post("/langue")
@public
def switch_language() -> Response:
    """Keep the language chosen in the footer for this browser."""
    chosen = request.form.get("locale", "")
    if chosen in LOCALES:
        session["locale"] = chosen
    return redirect(safe_next(request.form.get("next")), 303)


def _context() -> dict[str, Any]:
    return {
        "actor": current_actor(),
        "can": lambda permission, subject=None: can(current_actor(), permission, subject),
        "locale": locale_of_request(),
        "nav_counts": nav_counts,
        "is_fragment": wants_fragment(),
        "new_once": new_secret,
        "sentence": sentence,
        "tab_of": tab_of,
        "here": request.full_path.rstrip("?"),
    }


def init_app(app: Flask) -> None:
    """Give templates their words and helpers."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(Markup=Markup)
    app.context_processor(_context)
    app.register_blueprint(blueprint)
