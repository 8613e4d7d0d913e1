"""LOTS: which food came from whom and went to whom, how warm it was on the way, and the papers that say so."""

from flask import Flask


def register(_app: Flask) -> None:
    """Plug the room into the application."""
