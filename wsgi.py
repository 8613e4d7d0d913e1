"""What servers and the `flask` command load.

The `flask` command finds `create_app`; granian is given the factory `server`, which adds the job worker:
`granian --interface wsgi --factory wsgi:server`.
"""

from flask import Flask

from app import create_app
from app.infra.worker import start_embedded_worker
from config import Config

__all__ = ["create_app", "server"]


def server() -> Flask:
    """Make the application of one server process, and one job worker for the whole server where that is set."""
    config = Config.from_env()
    app = create_app(config)
    if config.embedded_worker:
        start_embedded_worker(app)
    return app
