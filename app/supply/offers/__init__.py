"""OFFERS: what somebody has too much of, where and until when, and who takes how much of it (docs/supply.md)."""

from importlib import import_module

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core.policy import register as add_permissions
from app.supply.sections import add_section


def register(app: Flask) -> None:
    """Plug the room into the application: its permissions, jobs, words, listeners and pages."""
    add_permissions(import_module("app.supply.offers.policy").TABLE)
    for part in ("listeners", "paid_for", "personal", "tasks", "words"):
        import_module(f"app.supply.offers.{part}")
    add_section(1, "surplus.board", _l("Surplus"), "repeat")
    app.register_blueprint(import_module("app.supply.offers.views").load())
