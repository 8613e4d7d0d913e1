"""Mutualim: a territory's food-solidarity actors share kitchens, storage, equipment, vehicles and land."""

from importlib import import_module

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from app.infra.db import db, set_up_engine
from config import ROOT, Config

# Lowest first. Each room's register(app) adds its routes, permission table, listeners, jobs and commands.
ROOMS = (
    "accounts",
    "catalogue",
    "availability",
    "payments",
    "payments.stripe",
    "payments.documents",
    "payments.announced",
    "payments.settlement",
    "payments.collection",
    "payments.deposits",
    "bookings",
    "supply",
    "supply.offers",
    "supply.chains",
    "supply.needs",
    "supply.gleanings",
    "supply.purchases",
    "supply.lots",
    "calendars",
    "notifications",
    "reports",
    "api",
    "installation",
)

migrate = Migrate()


def create_app(config: Config | None = None) -> Flask:
    """Build the application for one configuration (by default that of the environment)."""
    config = config or Config.from_env()
    app = Flask("app", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(
        config.flask_settings(),
        STATIC_ROOT=str(ROOT / "static"),
        TRANSLATIONS_ROOT=str(ROOT / "translations"),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.logger.setLevel(config.log_level)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _plug_in_infrastructure(app)
    _plug_in_shell(app)
    for room in ROOMS:
        import_module(f"app.{room}").register(app)
    for tool in ("cli", "bench", "demo"):
        import_module(f"app.{tool}").register(app)
    return app


def _plug_in_infrastructure(app: Flask) -> None:
    from app.infra import jobs

    db.init_app(app)
    with app.app_context():
        set_up_engine(db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    jobs.init_app(app)


def _plug_in_shell(app: Flask) -> None:
    from app.web import (
        compression,
        devmail,
        drain,
        errors,
        health,
        htmx,
        i18n,
        legal,
        pieces,
        security,
        shell,
        static,
        styleguide,
        wellknown,
    )

    app.wsgi_app = drain.Drained(app.wsgi_app)  # type: ignore[method-assign]
    htmx.htmx.init_app(app)
    for part in (compression, i18n, errors, security, static, shell, pieces, legal):
        part.init_app(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(wellknown.blueprint)
    config: Config = app.config["MUTUALIM"]
    if config.has_dev_pages:
        app.register_blueprint(devmail.blueprint)
        app.register_blueprint(styleguide.blueprint)
