"""WHEN: opening hours, closures, capacity, holds: the only place that locks and counts."""

from importlib import import_module

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
    for part in ("listeners", "tasks"):
        import_module(f"app.availability.{part}")
