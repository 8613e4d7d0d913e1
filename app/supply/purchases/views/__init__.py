"""The pages of group purchases: the list, one purchase, opening one."""

from importlib import import_module

from flask import Blueprint

blueprint = Blueprint("purchases", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    for part in ("board", "opening", "one", "keeping", "drafted"):
        import_module(f"app.supply.purchases.views.{part}")
    return blueprint
