"""The pages of settling; where a territory has not switched money on, there are none."""

from importlib import import_module

from flask import Blueprint

blueprint = Blueprint("settlement", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    for part in ("overview", "settlements"):
        import_module(f"app.payments.settlement.views.{part}")
    return blueprint
