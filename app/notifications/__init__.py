"""TELLING PEOPLE: listens to events and queues mail; nobody imports it."""

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
