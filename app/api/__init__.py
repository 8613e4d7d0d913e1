"""PUBLIC JSON, versioned."""

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
