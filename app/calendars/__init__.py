"""iCal out: private feeds that every calendar can subscribe to."""

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
