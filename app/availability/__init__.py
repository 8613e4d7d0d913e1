"""WHEN: opening hours, closures, capacity, holds: the only place that locks and counts."""

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
