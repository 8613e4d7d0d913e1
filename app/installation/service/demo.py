"""The demo beside a real territory, and its erasure in one act.

The demo has a territory of its own. Erasing it deletes every row that belongs to that territory, to its organisations
or to what they share, found by the foreign keys, so that a new table needs no line here. What the append-only history
refers to (the territory, its organisations, its people) stays as a shell without a name, closed and out of sight; so
does what was owed and paid between them.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Table, delete, select, update

from app.accounts.models import Organisation, OrganisationState, Person, Territory
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_secret
from app.core.policy import Actor, require
from app.demo.load import DemoThere, load
from app.demo.spec import read_spec
from app.infra.audit import AuditEntry, record
from app.infra.db import Base, db
from app.infra.uow import atomic
from app.installation import queries
from app.installation.errors import DemoAlready, DemoInUse
from app.installation.policy import InstallationPermission as P

_SHELLS = {table.__tablename__ for table in (Territory, Organisation, Person, AuditEntry)}
_OWNED = {"hold"}  # a booking or a closure points to its hold, which goes with it and frees the capacity
Doomed = dict[str, set[int]]


@dataclass(frozen=True)
class DemoReport:
    """How many rows went."""

    rows: int


def put_demo(actor: Actor, uid_host: str) -> None:
    """Load the demo beside what is there; nobody can sign in with its accounts. Raise Forbidden, DemoAlready."""
    require(actor, P.SET_UP)
    try:
        load(uid_host, password=new_secret(), beside=True, with_admin=False)
    except DemoThere as error:
        raise DemoAlready from error


def erase_demo(actor: Actor) -> DemoReport:
    """Erase the demo, leaving what real people made outside it; raise Forbidden, NotFound, DemoInUse."""
    require(actor, P.SET_UP)
    with atomic():
        territory = queries.find_demo()
        if territory is None:
            raise NotFound(page="demo")
        people = _people()
        if names := queries.made_in(territory.id, but_by=people):
            raise DemoInUse(names=names)
        doomed = _doomed(territory.id, people)
        for table in reversed(Base.metadata.sorted_tables):
            _delete(table, doomed[table.name])
        _close_people(people)
        _close_organisations(territory.id)
        territory.slug, territory.name = f"demo-{territory.public_id}".lower(), "—"
        territory.communes, territory.erased_at = [], clock.now()
        record("territory", territory.id, "demo_erased", actor)
    return DemoReport(sum(map(len, doomed.values())))


def _people() -> set[int]:
    emails = [person.email for person in read_spec().people]
    return set(db.session.scalars(select(Person.id).where(Person.email.in_(emails))))


def _doomed(territory_id: int, people: set[int]) -> Doomed:
    """Find the rows to delete: from the territory, its organisations and its people down, until nothing is added."""
    organisations = set(
        db.session.scalars(select(Organisation.id).where(Organisation.territory_id == territory_id))
    )
    roots = {"territory": {territory_id}, "organisation": organisations}
    doomed: Doomed = defaultdict(set)
    grown = True
    while grown:
        before = sum(map(len, doomed.values()))
        for table in _erasable():
            for column, target in _references(table):
                gone = roots.get(target) or doomed[target]
                doomed[table.name] |= _pointing(table, column, gone)
            _follow_owned(table, doomed)
        grown = sum(map(len, doomed.values())) > before
    for table in _erasable():
        doomed[table.name] |= _personal(table, people)
    return doomed


def _erasable() -> Iterator[Table]:
    """List the tables whose rows may go and are known by a number; the database lets none of money's go."""
    return (
        table
        for table in Base.metadata.sorted_tables
        if table.name not in _SHELLS and table.foreign_keys and not table.info.get("kept")
    )


def _key(table: Table) -> Column[int]:
    return next(iter(table.primary_key.columns))


def _references(table: Table) -> Iterator[tuple[Column[int], str]]:
    for key in table.foreign_keys:
        if key.ondelete != "SET NULL":
            yield key.parent, key.column.table.name


def _pointing(table: Table, column: Column[int], gone: set[int]) -> set[int]:
    found: set[int] = set()
    ids = sorted(gone)
    for at in range(0, len(ids), 500):
        found |= set(db.session.scalars(select(_key(table)).where(column.in_(ids[at : at + 500]))))
    return found


def _follow_owned(table: Table, doomed: Doomed) -> None:
    for key in table.foreign_keys:
        target = key.column.table.name
        if target in _OWNED:
            ids = sorted(doomed[table.name])
            for at in range(0, len(ids), 500):
                owners = _key(table).in_(ids[at : at + 500])
                doomed[target] |= set(
                    db.session.scalars(select(key.parent).where(owners, key.parent.isnot(None)))
                )


def _personal(table: Table, people: set[int]) -> set[int]:
    """Find what lets a person in or speaks for them: links, tokens, feeds, memberships, roles."""
    targets = {target for _column, target in _references(table)}
    if targets != {"person"} and table.name not in ("membership", "role_grant"):
        return set()
    return {
        row
        for column, target in _references(table)
        if target == "person"
        for row in _pointing(table, column, people)
    }


def _delete(table: Table, ids: set[int]) -> None:
    ordered = sorted(ids)
    for at in range(0, len(ordered), 500):
        db.session.execute(delete(table).where(_key(table).in_(ordered[at : at + 500])))


def _close_people(people: set[int]) -> None:
    for person in db.session.scalars(select(Person).where(Person.id.in_(people))):
        person.email, person.name, person.phone = f"{person.public_id}@demo.invalid".lower(), "—", ""
        person.password_hash, person.disabled_at = None, clock.now()
        person.session_epoch, person.is_platform_admin = person.session_epoch + 1, False


def _close_organisations(territory_id: int) -> None:
    closed = {
        "state": OrganisationState.ARCHIVED,
        "name": "—",
        "search_text": "",
        "email": "",
        "phone": "",
        "contact_name": "",
    }
    mine = Organisation.territory_id == territory_id
    db.session.execute(update(Organisation).where(mine).values(closed))
    for organisation in db.session.scalars(select(Organisation).where(mine)):
        organisation.slug = f"demo-{organisation.public_id}".lower()
