"""WHEN: opening hours, closures, capacity, holds: the only place that locks and counts."""

from importlib import import_module

from flask import Flask

from app.core.policy import register as add_permissions


def register(app: Flask) -> None:
    """Plug the room into the application."""
    add_permissions(import_module("app.availability.policy").TABLE)
    app.register_blueprint(import_module("app.availability.views").blueprint)
    for part in ("listeners", "tasks", "words", "answers"):
        import_module(f"app.availability.{part}")
