"""What servers and the `flask` command load.

The `flask` command finds `create_app`; granian is given the factory `server`, which adds the job worker:
`granian --interface wsgi --factory wsgi:server`.
"""

from flask import Flask

from app import create_app as build
from app.infra.worker import start_embedded_worker
from config import Config, ConfigError


def create_app() -> Flask:
    """Make the application for a command; wrong settings end in one list of what is wrong, without a traceback."""
    try:
        return build(Config.from_env())
    except ConfigError as error:
        raise SystemExit(str(error)) from None


def server() -> Flask:
    """Make the application of one server process, and one job worker for the whole server where that is set."""
    config = Config.from_env()
    app = build(config)
    if config.embedded_worker:
        start_embedded_worker(app)
    return app
