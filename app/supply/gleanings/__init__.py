"""GLEANING: calls for people who pick up from a field what would be left there (docs/supply.md)."""

from importlib import import_module

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core.policy import register as add_permissions
from app.supply.sections import add_section


def register(app: Flask) -> None:
    """Plug the room into the application: its permissions, jobs, words, listeners and pages."""
    add_permissions(import_module("app.supply.gleanings.policy").TABLE)
    for part in ("listeners", "personal", "tasks", "words"):
        import_module(f"app.supply.gleanings.{part}")
    add_section(4, "gleanings.board", _l("Gleanings"), "users")
    app.register_blueprint(import_module("app.supply.gleanings.views").load())
