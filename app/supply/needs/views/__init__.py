"""The pages of needs: the board, looking for something, one need."""

from importlib import import_module

from flask import Blueprint

blueprint = Blueprint("needs", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    for part in ("board", "gaps", "looking", "one"):
        import_module(f"app.supply.needs.views.{part}")
    return blueprint
