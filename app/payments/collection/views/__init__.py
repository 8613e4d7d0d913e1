"""The pages of collection by public accountants; others have none."""

from importlib import import_module

from flask import Blueprint

blueprint = Blueprint("collection", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    import_module("app.payments.collection.views.batches")
    return blueprint
