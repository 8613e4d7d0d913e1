"""Reading delegations: who decides for whom at a site, and whether that counts at this moment."""

from collections.abc import Sequence

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import (
    Delegation,
    Grant,
    Membership,
    MembershipState,
    Organisation,
    OrganisationState,
    Person,
    Role,
    RoleGrant,
)
from app.core import clock
from app.core.errors import NotFound
from app.infra.db import Instant, db

NOW: BindParameter[object] = bindparam("now", type_=Instant())


def in_force() -> ColumnElement[bool]:
    """Say in SQL that a delegation counts at the parameter `now`: in its days, and its giver still answers there."""
    giver, owner = aliased(Person), aliased(Organisation)
    manages = exists().where(
        RoleGrant.person_id == Delegation.giver_id,
        RoleGrant.site_id == Delegation.site_id,
        RoleGrant.role == Grant.SITE_MANAGER,
    )
    administers = exists().where(
        Membership.person_id == Delegation.giver_id,
        Membership.organisation_id == Delegation.owner_id,
        Membership.role == Role.ORG_ADMIN,
        Membership.state == MembershipState.ACTIVE,
        owner.id == Delegation.owner_id,
        owner.state == OrganisationState.ACTIVE,
    )
    is_there = exists().where(giver.id == Delegation.giver_id, giver.disabled_at.is_(None))
    days = and_(Delegation.start_at <= NOW, Delegation.end_at > NOW, Delegation.ended_at.is_(None))
    return and_(days, is_there, or_(manages, administers))


def deputies_of(site_id: int) -> list[Person]:
    """List who decides for a site today by delegation."""
    held = select(Delegation.deputy_id).where(Delegation.site_id == site_id, in_force())
    deputies = select(Person).where(Person.id.in_(held), Person.disabled_at.is_(None))
    return list(db.session.scalars(deputies.order_by(Person.name, Person.id), {"now": clock.now()}))


def delegations_of(site_id: int, at_most: int = 50) -> Sequence[Delegation]:
    """List the delegations of a site, those that end last first, with the people."""
    return db.session.scalars(
        select(Delegation)
        .options(joinedload(Delegation.giver), joinedload(Delegation.deputy))
        .where(Delegation.site_id == site_id)
        .order_by(Delegation.end_at.desc(), Delegation.id.desc())
        .limit(at_most)
    ).all()


def get_delegation(site_id: int, public_id: str, *, to_change: bool = False) -> Delegation:
    """Get a delegation of a site by its public id, inside a use case locked `to_change`; raise NotFound."""
    wanted = select(Delegation).filter_by(site_id=site_id, public_id=public_id)
    if to_change:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound(delegation=public_id)
    return found


def names_of(person_ids: Sequence[int]) -> list[str]:
    """Name people, in the order of their names."""
    named = select(Person.name).where(Person.id.in_(list(person_ids))).order_by(Person.name, Person.id)
    return list(db.session.scalars(named))
