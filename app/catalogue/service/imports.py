"""Importing the rows of a file as sites: each row a use case, the same file twice changes nothing."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.accounts.models import Organisation, Territory
from app.accounts.queries import find_organisation_named
from app.catalogue.models import Site
from app.catalogue.queries import find_site_from
from app.catalogue.rules import SiteFacts
from app.catalogue.scdl import Problem, Sheet, SiteRow, read_rows
from app.catalogue.service.sites import create_site, edit_site
from app.core.errors import DomainError, Invalid
from app.core.policy import Actor
from app.infra.uow import atomic


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    ARCHIVED = "archived"  # the site was archived by hand: left alone
    REFUSED = "refused"


@dataclass(frozen=True)
class RowDone:
    """One row after its turn."""

    number: int
    name: str
    outcome: Outcome
    problems: Sequence[Problem] = field(default_factory=tuple)


class _Rehearsed(Exception):  # not an error: the end of a dry run
    """Undoes everything a dry run did."""


def import_sites(
    actor: Actor, sheet: Sheet, territory: Territory, owner: Organisation | None, *, dry_run: bool = False
) -> Iterator[RowDone]:
    """Import row by row, telling each as it is done. A dry run does all of it, then undoes all of it.

    Without `owner`, the organisation named in COLL_NOM owns the site. Sites are known again by EQUIP_UID: the file
    then updates name, address, point and contact, and leaves hours and everything else to who manages the site.
    """
    run = _Run(actor, territory, owner)
    if not dry_run:
        yield from run.rows(sheet)
        return
    with suppress(_Rehearsed), atomic():
        yield from run.rows(sheet)
        raise _Rehearsed


class _Run:
    """One import: who does it, where, for whom."""

    def __init__(self, actor: Actor, territory: Territory, owner: Organisation | None) -> None:
        self.actor = actor
        self.territory_id, self.slug = territory.id, territory.slug
        self.owner = owner
        self.owners: dict[str, Organisation | None] = {}

    def rows(self, sheet: Sheet) -> Iterator[RowDone]:
        for (number, values), (row, problems) in zip(sheet.rows, read_rows(sheet), strict=True):
            if row is None:
                yield RowDone(number, values.get("EQUIP_NOM", ""), Outcome.REFUSED, problems)
            else:
                yield self._one(row, problems)

    def _one(self, row: SiteRow, problems: list[Problem]) -> RowDone:
        known = find_site_from(self._key(row))
        owner = known.owner if known else self._owner_of(row)
        if owner is None:
            problems.append(Problem(row.number, "COLL_NOM", row.collectivity, "import_owner_unknown"))
            return RowDone(row.number, row.facts.name, Outcome.REFUSED, problems)
        try:
            with atomic() as session, session.begin_nested():  # in a dry run the rows share one transaction
                outcome = self._update(known, row) if known else self._create(owner, row, problems)
        except DomainError as error:
            problems.append(Problem(row.number, "", "", error.code, error.facts))
            outcome = Outcome.REFUSED
        return RowDone(row.number, row.facts.name, outcome, problems)

    def _key(self, row: SiteRow) -> str:
        return f"scdl:{self.territory_id}:{row.uid}"

    def _owner_of(self, row: SiteRow) -> Organisation | None:
        if self.owner or not row.collectivity:
            return self.owner
        name = row.collectivity
        if name not in self.owners:
            self.owners[name] = find_organisation_named(self.territory_id, name)
        return self.owners[name]

    def _create(self, owner: Organisation, row: SiteRow, problems: list[Problem]) -> Outcome:
        """Create the site with the hours of the file; hours we cannot keep are told, and the usual ones apply."""
        try:
            with atomic() as session, session.begin_nested():
                self._open(owner, row, row.hours)
        except Invalid as error:
            if row.hours is None or error.code != "bad_opening_hours":
                raise
            column = "EQUIP_OUVERTURE"
            problems.append(
                Problem(row.number, column, row.hours, "import_hours", {"why": error}, fatal=False)
            )
            self._open(owner, row, None)
        return Outcome.CREATED

    def _open(self, owner: Organisation, row: SiteRow, hours: str | None) -> None:
        create_site(self.actor, owner, row.facts, expression=hours, source_key=self._key(row))

    def _update(self, site: Site, row: SiteRow) -> Outcome:
        if site.archived_at:
            return Outcome.ARCHIVED
        return Outcome.UPDATED if edit_site(self.actor, site, _over(site, row)) else Outcome.UNCHANGED


def _over(site: Site, row: SiteRow) -> SiteFacts:
    """Lay what the file says over what is known: an empty cell takes nothing away."""
    said = row.facts
    same_commune = said.commune_code == site.commune_code
    keeps_point = said.lat is None and same_commune
    return replace(
        said,
        description=site.description,
        access_notes=said.access_notes or site.access_notes,
        address=said.address or site.address,
        postcode=said.postcode or (site.postcode if same_commune else ""),
        phone=said.phone or site.phone,
        email=said.email or site.email,
        lat=site.lat if keeps_point else said.lat,
        lon=site.lon if keeps_point else said.lon,
        school_zone=site.school_zone if same_commune else "auto",
    )
