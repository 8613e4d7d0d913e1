"""What a request needs to know of who asks, in two statements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, union_all

from app.accounts.models import (
    Delegation,
    Grant,
    Membership,
    MembershipState,
    Organisation,
    OrganisationState,
    Person,
    RoleGrant,
)
from app.accounts.queries.delegations import in_force
from app.core import clock
from app.core.policy import VISITOR, Actor
from app.infra.db import db

DELEGATION = "delegation"


@dataclass(frozen=True)
class MyOrganisation:
    """An organisation somebody acts for, as far as a menu needs it."""

    id: int
    public_id: str
    slug: str
    name: str
    role: str
    priority_class: str


@dataclass(frozen=True)
class Account:
    """A person with everything held at this moment: what a request needs to know of who asks."""

    person_id: int
    public_id: str
    name: str
    email: str
    phone: str
    locale: str
    session_epoch: int
    is_platform_admin: bool
    has_password: bool
    seen_at: datetime | None
    organisations: tuple[MyOrganisation, ...]  # oldest membership first
    managed_sites: frozenset[int]
    coordinated: frozenset[int]
    delegations: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """Site id → in whose place the person decides there today."""

    def actor(self, acting_for: int | None = None) -> Actor:
        """Give the actor; `acting_for` counts only when the person belongs there, else it is the first."""
        memberships = {o.id: o.role for o in self.organisations}
        first = self.organisations[0].id if self.organisations else None
        acting = acting_for if acting_for in memberships else first
        return Actor(
            person_id=self.person_id,
            is_platform_admin=self.is_platform_admin,
            memberships=memberships,
            managed_sites=self.managed_sites,
            coordinated=self.coordinated,
            delegations=self.delegations,
            acting_for=acting,
            priority=next((o.priority_class for o in self.organisations if o.id == acting), ""),
        )


def find_account(person_id: int) -> Account | None:
    """Load a person who may come in, with organisations and roles, in two statements; None if there is none."""
    connection = db.session.connection()
    person = connection.execute(PERSON, {"person": person_id}).first()
    if person is None:
        return None
    held = connection.execute(HELD, {"person": person_id, "now": clock.now()}).all()
    return Account(
        person_id=person.id,
        public_id=person.public_id,
        name=person.name,
        email=person.email,
        phone=person.phone,
        locale=person.locale,
        session_epoch=person.session_epoch,
        is_platform_admin=person.is_platform_admin,
        has_password=person.has_password,
        seen_at=person.seen_at,
        organisations=tuple(MyOrganisation(*row[1:7]) for row in held if row[0] == "organisation"),
        managed_sites=frozenset(row[1] for row in held if row[0] == Grant.SITE_MANAGER),
        coordinated=frozenset(row[1] for row in held if row[0] == Grant.COORDINATOR),
        delegations=_by_site((row.id, row.giver_id) for row in held if row[0] == DELEGATION),
    )


def _by_site(rows: Iterable[tuple[int, int]]) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for site_id, giver_id in rows:
        found[site_id] = (*found.get(site_id, ()), giver_id)
    return found


def active_membership() -> ColumnElement[bool]:
    """Say in SQL that a membership counts."""
    return Membership.state == MembershipState.ACTIVE


def active_organisation() -> ColumnElement[bool]:
    """Say in SQL that an organisation has been admitted and not archived."""
    return Organisation.state == OrganisationState.ACTIVE


def _held() -> Select[Any]:
    o = Organisation
    organisations = (
        select(
            literal("organisation").label("what"),
            o.id.label("id"),
            o.public_id.label("public_id"),
            o.slug.label("slug"),
            o.name.label("name"),
            Membership.role.label("role"),
            o.priority_class.label("priority_class"),
            Membership.id.label("rank"),
            literal(0).label("giver_id"),
        )
        .join(o, Membership.organisation_id == o.id)
        .where(Membership.person_id == bindparam("person"), active_membership(), active_organisation())
    )
    nothing = literal("")
    place = func.coalesce(RoleGrant.site_id, RoleGrant.territory_id)
    names = (nothing, nothing, nothing, nothing, nothing)
    grants = select(RoleGrant.role, place, *names, RoleGrant.id, literal(0)).where(
        RoleGrant.person_id == bindparam("person")
    )
    d = Delegation
    delegations = select(literal(DELEGATION), d.site_id, *names, d.id, d.giver_id).where(
        d.deputy_id == bindparam("person"), in_force()
    )
    held = union_all(organisations, grants, delegations).subquery()
    wanted = ("what", "id", "public_id", "slug", "name", "role", "priority_class", "giver_id")
    columns = [held.c[name] for name in wanted]
    return select(*columns).order_by(held.c.rank)


# Asked on every request of somebody known, so built once: building costs more than asking (measured).
PERSON = select(
    Person.id,
    Person.public_id,
    Person.name,
    Person.email,
    Person.phone,
    Person.locale,
    Person.session_epoch,
    Person.is_platform_admin,
    Person.password_hash.is_not(None).label("has_password"),
    Person.seen_at,
).where(Person.id == bindparam("person"), Person.disabled_at.is_(None))
HELD = _held()


def load_actor(person_id: int, acting_for: int | None = None) -> Actor:
    """Give the actor for a person (two statements), or the visitor when the account is gone or disabled."""
    account = find_account(person_id)
    return account.actor(acting_for) if account else VISITOR
