"""The pages of the first run."""

from flask import Blueprint

blueprint = Blueprint("installation", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    from app.installation.views import demo, opening, steps, territory  # noqa: F401, PLC0415  # they add routes

    return blueprint
