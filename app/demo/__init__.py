"""THE DEMO: an invented territory that looks alive on any day, loaded through the real use cases."""

from flask import Flask

from app.demo.cli import demo


def register(app: Flask) -> None:
    """Plug the commands into the application."""
    app.cli.add_command(demo)
