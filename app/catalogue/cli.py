"""Commands of the catalogue: importing sites from open data, refreshing what search reads."""

from flask import Flask


def register(app: Flask) -> None:
    """Plug the commands into the application."""
