"""GLEANING: calls for people who pick up from a field what would be left there."""

from flask import Flask


def register(_app: Flask) -> None:
    """Plug the room into the application."""
