"""`flask bench seed` fills the configured database, `flask bench run` measures on it."""

import json
import tomllib
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select

from app.availability.models import Claim
from app.bench import amounts, engine, money, pages, planner, web
from app.bench.seed import seed
from app.bench.timing import Pace, piece_of_work, table
from app.catalogue.models import Resource
from app.infra.db import db

bench = click.Group("bench", help="Fill a database and time the hot paths.")
TARGETS = Path(__file__).with_name("targets.toml")


@bench.command("seed")
@click.option("--resources", default=1000, show_default=True)
@click.option("--bookings", default=200_000, show_default=True)
@with_appcontext
def seed_command(resources: int, bookings: int) -> None:
    """Write resources and bookings into the configured database."""
    seed(resources, bookings, tell=lambda text: click.echo(text, err=True))


@bench.command("run")
@click.option("--seconds", default=5.0, show_default=True, help="How long each HTTP figure is taken.")
@click.option("--without-http", is_flag=True, help="Leave the server out.")
@click.option(
    "--json", "as_json", type=click.Path(path_type=Path), help="Also write the figures to this file."
)
@with_appcontext
def run_command(seconds: float, as_json: Path | None, *, without_http: bool) -> None:
    """Measure the engine and the pages on the configured (seeded) database."""
    dialect, targets = db.engine.dialect.name, tomllib.loads(TARGETS.read_text())
    sizes = {
        "resources": db.session.scalar(select(func.count()).select_from(Resource)),
        "claims": db.session.scalar(select(func.count()).select_from(Claim)),
    }
    pace = Pace(piece_of_work, targets["pace"]["piece_of_work"])
    report = {"pages": pages.rows(targets["pages"], pace)}  # first: what is booked below would be in its feed
    if not without_http:
        report["http"] = web.rows(targets["http"], pace, seconds)
    report["amounts"] = amounts.rows(targets["amounts"], pace)
    report["planner"] = planner.rows(targets["planner"], pace)
    with engine.raw_driver() as raw:
        report["planner"] += planner.proposing(targets[dialect], raw, pace)
        report["engine"] = engine.rows(targets[dialect], raw, pace)
        report["money"] = money.rows(targets[dialect], raw, pace)
    click.echo(f"{dialect}: {sizes['resources']} resources, {sizes['claims']} claims")
    for title, rows in report.items():
        click.echo(table(f"{dialect}, {title}", rows))
    if as_json:
        found = {title: [row.as_json() for row in rows] for title, rows in report.items()}
        as_json.write_text(json.dumps({"database": dialect, **sizes, **found}, indent=1, ensure_ascii=False))
