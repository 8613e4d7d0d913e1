"""THE HEART: request, approve, change, cancel, talk."""

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
