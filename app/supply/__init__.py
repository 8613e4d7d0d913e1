"""FROM FIELD TO PLATE: what producers have too much of, and the chain that takes it to those who need it."""

from flask import Flask


def register(_app: Flask) -> None:
    """Plug the room into the application: its rooms within register themselves."""
