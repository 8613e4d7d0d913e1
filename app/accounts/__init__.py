"""WHO: people, organisations, memberships, roles, sign-in, territories."""

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
