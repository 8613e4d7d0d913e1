"""Letting somebody decide in one's place, from one day to another; what they decide is written down as such."""

from datetime import timedelta

from app.accounts import queries
from app.accounts.errors import BadDelegation, DeputyUnknown
from app.accounts.events import DelegationEnded, DelegationGiven
from app.accounts.models import Delegation, Grant, MembershipState, Person
from app.accounts.policy import AccountPermission as P
from app.accounts.rules import Attempt, normal_email
from app.accounts.service import limits
from app.accounts.service.locks import keep_person
from app.accounts.service.roles import Scope
from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import Actor, can, require
from app.core.span import Span
from app.infra.audit import record
from app.infra.events import emit
from app.infra.uow import atomic

LONGEST = timedelta(days=366)


def deputy_for(actor: Actor, scope: Scope, email: str, address: str | None = None) -> Person:
    """Find whom somebody means by an address; raise BadEmail, DeputyUnknown, Forbidden, TooMany.

    Members of the owner, managers of the site and the coordination can be named; of anyone else nobody learns here
    whether they have an account. Misses are counted.
    """
    require(actor, P.DELEGATE, scope)
    if can(actor, P.LOOK_UP_PERSON, scope):
        return queries.known_person(normal_email(email))
    email = normal_email(email)
    attempt_id = limits.count_try(Attempt.LOOK_UP, str(actor.person_id), address)
    person = queries.find_person_by_email(email)
    if person is None or person.disabled_at or not person.verified_at or not _is_near(person.id, scope):
        raise DeputyUnknown(field="email", email=email)
    with atomic():
        limits.forget_try(attempt_id)
    return person


def _is_near(person_id: int, scope: Scope) -> bool:
    membership = queries.find_membership(person_id, scope.owner_id or 0)
    belongs = membership is not None and membership.state == MembershipState.ACTIVE
    return bool(
        belongs
        or queries.find_grant(person_id, Grant.SITE_MANAGER, site_id=scope.site_id, territory_id=None)
        or queries.find_grant(person_id, Grant.COORDINATOR, site_id=None, territory_id=scope.territory_id)
    )


def delegate(actor: Actor, scope: Scope, deputy_id: int, span: Span) -> Delegation:
    """Let somebody decide for a site in one's place; raise Forbidden, NotFound, BadDelegation.

    The span is made of whole days at the place. Delegations may overlap; whom one stands in for cannot pass it on.
    """
    require(actor, P.DELEGATE, scope)
    _check(actor, deputy_id, span)
    with atomic() as session:
        giver, deputy = (keep_person(number) for number in _in_order(actor.person_id or 0, deputy_id))
        if giver.id != actor.person_id:
            giver, deputy = deputy, giver
        made = Delegation(
            public_id=new_public_id(), site_id=scope.site_id, owner_id=scope.owner_id, giver_id=giver.id,
            deputy_id=deputy.id, start_at=span.start, end_at=span.end, created_at=clock.now(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        _note(actor, "delegated", scope, made)
        emit(DelegationGiven(queries.reader_of(deputy), giver.name, scope.site_id or 0, span))
    return made


def end_delegation(actor: Actor, scope: Scope, public_id: str) -> Delegation:
    """End a delegation before its last day, by its giver or who names managers; raise NotFound, Forbidden.

    One that is over stays as it was.
    """
    with atomic():
        found = queries.get_delegation(scope.site_id or 0, public_id, to_change=True)
        if found.giver_id != actor.person_id:
            require(actor, P.GRANT_SITE, scope)
        if found.ended_at or found.end_at <= clock.now():
            return found
        found.ended_at = clock.now()
        _note(actor, "delegation_ended", scope, found)
        to = queries.reader_of(found.deputy)
        emit(DelegationEnded(to, found.giver.name, found.site_id))
    return found


def _check(actor: Actor, deputy_id: int, span: Span) -> None:
    if deputy_id == actor.person_id:
        raise BadDelegation(field="email", reason="yourself")
    if span.end <= clock.now():
        raise BadDelegation(field="last", reason="over")
    if span.end - span.start > LONGEST:
        raise BadDelegation(field="last", reason="too_long")


def _in_order(*person_ids: int) -> list[int]:
    """Put people in the order in which they are locked."""
    return sorted(person_ids)


def _note(actor: Actor, act: str, scope: Scope, delegation: Delegation) -> None:
    facts = {
        "giver": delegation.giver_id,
        "deputy": delegation.deputy_id,
        "start": delegation.start_at.isoformat(),
        "end": delegation.end_at.isoformat(),
    }
    record("site", delegation.site_id, act, actor, territory_id=scope.territory_id, **facts)
