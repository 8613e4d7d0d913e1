"""Reading all that hangs on an account, afresh at every call and in a number of statements that does not grow."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import func, or_, select

from app.accounts import asks
from app.accounts.asks import Place, Pledge, Whose
from app.accounts.leaving import Heir, Post, Standing, Tie
from app.accounts.models import (
    Grant,
    Membership,
    Organisation,
    OrganisationState,
    Person,
    Role,
    RoleGrant,
    Territory,
)
from app.accounts.queries.account import active_membership
from app.infra.db import db

_TAKING_PART = (OrganisationState.ACTIVE, OrganisationState.PENDING)


class _Member(NamedTuple):
    organisation_id: int
    person_id: int
    name: str
    role: str


def standing_of(person_id: int) -> Standing:
    """Read what hangs on an account; organisations that no longer take part count only where something is booked."""
    pledges = tuple(asks.pledges_of.ask(Whose(person_id=person_id)))
    sites = _sites(person_id)
    ties = _ties(person_id, pledges)
    return Standing(
        person_id=person_id,
        ties=ties,
        sites=sites,
        territories=_territories(person_id),
        is_last_platform_admin=_is_last_platform_admin(person_id),
        pledges=pledges,
        contacts=_contacts(person_id, ties, sites),
    )


def _ties(person_id: int, pledges: Collection[Pledge]) -> tuple[Tie, ...]:
    mine = select(Membership.organisation_id).where(Membership.person_id == person_id, active_membership())
    booked = {pledge.organisation_id for pledge in pledges}
    concerned = or_(
        Organisation.id.in_(mine) & Organisation.state.in_(_TAKING_PART), Organisation.id.in_(booked)
    )
    columns = (
        Organisation.id,
        Organisation.slug,
        Organisation.name,
        Organisation.territory_id,
        Organisation.state,
    )
    rows = db.session.execute(
        select(*columns).where(concerned).order_by(Organisation.name, Organisation.id)
    ).all()
    members = _members([row.id for row in rows])
    return tuple(
        _tie(
            person_id,
            Tie(*row[:4], row.state == OrganisationState.PENDING),
            members[row.id],
        )
        for row in rows
    )


def _members(organisation_ids: Collection[int]) -> Mapping[int, Sequence[_Member]]:
    rows = db.session.execute(
        select(Membership.organisation_id, Person.id, Person.name, Membership.role)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.organisation_id.in_(organisation_ids),
            active_membership(),
            Person.disabled_at.is_(None),
        )
        .order_by(Membership.role.desc(), Person.name, Person.id)
    )
    found: dict[int, list[_Member]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(_Member(*row))
    return found


def _tie(person_id: int, tie: Tie, members: Sequence[_Member]) -> Tie:
    """Say how somebody stands in an organisation; who is no member is not told who the members are."""
    me = next((member for member in members if member.person_id == person_id), None)
    others = [member for member in members if member.person_id != person_id]
    heirs = [Heir(other.person_id, other.name) for other in others]
    if me is None:
        heirs = [Heir(other.person_id) for other in others if other.role == Role.ORG_ADMIN][:1]
    is_admin = me is not None and me.role == Role.ORG_ADMIN
    return replace(
        tie,
        belongs=me is not None,
        is_last_admin=is_admin and not any(other.role == Role.ORG_ADMIN for other in others),
        is_alone=not others,
        heirs=tuple(heirs),
    )


def _sites(person_id: int) -> tuple[Post, ...]:
    """List the sites that take part and that somebody manages."""
    own = select(RoleGrant.site_id).where(
        RoleGrant.person_id == person_id, RoleGrant.role == Grant.SITE_MANAGER, RoleGrant.site_id.is_not(None)
    )
    others = (
        select(RoleGrant.site_id, func.count(Person.id).label("number"))
        .outerjoin(
            Person,
            (Person.id == RoleGrant.person_id) & (Person.id != person_id) & Person.disabled_at.is_(None),
        )
        .where(RoleGrant.role == Grant.SITE_MANAGER, RoleGrant.site_id.in_(own))
        .group_by(RoleGrant.site_id)
    )
    number = {row.site_id: row.number for row in db.session.execute(others)}
    places = asks.places_named.ask(list(number)) if number else []
    return tuple(
        Post(place.site_id, place.slug, place.name, place.territory_id, alone=not number[place.site_id])
        for place in places
    )


def _territories(person_id: int) -> tuple[Post, ...]:
    """List the territories somebody coordinates."""
    other = (
        select(RoleGrant.id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.territory_id == Territory.id,
            RoleGrant.role == Grant.COORDINATOR,
            Person.id != person_id,
            Person.disabled_at.is_(None),
        )
        .exists()
    )
    rows = db.session.execute(
        select(Territory.id, Territory.slug, Territory.name, other.label("helped"))
        .join(RoleGrant, RoleGrant.territory_id == Territory.id)
        .where(RoleGrant.person_id == person_id, RoleGrant.role == Grant.COORDINATOR)
        .order_by(Territory.name, Territory.id)
    )
    return tuple(Post(row.id, row.slug, row.name, row.id, alone=not row.helped) for row in rows)


def _is_last_platform_admin(person_id: int) -> bool:
    running = select(Person.id).where(Person.is_platform_admin.is_(True), Person.disabled_at.is_(None))
    return db.session.scalars(running).all() == [person_id]


def _contacts(person_id: int, ties: Sequence[Tie], sites: Sequence[Post]) -> tuple[Place | Tie, ...]:
    """Find the organisations and places near somebody whose contact bears their name, address or telephone."""
    me = db.session.execute(
        select(Person.name, Person.email, Person.phone).filter_by(id=person_id)
    ).one_or_none()
    own = [tie.organisation_id for tie in ties if tie.belongs]
    if me is None:
        return ()
    theirs = or_(
        Organisation.contact_name == me.name,
        Organisation.email == me.email,
        (Organisation.phone == me.phone) & (Organisation.phone != ""),
    )
    named = set(db.session.scalars(select(Organisation.id).where(Organisation.id.in_(own), theirs)))
    places = asks.places_reached.ask([site.id for site in sites], own, me.email, me.phone)
    return (*(tie for tie in ties if tie.organisation_id in named), *places)
