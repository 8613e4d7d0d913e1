"""FIRST RUN: from an empty database to a territory at work; the demo put beside it and erased again."""

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
    from app.core import policy  # noqa: PLC0415  # rooms are imported when the application is built
    from app.installation import cli, views, words  # noqa: F401, PLC0415  # words register on import
    from app.installation.policy import TABLE  # noqa: PLC0415

    policy.register(TABLE)
    app.register_blueprint(views.load())
    cli.register(app)
