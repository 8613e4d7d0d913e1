"""The pages of lots and of hand-over notes."""

from importlib import import_module

from flask import Blueprint

blueprint = Blueprint("lots", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    for part in (
        *("chain", "mine", "entering", "lot", "handing", "note", "recall", "correcting", "lot_correcting"),
        *("readings", "incident", "pack", "inspection", "entries"),
    ):
        import_module(f"app.supply.lots.views.{part}")
    return blueprint
