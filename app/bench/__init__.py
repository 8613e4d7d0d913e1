"""HOW FAST: fills a database to any size and times the hot paths beside a raw driver, in the same run."""

from importlib import import_module

from flask import Flask


def register(app: Flask) -> None:
    """Plug the commands into the application."""
    app.cli.add_command(import_module("app.bench.cli").bench)
