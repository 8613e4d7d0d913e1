"""Commands that span rooms; each room adds its own."""

import signal
import threading
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.infra import jobs
from config import Config


def register(app: Flask) -> None:
    """Plug the commands into the application."""
    app.cli.add_command(worker)
    app.cli.add_command(settings)


def _application() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Flask's own way


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then leave.")
@with_appcontext
def worker(*, once: bool) -> None:
    """Work off the job queue on this machine, until stopped."""
    app = _application()
    if once:
        jobs.queue_due_periods(app)
        click.echo(f"{jobs.run_due(app)} jobs done.")
        return
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()
        jobs.wake.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    click.echo("The worker is ready; Ctrl-C ends it after the job at hand.")
    jobs.run_worker(app, stop)


@click.command()
@with_appcontext
def settings() -> None:
    """Say how this installation is set, without its secrets."""
    config: Config = current_app.config["MUTUALIM"]
    kind = "SQLite file" if config.is_sqlite else "PostgreSQL"
    click.echo(f"environment  {config.env}")
    click.echo(f"address      {config.base_url} (listening on {config.host}:{config.port})")
    click.echo(f"database     {kind}")
    click.echo(f"data         {config.data_dir}")
    click.echo(f"mail         {'mail server' if config.mail_url else config.mail_dir}")
    click.echo(f"server       {config.workers} processes of {config.threads} threads")
