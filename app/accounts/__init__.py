"""WHO: people, organisations, memberships, roles, sign-in, territories."""

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
    from app.accounts import cli, food_aid_words, identity, tasks, views, words  # noqa: F401, PLC0415  # tasks register on import
    from app.accounts.policy import TABLE  # noqa: PLC0415  # rooms are imported when the application is built
    from app.core import policy  # noqa: PLC0415

    policy.register(TABLE)
    identity.init_app(app)
    app.jinja_env.filters.update(words.FILTERS)
    app.register_blueprint(views.load())
    cli.register(app)
