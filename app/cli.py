"""Commands that span rooms; each room adds its own."""

import os
import signal
import sys
import threading
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import inspect

from app.infra import jobs
from app.infra.db import db
from app.installation.models import InstallationCode
from app.installation.service import renew_code
from app.web.legal import missing_facts
from config import ROOT, Config


def register(app: Flask) -> None:
    """Plug the commands into the application."""
    app.cli.add_command(worker)
    app.cli.add_command(settings)
    app.cli.add_command(serve)


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
    click.echo(f"payments     {_payments(config)}")
    click.echo(f"server       {config.workers} processes of {config.threads} threads")
    if missing := missing_facts(config):
        click.echo(f"legal pages  lack {', '.join(missing)}")


def _payments(config: Config) -> str:
    if config.stripe_simulation:
        return "simulated"
    return "Stripe" if config.has_stripe else "not online"


@click.command()
@click.option("--migrate", is_flag=True, help="Bring the database to the newest schema first.")
@click.option("--demo", is_flag=True, help="Load the demo territory first if the database is empty.")
@with_appcontext
@click.pass_context
def serve(context: click.Context, *, migrate: bool, demo: bool) -> None:
    """Serve the application, with its job worker inside unless EMBEDDED_WORKER=0."""
    config: Config = current_app.config["MUTUALIM"]
    if migrate:
        config.data_dir.mkdir(parents=True, exist_ok=True)
        upgrade()
    if demo:
        _load_demo(context)
        if config.is_development and not config.has_stripe:
            os.environ["STRIPE_SIMULATION"] = "1"  # for the server: the demo shows paying on line, marked so
    _show_code(config.base_url)
    click.echo(f"\nMutualim: {config.base_url}  (Ctrl-C stops it)\n")
    sys.stdout.flush()
    os.execv(sys.executable, _server(config))  # noqa: S606  # our own interpreter with our own arguments


def _show_code(base_url: str) -> None:
    """Show the code of the first run while nobody runs the platform; this one process draws it for all workers."""
    if inspect(db.engine).has_table(InstallationCode.__tablename__) and (code := renew_code()):
        click.echo(
            f"\nNobody runs this installation yet. Open {base_url}/installation and type the code  {code}"
        )


def _load_demo(context: click.Context) -> None:
    """Call `flask demo load --if-empty`, which also says how to sign in."""
    demo = _application().cli.get_command(context, "demo")
    load = demo.get_command(context, "load") if isinstance(demo, click.Group) else None
    if load is None:
        raise click.ClickException("the demo is not installed here")
    load.main(args=["--if-empty"], prog_name="flask demo load", standalone_mode=False)


def _server(config: Config) -> list[str]:
    """Write the command line of granian: as many processes and threads as set, dead ones replaced."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--http", "1",
        "--host", config.host, "--port", str(config.port),
        "--workers", str(config.workers), "--blocking-threads", str(config.threads),
        "--respawn-failed-workers", "--workers-kill-timeout", "15", "--log-level", config.log_level.lower(),
        "--working-dir", str(ROOT), "--factory", "wsgi:server",
    ]  # fmt: skip
