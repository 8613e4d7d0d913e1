"""GROUP PURCHASES: organisations that order together, if enough is ordered by a day."""

from flask import Flask


def register(_app: Flask) -> None:
    """Plug the room into the application."""
