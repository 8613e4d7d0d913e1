"""DEPOSITS: what is handed over before a use and comes back after it. Knows a subject by its kind and reference alone.

A deposit is nobody's income: docs/money.md says how it stands in the books.
"""

from importlib import import_module

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
    for part in ("tasks", "words"):
        import_module(f"app.payments.deposits.{part}")
    app.register_blueprint(import_module("app.payments.deposits.views").blueprint)
