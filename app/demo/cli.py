"""`flask demo load`: fills an empty database with the invented territory and says how to sign in."""

from datetime import UTC, date, datetime, time

import click
from flask import current_app
from flask.cli import AppGroup

from app.core import clock
from app.demo.load import PASSWORD, DemoThere, NotEmpty, Report, is_empty, is_there, load, password_works
from app.demo.spec import read_spec
from app.demo.world import ZONE
from config import Config

demo = AppGroup("demo", help="An invented territory, alive on any day.")

_REASONS = {
    "outside_hours": "closed", "taken": "taken", "capacity": "taken", "buffer": "taken", "closed": "closed",
    "story": "no free time today",
}  # fmt: skip


@demo.command("load")
@click.option(
    "--anchor", default="today", show_default=True, help="The day it is arranged around (YYYY-MM-DD)."
)
@click.option("--if-empty", is_flag=True, help="Do nothing where there are people or organisations already.")
@click.option("--force", is_flag=True, help="Load it beside what is there (never twice, never deleting).")
@click.option("--password", default=None, help=f"Of all demo accounts; {PASSWORD} outside production.")
def load_command(anchor: str, *, if_empty: bool, force: bool, password: str | None) -> None:
    """Load the demo territory and print its accounts."""
    config: Config = current_app.config["MUTUALIM"]
    if not (if_empty and not is_empty()):
        if password is None and not config.is_development:
            raise click.ClickException("In production, choose the password of the demo accounts: --password")
        _load(config, _moment(anchor), password or PASSWORD, force=force)
    if is_there():
        _print_accounts(config.base_url, password)


def _load(config: Config, now: datetime, password: str, *, force: bool) -> None:
    try:
        report = load(
            config.uid_host, now=now, password=password, beside=force, with_mail=config.mail_url is None
        )
    except DemoThere as error:
        raise click.ClickException("The demo is there already; nothing was changed.") from error
    except NotEmpty as error:
        raise click.ClickException(
            "The database is not empty. Take an empty one, or load the demo beside what is there with --force."
        ) from error
    click.echo(_summary(report))


def _moment(anchor: str) -> datetime:
    if anchor == "today":
        return clock.now()
    try:
        day = date.fromisoformat(anchor)
    except ValueError as error:
        raise click.BadParameter("today, or a date like 2026-09-01", param_hint="--anchor") from error
    return datetime.combine(day, time(10), ZONE).astimezone(UTC)


def _summary(report: Report) -> str:
    counts = ", ".join(f"{number} {what}" for what, number in report.counts.items())
    dropped = sum(report.dropped.values())
    reasons: dict[str, int] = {}
    for code, number in report.dropped.items():
        reasons[_REASONS.get(code, code)] = reasons.get(_REASONS.get(code, code), 0) + number
    details = ", ".join(f"{reason} {number}" for reason, number in reasons.items())
    left_out = f"; {dropped} left out ({details})" if dropped else ""
    return f"Demo loaded in {report.seconds:.1f} s: {counts}{left_out}."


def _print_accounts(base_url: str, password: str | None) -> None:
    shown = [person for person in read_spec().people if person.shown]
    width = max(len(person.email) for person in shown)
    click.echo(f"\nThe demo territory is at {base_url}")
    if password or password_works():
        click.echo(f"Sign in with one of these addresses and the password  {password or PASSWORD}\n")
    for person in shown:
        click.echo(f"  {person.email:<{width}}  {person.name}, {person.shown}")
