"""CHAINS: the resources that take food from where it is to those who need it, each after the other.

A chain is a request for several resources in order (app.bookings, docs/bundles.md) that knows what it carries.
"""

from importlib import import_module

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core.policy import register as add_permissions
from app.supply.sections import add_section


def register(app: Flask) -> None:
    """Plug the room into the application."""
    add_permissions(import_module("app.supply.chains.policy").TABLE)
    for part in ("concerned", "goods", "listeners", "tasks", "words"):
        import_module(f"app.supply.chains.{part}")
    add_section(2, "chains.mine", _l("Chains"), "list")
    app.register_blueprint(import_module("app.supply.chains.views").load())
