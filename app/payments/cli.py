"""Commands about money: does everything hold, and the books of an organisation."""

import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.accounts.models import Organisation
from app.infra.db import db
from app.payments import queries
from app.payments.books.checking import findings
from app.payments.books.exporting import FORMATS

payments = AppGroup("payments", help="What is owed and paid.")
DAY = click.DateTime(["%Y-%m-%d"])


@payments.command("check")
def check() -> None:
    """Look at every invariant of money; exit with 1 when one is broken."""
    all_hold = True
    for finding in findings():
        mark = "BROKEN" if finding.broken else "ok"
        click.echo(f"{mark:6}  {finding.name}: {finding.among:,} looked at, {finding.broken:,} broken")
        for each in finding.first:
            click.echo(f"          {each}")
        all_hold = all_hold and not finding.broken
    sys.exit(0 if all_hold else 1)


@payments.command("export")
@click.argument("form", metavar="FORMAT", type=click.Choice([*FORMATS]))
@click.option("--organisation", required=True, help="Short name (slug) of the organisation.")
@click.option("--from", "first", type=DAY, required=True, help="First day.")
@click.option("--to", "last", type=DAY, required=True, help="Last day.")
def export(form: str, organisation: str, first: datetime, last: datetime) -> None:
    """Write the books of an organisation: csv, fec (French tax authority) or beancount."""
    found = db.session.scalar(select(Organisation).filter_by(slug=organisation))
    if found is None:
        raise click.ClickException(f"There is no organisation {organisation}.")
    if last < first:
        raise click.ClickException("The last day comes before the first.")
    zone = ZoneInfo(found.territory.timezone)
    start, end = (day.replace(tzinfo=zone) for day in (first, last + timedelta(days=1)))
    for piece in FORMATS[form](found, queries.book(found.id, start, end)):
        click.echo(piece, nl=False)
