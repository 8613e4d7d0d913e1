"""iCal out: private feeds that every calendar can subscribe to."""

from importlib import import_module

from flask import Flask

from app.core.policy import register as add_permissions


def register(app: Flask) -> None:
    """Plug the room into the application."""
    from app.calendars.privacy import hide_secrets, is_feed  # noqa: PLC0415  # when the application is built
    from app.web.cookieless import Cookieless  # noqa: PLC0415

    add_permissions(import_module("app.calendars.policy").TABLE)
    for part in ("tasks", "listeners", "answers"):
        import_module(f"app.calendars.{part}")
    import_module("app.calendars.gleanings")
    app.register_blueprint(import_module("app.calendars.views").blueprint)
    app.wsgi_app = Cookieless(app.wsgi_app, is_feed)  # type: ignore[method-assign]
    hide_secrets()
