"""LOTS: which food came from whom and went to whom, how warm it was on the way, and the papers that say so."""

from importlib import import_module

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core.policy import register as add_permissions
from app.supply.sections import add_section


def register(app: Flask) -> None:
    """Plug the room into the application: its permissions, jobs, words, listeners and pages."""
    add_permissions(import_module("app.supply.lots.policy").TABLE)
    for part in ("incident_refusals", "listeners", "personal", "queries.parts", "refusals", "tasks", "unfit"):
        import_module(f"app.supply.lots.{part}")
    add_section(6, "lots.mine", _l("Lots"), "archive")
    app.register_blueprint(import_module("app.supply.lots.views").load())
