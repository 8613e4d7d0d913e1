"""Commands of the catalogue: importing sites from open data, refreshing what search reads."""

import sys
from collections import Counter
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from flask_babel import gettext as _

from app.accounts.models import Organisation, Territory
from app.accounts.queries import get_organisation, territories
from app.catalogue.import_words import problem_lines, sheet_lines, sum_lines
from app.catalogue.scdl import Sheet, read_sheet
from app.catalogue.service import import_sites, refresh_search
from app.catalogue.service.imports import Outcome
from app.core.errors import DomainError, NotFound
from app.core.policy import Actor
from app.web.i18n import speaking
from app.web.words import explain

_OPERATOR = Actor(is_platform_admin=True)  # whoever has the command line runs the platform

imports = AppGroup("import", help="Bring in data from files.")
catalogue = AppGroup("catalogue", help="Look after the catalogue.")


def register(app: Flask) -> None:
    """Plug the commands into the application."""
    app.cli.add_command(imports)
    app.cli.add_command(catalogue)


@imports.command("sites")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--territory", help="Slug of the territory; not needed when there is only one.")
@click.option("--owner", help="Slug of the organisation that owns the sites; else the one named in COLL_NOM.")
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@click.option("--locale", default="fr", type=click.Choice(["fr", "en"]), help="Language of the report.")
@with_appcontext
def sites(file: Path, territory: str | None, owner: str | None, locale: str, *, dry_run: bool) -> None:
    """Import sites from a CSV file in the French open-data schema of public facilities (SCDL « équipements »).

    The same file can be imported again: sites are known by EQUIP_UID.
    """
    with speaking(locale):
        try:
            sheet = read_sheet(file.read_bytes())
        except DomainError as error:
            raise click.ClickException(explain(error)) from error
        counts = _run(sheet, _territory(territory), _owner(owner), dry_run=dry_run)
    if counts[Outcome.REFUSED]:
        raise SystemExit(1)


@catalogue.command("reindex")
@with_appcontext
def reindex() -> None:
    """Write anew the words by which resources are found (after a change of labels or translations)."""
    click.echo(f"{refresh_search()} resources changed.")


def _territory(slug: str | None) -> Territory:
    found = territories()
    chosen = [each for each in found if each.slug == slug] if slug else found
    if len(chosen) == 1:
        return chosen[0]
    slugs = ", ".join(sorted(each.slug for each in found)) or _("none")
    if slug:
        raise click.ClickException(
            _("There is no territory “%(slug)s”; there are: %(slugs)s.", slug=slug, slugs=slugs)
        )
    raise click.ClickException(_("Say which territory with --territory: %(slugs)s.", slugs=slugs))


def _owner(slug: str | None) -> Organisation | None:
    if not slug:
        return None
    try:
        return get_organisation(slug)
    except NotFound as error:
        raise click.ClickException(_("There is no organisation “%(slug)s”.", slug=slug)) from error


def _run(sheet: Sheet, where: Territory, whose: Organisation | None, *, dry_run: bool) -> Counter[Outcome]:
    """Import and report: progress while it goes, then what was wrong row by row, the sum at the end."""
    for line in sheet_lines(sheet):
        click.echo(line)
    done = import_sites(_OPERATOR, sheet, where, whose, dry_run=dry_run)
    with click.progressbar(done, length=len(sheet.rows), label=_("Rows"), file=sys.stderr) as progress:
        rows = list(progress)
    for row in rows:
        for line in problem_lines(row):
            click.echo(line)
    counts = Counter(row.outcome for row in rows)
    for line in sum_lines(counts, dry_run=dry_run):
        click.echo(line)
    return counts
