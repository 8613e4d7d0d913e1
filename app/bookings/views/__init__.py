"""The pages of bookings."""

from importlib import import_module

from flask import Blueprint

blueprint = Blueprint("bookings", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    parts = (
        "ask",
        "repeat",
        "series",
        "bundle_ask",
        "bundles",
        "bundle_costs",
        "show",
        "costs",
        "deposit",
        "change",
        "propose",
        "wait",
        "mine",
        "inbox",
    )
    for part in (*parts, "link", "closures", "hours"):
        import_module(f"app.bookings.views.{part}")
    return blueprint
