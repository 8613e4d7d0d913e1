"""WHAT: sites, resources, kinds and their facts, photos, communes."""

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
    from app.accounts import places  # noqa: PLC0415  # rooms are imported when the application is built
    from app.catalogue import (  # noqa: PLC0415
        answers,  # noqa: F401  # these register on import
        approval_words,  # noqa: F401
        cli,
        naming,
        part_words,  # noqa: F401
        tasks,  # noqa: F401
        term_words,  # noqa: F401
        views,
        words,  # noqa: F401
    )
    from app.catalogue.policy import TABLE  # noqa: PLC0415
    from app.core import policy  # noqa: PLC0415

    policy.register(TABLE)
    places.plug_in(naming.find_code, naming.label_of)
    app.register_blueprint(views.load())
    cli.register(app)
