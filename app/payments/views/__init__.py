"""The pages of money; where a territory has not switched it on, there are none."""

from importlib import import_module

from flask import Blueprint

blueprint = Blueprint("payments", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    for part in (
        "accounts",
        "announcing",
        "advances",
        "bank",
        "envelopes",
        "noting",
        "paying",
        "programmes",
        "switch",
        "tariffs",
        "terms",
    ):
        import_module(f"app.payments.views.{part}")
    return blueprint
