"""WHAT IS ON PAPER: invoices, credit notes, receipts and statements of what is owed and paid. Knows no booking."""

from importlib import import_module

from flask import Flask


def register(_app: Flask) -> None:
    """Plug the room into the application: its jobs and words."""
    for part in ("tasks", "words"):
        import_module(f"app.payments.documents.{part}")
