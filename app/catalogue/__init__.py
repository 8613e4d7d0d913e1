"""WHAT: sites, resources, kinds and their facts, photos, communes."""

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
