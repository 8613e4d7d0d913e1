"""WHAT IS ON PAPER: invoices, credit notes, receipts and statements of what is owed and paid. Knows no booking."""

from importlib import import_module

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application: its jobs, words and pages."""
    for part in ("tasks", "words"):
        import_module(f"app.payments.documents.{part}")
    app.register_blueprint(import_module("app.payments.documents.views").load())
