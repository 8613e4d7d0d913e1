"""PUBLIC JSON, versioned."""

from importlib import import_module

from flask import Flask

DOCS = "/api/v1/docs"


def register(app: Flask) -> None:
    """Plug the room into the application."""
    from app.api.views import load  # noqa: PLC0415  # when the application is built
    from app.web.cookieless import Cookieless  # noqa: PLC0415

    import_module("app.api.words")
    app.register_blueprint(load())
    app.wsgi_app = Cookieless(app.wsgi_app, _is_api)  # type: ignore[method-assign]


def _is_api(path: str) -> bool:
    return path.startswith("/api/") and path != DOCS
