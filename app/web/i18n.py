"""Language and time of the reader: the account's, else the browser's, else French."""

from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, ngettext

LOCALES = ("fr", "en")
babel = Babel()


def locale_of_request() -> str:
    """Choose the language: the one switched to, the account's, the browser's, else French (commands, jobs too)."""
    if not has_request_context():
        return "fr"
    chosen = session.get("locale") or getattr(g, "account_locale", None)
    if chosen in LOCALES:
        return str(chosen)
    return request.accept_languages.best_match(LOCALES) or "fr"


def babel_locale() -> str:
    """Give Babel the regional form: English pages use British dates and times."""
    return "en_GB" if locale_of_request() == "en" else "fr"


def init_app(app: Flask) -> None:
    """Set Babel up on this application, and give templates `_n` beside `_`."""
    babel.init_app(
        app, locale_selector=babel_locale, default_translation_directories=app.config["TRANSLATIONS_ROOT"]
    )
    app.jinja_env.globals["_n"] = ngettext
