"""The pages of money that are about no booking."""

from importlib import import_module

from flask import Blueprint

blueprint = Blueprint("payments", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    for part in ("envelopes",):
        import_module(f"app.payments.views.{part}")
    return blueprint
