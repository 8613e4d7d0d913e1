"""WHO OWES WHOM, SETTLED: debts set off between two, or among several who all agree. Stands on the ledger."""

from importlib import import_module

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application: its pages, jobs and words, and what its charges are called."""
    for part in ("listeners", "tasks", "words"):
        import_module(f"app.payments.settlement.{part}")
    app.register_blueprint(import_module("app.payments.settlement.views").load())
