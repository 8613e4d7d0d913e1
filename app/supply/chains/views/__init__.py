"""The pages of chains: those one has to do with, what is proposed, each as steps with what it carries, its costs."""

from importlib import import_module

from flask import Blueprint

blueprint = Blueprint("chains", __name__)


def load() -> Blueprint:
    """Give the blueprint with all its routes."""
    for part in ("mine", "prepare", "choose", "show", "override", "readdress", "carrying", "entries"):
        import_module(f"app.supply.chains.views.{part}")
    return blueprint
