"""Commands of the first run: the code, for whoever can type on the server."""

import click
from flask import Flask
from flask.cli import AppGroup

from app.installation import service

installation = AppGroup("installation", help="The first run.")


def register(app: Flask) -> None:
    """Plug the commands into the application."""
    app.cli.add_command(installation)


@installation.command("code")
def code() -> None:
    """Draw a new one-time code for /installation and show it."""
    drawn = service.renew_code()
    click.echo(drawn or "Somebody runs this installation already: no code is needed.")
