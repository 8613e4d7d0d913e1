"""`flask bench seed` and `flask bench run`."""

import click

from app.bench.seed import seed

bench = click.Group("bench", help="Fill a database and time the hot paths.")


@bench.command("seed")
@click.option("--resources", default=1000, show_default=True)
@click.option("--bookings", default=200_000, show_default=True)
def seed_command(resources: int, bookings: int) -> None:
    """Write resources and bookings into the configured database."""
    seed(resources, bookings, tell=lambda text: click.echo(text, err=True))
