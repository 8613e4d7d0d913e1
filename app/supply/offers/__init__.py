"""OFFERS: what somebody has too much of, where and until when, and who takes how much of it."""

from flask import Flask


def register(_app: Flask) -> None:
    """Plug the room into the application."""
