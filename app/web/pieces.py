"""The smallest pieces of a page, icons and badges: a list repeats them fifty times, so each is written once and kept.

Their markup is in templates/components/pieces.html; pages take them from components/ui.html like the other pieces.
"""

from functools import lru_cache

from flask import Flask, current_app
from markupsafe import Markup

from app.web.badges import BADGES
from app.web.i18n import spoken_language
from app.web.static import static_url


def icon(name: str, label: str | None = None, cls: str = "") -> Markup:
    """Write an icon of the sprite: decorative, or with the label of what it says when it stands alone."""
    return _icon(static_url("icons.svg"), name, label, cls)


def badge(state: str, label: str | None = None) -> Markup:
    """Write the badge of a decision, a use or a resource: colour, icon and words; `label` gives other words."""
    return _badge(static_url("icons.svg"), str(state).lower(), label, spoken_language())


@lru_cache(
    maxsize=2048, typed=True
)  # typed: a label that is markup already is not the same as one that is text
def _icon(sprite: str, name: str, label: str | None, cls: str) -> Markup:
    return Markup(_written("icon", sprite, name, label, cls))  # noqa: S704  # the template has escaped it


@lru_cache(maxsize=2048, typed=True)
def _badge(sprite: str, state: str, label: str | None, _language: str) -> Markup:
    look = BADGES.get(state, ("dim", "info", state))
    return Markup(_written("badge", sprite, look, label))  # noqa: S704  # the template has escaped it


def _written(piece: str, *given: object) -> str:
    pieces = current_app.jinja_env.get_template("components/pieces.html").module
    return str(getattr(pieces, piece)(*given))


def init_app(app: Flask) -> None:
    """Hand the pieces to components/ui.html."""
    app.jinja_env.globals.update(kept_icon=icon, kept_badge=badge)
