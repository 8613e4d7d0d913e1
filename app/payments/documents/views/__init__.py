"""The pages of documents: what was issued and received, how more are prepared, who lets them be issued."""

from importlib import import_module

from flask import Blueprint

blueprint = Blueprint("documents", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    for part in ("papers", "runs", "settings"):
        import_module(f"app.payments.documents.views.{part}")
    return blueprint
