"""Commands about accounts: the first administrator, coordinators, tokens, lost mailboxes."""

import click
from flask import Flask
from flask.cli import AppGroup

from app.accounts import queries, service
from app.accounts.rules import normal_email
from app.core.errors import DomainError
from app.core.policy import Actor
from app.web.i18n import speaking
from app.web.words import explain

account = AppGroup("account", help="People and their roles.")
token = AppGroup("token", help="Personal tokens for the API.")
_OPERATOR = Actor(is_platform_admin=True)


def register(app: Flask) -> None:
    """Plug the commands into the application."""
    app.cli.add_command(account)
    app.cli.add_command(token)


def _refused(error: DomainError) -> click.ClickException:
    with speaking("en"):  # as the rest of the command line
        return click.ClickException(explain(error))


@account.command("create-admin")
@click.option("--email", required=True, help="Address to sign in with.")
@click.option("--name", default="Administration", show_default=True, help="Name shown to others.")
@click.password_option("--password", help="Asked for when not given.")
def create_admin(email: str, name: str, password: str) -> None:
    """Open the account that runs the platform, or give this role to an existing one."""
    try:
        service.open_verified_account(name=name, email=email, password=password, is_admin=True)
    except DomainError as error:
        raise _refused(error) from error
    click.echo(f"{email} runs the platform.")


@account.command("coordinator")
@click.option("--email", required=True, help="Address of a confirmed account.")
@click.option("--territory", required=True, help="Short name (slug) of the territory.")
def coordinator(email: str, territory: str) -> None:
    """Let somebody coordinate a territory."""
    try:
        found, person = queries.get_territory(territory), queries.known_person(normal_email(email))
        service.grant_coordinator(_OPERATOR, territory_id=found.id, person_id=person.id)
    except DomainError as error:
        raise _refused(error) from error
    click.echo(f"{email} coordinates {territory}.")


@account.command("change-email")
@click.option("--email", required=True, help="Present address.")
@click.option("--to", "new_email", required=True, help="New address; the person reads mail there.")
def change_email(email: str, new_email: str) -> None:
    """Give an account another address, for somebody who lost the mailbox."""
    try:
        person = queries.known_person(normal_email(email))
        service.correct_email(person.id, new_email, _OPERATOR)
    except DomainError as error:
        raise _refused(error) from error
    click.echo(f"{email} is now {new_email}.")


@token.command("create")
@click.option("--email", required=True, help="Whose token it is.")
@click.option("--name", default="API", show_default=True, help="What it is for.")
def create_token(email: str, name: str) -> None:
    """Make a personal token for the API and print its secret, once."""
    try:
        person = queries.known_person(normal_email(email))
        secret = service.create_token(Actor(person_id=person.id), name)
    except DomainError as error:
        raise _refused(error) from error
    click.echo(secret)
