"""NEEDS: what organisations look for, matched to what is offered and to what stands free (docs/supply.md)."""

from importlib import import_module

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core.policy import register as add_permissions
from app.supply.sections import add_section


def register(app: Flask) -> None:
    """Plug the room into the application: its permissions, jobs, words, listeners and pages."""
    add_permissions(import_module("app.supply.needs.policy").TABLE)
    for part in ("listeners", "personal", "tasks", "words"):
        import_module(f"app.supply.needs.{part}")
    add_section(3, "needs.board", _l("Needs"), "search")
    app.register_blueprint(import_module("app.supply.needs.views").load())
