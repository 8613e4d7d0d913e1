"""Who owes: tariffs, charges, shares, ledger, payments. Knows no booking: a charge has an opaque subject."""

from importlib import import_module

from flask import Flask

from app.core.policy import register as add_permissions


def register(app: Flask) -> None:
    """Plug the room into the application: its permissions, pages, jobs, words, listeners and commands."""
    add_permissions(import_module("app.payments.policy").TABLE)
    for module in ("amount_words", "listeners", "tasks", "words"):
        import_module(f"app.payments.{module}")
    import_module("app.payments.shell").init_app(app)
    app.jinja_env.filters.update(import_module("app.payments.paying_words").FILTERS)
    app.register_blueprint(import_module("app.payments.views").load())
    app.cli.add_command(import_module("app.payments.cli").payments)
