"""Reading organisations, their members, and who waits at their door."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.errors import LinkExpired, LinkUsed
from app.accounts.models import (
    Invitation,
    Membership,
    MembershipState,
    Organisation,
    OrganisationState,
    Person,
    Role,
)
from app.accounts.queries.account import active_membership, active_organisation
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import hash_secret, plain
from app.infra.db import db


def get_organisation(slug: str) -> Organisation:
    """Get an organisation by its slug, in any state; raise NotFound."""
    organisation = db.session.scalars(
        select(Organisation).options(joinedload(Organisation.territory)).filter_by(slug=slug)
    ).one_or_none()
    if organisation is None:
        raise NotFound(organisation=slug)
    return organisation


def find_organisation_named(territory_id: int, name: str) -> Organisation | None:
    """Find the living organisation of this name in a territory, whatever the case."""
    same = Organisation.search_text == plain(name)
    alive = Organisation.state.in_([OrganisationState.ACTIVE, OrganisationState.PENDING])
    return db.session.scalars(
        select(Organisation).where(Organisation.territory_id == territory_id, same, alive)
    ).first()


def active_organisations(
    territory_id: int | None = None, *, words: str = "", page: int = 1, size: int = 30
) -> tuple[Sequence[Organisation], int]:
    """Give one page of the directory by name, and how many organisations there are in all."""
    found = select(Organisation).where(active_organisation())
    if territory_id is not None:
        found = found.where(Organisation.territory_id == territory_id)
    for word in plain(words).split()[:6]:
        found = found.where(Organisation.search_text.contains(word, autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = found.order_by(Organisation.name, Organisation.id).limit(size).offset((page - 1) * size)
    return db.session.scalars(rows).all(), total


def organisations_by_id(ids: Collection[int]) -> Sequence[Organisation]:
    """List organisations by their ids, in the order of their names."""
    rows = select(Organisation).where(Organisation.id.in_(ids))
    return db.session.scalars(rows.order_by(Organisation.name, Organisation.id)).all()


def organisations_of(person_id: int) -> list[Organisation]:
    """List the active organisations a person belongs to, oldest membership first."""
    found = (
        select(Organisation)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person_id, active_membership(), active_organisation())
        .order_by(Membership.id)
    )
    return list(db.session.scalars(found))


def memberships_of(person_id: int) -> Sequence[Membership]:
    """List a person's memberships that are active or asked for, with the organisations in any state."""
    return db.session.scalars(
        select(Membership)
        .options(joinedload(Membership.organisation))
        .where(
            Membership.person_id == person_id,
            Membership.state.in_([MembershipState.ACTIVE, MembershipState.REQUESTED]),
        )
        .order_by(Membership.id)
    ).all()


def members_of(organisation_id: int) -> Sequence[Membership]:
    """List the active members of an organisation with the people, administrators first."""
    return db.session.scalars(
        select(Membership)
        .join(Membership.person)
        .options(contains_eager(Membership.person))
        .where(Membership.organisation_id == organisation_id, active_membership())
        .order_by(Membership.role.desc(), Person.name, Person.id)
    ).all()


def administrators_of(organisation_id: int) -> list[Person]:
    """List who answers for an organisation."""
    found = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.role == Role.ORG_ADMIN,
            active_membership(),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.name, Person.id)
    )
    return list(db.session.scalars(found))


def people_of(organisation_id: int) -> list[Person]:
    """List the active members of an organisation as people."""
    return [membership.person for membership in members_of(organisation_id)]


def find_membership(person_id: int | None, organisation_id: int) -> Membership | None:
    """Find a person's membership of an organisation, in any state."""
    if person_id is None:
        return None
    return db.session.scalars(
        select(Membership).filter_by(person_id=person_id, organisation_id=organisation_id)
    ).one_or_none()


def get_membership(membership_id: int) -> Membership:
    """Get a membership with its organisation; raise NotFound."""
    membership = db.session.get(
        Membership,
        membership_id,
        options=[joinedload(Membership.organisation), joinedload(Membership.person)],
    )
    if membership is None:
        raise NotFound(membership=membership_id)
    return membership


def requests_to_join(organisation_id: int) -> Sequence[Membership]:
    """List the requests an organisation has to answer, oldest first."""
    return _requests(Membership.organisation_id == organisation_id)


def requests_in(territory_ids: Iterable[int]) -> Sequence[Membership]:
    """List the requests to join that wait in territories, oldest first."""
    return _requests(Organisation.territory_id.in_(list(territory_ids)), active_organisation())


def _requests(*conditions: ColumnElement[bool]) -> Sequence[Membership]:
    return db.session.scalars(
        select(Membership)
        .join(Membership.person)
        .join(Membership.organisation)
        .options(contains_eager(Membership.person), contains_eager(Membership.organisation))
        .where(Membership.state == MembershipState.REQUESTED, *conditions)
        .order_by(Membership.created_at, Membership.id)
    ).all()


def organisations_to_admit(territory_ids: Iterable[int]) -> Sequence[Organisation]:
    """List the proposed organisations of territories, oldest first, with their founders."""
    return (
        db.session.scalars(
            select(Organisation)
            .options(joinedload(Organisation.memberships).joinedload(Membership.person))
            .where(
                Organisation.state == OrganisationState.PENDING,
                Organisation.territory_id.in_(list(territory_ids)),
            )
            .order_by(Organisation.created_at, Organisation.id)
        )
        .unique()
        .all()
    )


def count_admissions(territory_ids: Iterable[int]) -> int:
    """Count what waits for the coordination: proposed organisations and requests to join (one statement)."""
    ids = list(territory_ids)
    proposed = (
        select(func.count())
        .select_from(Organisation)
        .where(Organisation.state == OrganisationState.PENDING, Organisation.territory_id.in_(ids))
        .scalar_subquery()
    )
    asked = (
        select(func.count())
        .select_from(Membership)
        .join(Organisation, Membership.organisation_id == Organisation.id)
        .where(
            Membership.state == MembershipState.REQUESTED,
            active_organisation(),
            Organisation.territory_id.in_(ids),
        )
        .scalar_subquery()
    )
    return db.session.scalar(select(proposed + asked)) or 0


def open_invitations(organisation_id: int) -> Sequence[Invitation]:
    """List the invitations still waiting to be accepted."""
    return db.session.scalars(
        select(Invitation)
        .filter_by(organisation_id=organisation_id, accepted_at=None, revoked_at=None)
        .where(Invitation.expires_at > clock.now())
        .order_by(Invitation.id)
    ).all()


def get_invitation(secret: str) -> Invitation:
    """Get the invitation behind a link, still good; raise NotFound, LinkUsed or LinkExpired."""
    invitation = db.session.scalars(
        select(Invitation)
        .options(joinedload(Invitation.organisation))
        .where(Invitation.token_hash == hash_secret(secret))
    ).one_or_none()
    if invitation is None or invitation.organisation.state != OrganisationState.ACTIVE:
        raise NotFound
    if invitation.accepted_at or invitation.revoked_at:
        raise LinkUsed(purpose="invitation")
    if invitation.expires_at <= clock.now():
        raise LinkExpired(purpose="invitation")
    return invitation


def organisation_slug_taken(slug: str) -> bool:
    """Tell whether an organisation in any state has this slug."""
    return db.session.scalar(select(Organisation.id).filter_by(slug=slug)) is not None
