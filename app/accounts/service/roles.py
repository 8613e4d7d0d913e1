"""Roles held on a place: who manages a site, who coordinates a territory."""

from dataclasses import dataclass

from app.accounts import queries
from app.accounts.errors import AlreadyGranted, NamesThemself
from app.accounts.events import RoleGranted, RoleRevoked
from app.accounts.functions import Function, Functions
from app.accounts.models import Grant, MembershipState, Person, RoleGrant
from app.accounts.policy import AccountPermission as P
from app.accounts.rules import Attempt, normal_email
from app.accounts.service import limits
from app.accounts.service.locks import keep_person, one_at_a_time
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.infra.audit import record
from app.infra.events import emit
from app.infra.uow import atomic


@dataclass(frozen=True)
class Scope:
    """Where a role is held: a territory, or a site that lies in it and belongs to an organisation."""

    territory_id: int
    site_id: int | None = None
    owner_id: int | None = None  # whose administrators may say who manages the site


def grant_site_manager(
    actor: Actor, *, site_id: int, territory_id: int, person_id: int, owner_id: int | None = None
) -> RoleGrant:
    """Let a person manage a site of the territory; raise AlreadyGranted, NotFound, Forbidden.

    Only the administrators of its owner may name themselves: raise NamesThemself for whoever else does.
    """
    require(actor, P.GRANT_SITE, Scope(territory_id, site_id, owner_id))
    if person_id == actor.person_id and not actor.administers(owner_id):
        raise NamesThemself(field="email")
    return _grant(actor, Grant.SITE_MANAGER, Scope(territory_id, site_id, owner_id), person_id)


def set_functions(actor: Actor, scope: Scope, person_id: int, functions: Functions) -> bool:
    """Say which functions a manager of a site holds; tell whether that is new. Raise NotFound, Forbidden."""
    require(actor, P.GRANT_SITE, scope)
    with atomic() as session:
        grant = _find(Grant.SITE_MANAGER, scope, person_id)
        if grant is None:
            raise NotFound(person=person_id)
        is_new = grant.functions != functions
        grant.is_technical, grant.is_elected = Function.TECHNICAL in functions, Function.ELECTED in functions
        session.flush()
        return is_new


def grant_coordinator(actor: Actor, *, territory_id: int, person_id: int) -> RoleGrant:
    """Let a person coordinate a territory; raise AlreadyGranted, NotFound, Forbidden."""
    return _grant(actor, Grant.COORDINATOR, Scope(territory_id), person_id)


def revoke_site_manager(
    actor: Actor, *, site_id: int, territory_id: int, person_id: int, owner_id: int | None = None
) -> None:
    """End a person's management of a site; raise NotFound, Forbidden."""
    _revoke(actor, Grant.SITE_MANAGER, Scope(territory_id, site_id, owner_id), person_id)


def revoke_coordinator(actor: Actor, *, territory_id: int, person_id: int) -> None:
    """End a person's coordination of a territory; raise NotFound, Forbidden."""
    _revoke(actor, Grant.COORDINATOR, Scope(territory_id), person_id)


def person_to_grant(actor: Actor, email: str, territory_id: int, address: str | None = None) -> Person:
    """Find whom the coordination means by an address; raise BadEmail, Forbidden, PersonUnknown, TooMany.

    The coordination may learn who has an account, but not try address after address: misses are counted.
    """
    require(actor, P.LOOK_UP_PERSON, Scope(territory_id))
    email = normal_email(email)
    attempt_id = limits.count_try(Attempt.LOOK_UP, str(actor.person_id), address)
    person = queries.known_person(email)
    with atomic():
        limits.forget_try(attempt_id)
    return person


def find_colleague(email: str, *, organisation_id: int, site_id: int) -> Person | None:
    """Find whom the administrators of an organisation may name by an address: who they see on its lists anyway.

    None for anyone else, account or not, so that nobody learns which addresses have one; invite them first.
    """
    person = queries.find_person_by_email(normal_email(email))
    if person is None or person.disabled_at or not person.verified_at:
        return None
    membership = queries.find_membership(person.id, organisation_id)
    belongs = membership is not None and membership.state == MembershipState.ACTIVE
    manages = queries.find_grant(person.id, Grant.SITE_MANAGER, site_id=site_id, territory_id=None)
    return person if belongs or manages else None


def _permission(scope: Scope) -> P:
    return P.GRANT_COORDINATION if scope.site_id is None else P.GRANT_SITE


def _grant(actor: Actor, role: Grant, scope: Scope, person_id: int) -> RoleGrant:
    require(actor, _permission(scope), scope)
    with atomic() as session:
        one_at_a_time(f"roles:{person_id}")
        person = keep_person(person_id)
        if _find(role, scope, person_id):
            raise AlreadyGranted(name=person.name, role=str(role))
        grant = RoleGrant(person=person, role=role, created_at=clock.now(), **_columns(scope))
        session.add(grant)
        session.flush()
        _note(actor, "role_granted", role, scope, person_id)
        emit(RoleGranted(person_id, role, **_columns(scope), to=queries.reader_of(person)))
        return grant


def _revoke(actor: Actor, role: Grant, scope: Scope, person_id: int) -> None:
    require(actor, _permission(scope), scope)
    with atomic() as session:
        grant = _find(role, scope, person_id)
        if grant is None:
            raise NotFound(person=person_id)
        to = queries.reader_of(grant.person)
        session.delete(grant)
        _note(actor, "role_revoked", role, scope, person_id)
        emit(RoleRevoked(person_id, role, **_columns(scope), to=to))


def _columns(scope: Scope) -> dict[str, int | None]:
    if scope.site_id is not None:
        return {"site_id": scope.site_id, "territory_id": None}
    return {"site_id": None, "territory_id": scope.territory_id}


def _find(role: Grant, scope: Scope, person_id: int) -> RoleGrant | None:
    return queries.find_grant(person_id, role, **_columns(scope))


def _note(actor: Actor, act: str, role: Grant, scope: Scope, person_id: int) -> None:
    facts = {"role": str(role), "site": scope.site_id}
    record("person", person_id, act, actor, territory_id=scope.territory_id, **facts)
