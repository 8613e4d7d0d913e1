"""Language and time of the reader: the account's, else the browser's, else French."""

from babel.support import NullTranslations
from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, get_domain, get_locale, ngettext

LOCALES = ("fr", "en")
REGIONAL = {"fr": "fr", "en": "en_GB"}  # English pages use British dates and times
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
    """Give Babel the regional form of the language of the request."""
    return REGIONAL[locale_of_request()]


def init_app(app: Flask) -> None:
    """Set Babel up on this application, and give templates `_n` beside `_`."""
    babel.init_app(
        app, locale_selector=babel_locale, default_translation_directories=app.config["TRANSLATIONS_ROOT"]
    )
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # jinja2.ext.i18n adds it
        gettext=lambda text: _spoken(app).ugettext(text),
        ngettext=lambda one, many, number: _spoken(app).ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.globals["_n"] = ngettext


def _spoken(app: Flask) -> NullTranslations:
    """Give the sentences of the language spoken now: finding them anew for each took half the time of a page."""
    known: dict[str, NullTranslations] = app.extensions.setdefault("mutualim.spoken", {})
    language = spoken_language()
    if language not in known:
        known[language] = get_domain().get_translations()
    return known[language]


def spoken_language() -> str:
    """Tell the language spoken now: the reader's, or the one forced for a letter."""
    locale = get_locale()
    return locale.language if locale else LOCALES[0]
