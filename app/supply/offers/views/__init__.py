"""The pages of surplus: the board, one offer, offering, and what one wants to be told of."""

from importlib import import_module

from flask import Blueprint

blueprint = Blueprint("surplus", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    for part in ("board", "offering", "one", "costs", "alerts", "entries"):
        import_module(f"app.supply.offers.views.{part}")
    return blueprint
