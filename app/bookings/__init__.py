"""THE HEART: request, approve, change, cancel, talk."""

from importlib import import_module

from flask import Flask

from app.core.policy import register as add_permissions


def register(app: Flask) -> None:
    """Plug the room into the application."""
    add_permissions(import_module("app.bookings.policy").TABLE)
    for part in ("tasks", "words", "holders", "listeners", "answers", "paid_for", "personal"):
        import_module(f"app.bookings.{part}")
    app.register_blueprint(import_module("app.bookings.views").load())
