"""GROUP PURCHASES: several organisations order together, by a deadline, if they reach a minimum (docs/supply.md)."""

from importlib import import_module

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core.policy import register as add_permissions
from app.supply.sections import add_section


def register(app: Flask) -> None:
    """Plug the room into the application: its permissions, jobs, words, listeners and pages."""
    add_permissions(import_module("app.supply.purchases.policy").TABLE)
    for part in ("listeners", "lost", "personal", "tasks", "words"):
        import_module(f"app.supply.purchases.{part}")
    add_section(5, "purchases.board", _l("Group purchases"), "euro")
    app.register_blueprint(import_module("app.supply.purchases.views").load())
