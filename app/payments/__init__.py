"""Who owes: tariffs, charges, shares, ledger, payments. Knows no booking: a charge has an opaque subject."""

from importlib import import_module

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application: the words of its refusals, its commands."""
    for module in ("amount_words", "words"):
        import_module(f"app.payments.{module}")
    app.cli.add_command(import_module("app.payments.cli").payments)
