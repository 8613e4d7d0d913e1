"""The pages of gleanings: the list, one gleaning, calling for one."""

from importlib import import_module

from flask import Blueprint

blueprint = Blueprint("gleanings", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    for part in ("board", "calling", "one", "afterwards", "drafted"):
        import_module(f"app.supply.gleanings.views.{part}")
    return blueprint
