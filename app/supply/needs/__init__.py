"""NEEDS: what organisations look for, matched to what is offered and to what stands free."""

from flask import Flask


def register(_app: Flask) -> None:
    """Plug the room into the application."""
