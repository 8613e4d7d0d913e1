"""WHAT A PUBLIC BODY IS OWED, on its way to its accountant: batches of collection lines. Stands on what is owed."""

from importlib import import_module

from flask import Flask

from app.core.policy import register as add_permissions


def register(app: Flask) -> None:
    """Plug the room into the application: its permission, pages and words, and how dues are known."""
    add_permissions(import_module("app.payments.collection.policy").TABLE)
    for part in ("listeners", "words"):
        import_module(f"app.payments.collection.{part}")
    app.register_blueprint(import_module("app.payments.collection.views").load())
