"""Language and time of the reader: the account's, else the browser's, else French."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from babel.support import NullTranslations
from flask import Flask, g, has_app_context, has_request_context, request, session
from flask_babel import Babel, Domain, force_locale, get_locale, ngettext

LOCALES = ("fr", "en")
REGIONAL = {"fr": "fr", "en": "en_GB"}  # English pages use British dates and times


class Sentences(Domain):
    """The sentences of each language: finding their catalogue anew for each took half the time of a page."""

    def __init__(self) -> None:
        super().__init__()
        self._catalogues: dict[str, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        """Give the catalogue of the language spoken now, read once."""
        language = spoken_language()
        if language not in self._catalogues:
            self._catalogues[language] = super().get_translations()
        return self._catalogues[language]


class Speech(Babel):
    """Babel with our catalogues."""

    @cached_property
    def domain_instance(self) -> Domain:
        """The sentences that `gettext` and templates look up."""
        return Sentences()


babel = Speech()


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
    app.jinja_env.globals["_n"] = ngettext


def spoken_language() -> str:
    """Tell the language spoken now: the reader's, or the one of `speaking`.

    It is kept here too: Babel looks for its own in the context four times over, five times for each line of a list.
    """
    if not has_app_context():
        return LOCALES[0]
    language: str | None = getattr(g, "spoken_language", None)
    if language is None:
        locale = get_locale()
        language = g.spoken_language = locale.language if locale else LOCALES[0]
    return language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language for a while, whoever asks: letters, calendars, commands. French where it is none of ours."""
    before = getattr(g, "spoken_language", None)
    g.spoken_language = language if language in LOCALES else LOCALES[0]
    try:
        with force_locale(REGIONAL[g.spoken_language]):
            yield
    finally:
        g.spoken_language = before
