"""PUBLIC JSON, versioned."""

from importlib import import_module

from flask import Flask


def register(app: Flask) -> None:
    """Plug the room into the application."""
    from app.api.views import load  # noqa: PLC0415  # when the application is built
    from app.web.cookieless import Cookieless  # noqa: PLC0415
    from app.web.errors import PROBLEM_TYPES  # noqa: PLC0415

    import_module("app.api.words")
    app.register_blueprint(load())
    app.register_blueprint(import_module("app.api.views.description").pages)

    def covers(path: str) -> bool:
        return path.startswith("/api/") and path != PROBLEM_TYPES  # the page about it knows its reader

    app.wsgi_app = Cookieless(app.wsgi_app, covers)  # type: ignore[method-assign]
