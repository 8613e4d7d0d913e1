"""What is kept of one person, for them to take away: readable, whole, nothing secret and nothing of anybody else."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.accounts import asks
from app.accounts.models import (
    AccessToken,
    Delegation,
    FoodAidAuthorisation,
    Invitation,
    Membership,
    OneTimeToken,
    Organisation,
    Person,
    RoleGrant,
    SignInAttempt,
    Territory,
)
from app.accounts.queries.people import get_person
from app.core import clock
from app.core.ids import hash_secret
from app.infra.audit import AuditEntry, lines_of
from app.infra.db import db

FORMAT = 1  # grows when a program that reads the file would stumble
Json = dict[str, Any]
# What a line of the history may tell besides who, when and what: a new kind of fact stays out until somebody looked.
_FACTS = (
    "before",
    "by_manager",
    "changed",
    "end",
    "name",
    "priority_class",
    "quantity",
    "reason",
    "role",
    "start",
)


def own_data(person_id: int) -> Json:
    """Collect what is kept of a person, as JSON values; raise NotFound."""
    person = get_person(person_id)
    return {
        "format": FORMAT,
        "made_at": write_instant(clock.now()),
        "account": _account(person),
        "organisations": _organisations(person_id),
        "roles": _roles(person_id),
        "delegations": _delegations(person_id),
        "invitations": _invitations(person),
        "tokens_for_programs": _tokens(person_id),
        "authorisations_for_food_aid": _authorisations(person_id),
        "links_sent_by_email": _links(person_id),
        "tries_to_sign_in": _tries(person),
        **asks.own_sections(person_id),
        "history": _history(person_id),
    }


def write_instant(at: datetime | None) -> str | None:
    """Write an instant as UTC to the second."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _account(person: Person) -> Json:
    return {
        "name": person.name,
        "email": person.email,
        "telephone": person.phone,
        "language": person.locale,
        "has_password": person.password_hash is not None,
        "runs_the_platform": person.is_platform_admin,
        "opened_at": write_instant(person.created_at),
        "confirmed_at": write_instant(person.verified_at),
        "last_seen_at": write_instant(person.seen_at),
        "warned_at": write_instant(person.warned_at),
    }


def _organisations(person_id: int) -> list[Json]:
    mine = select(Membership).options(joinedload(Membership.organisation)).filter_by(person_id=person_id)
    return [
        {
            "organisation": each.organisation.name,
            "role": each.role,
            "state": each.state,
            "message": each.message,
            "since": write_instant(each.created_at),
            "decided_at": write_instant(each.decided_at),
        }
        for each in db.session.scalars(mine.order_by(Membership.id))
    ]


def _roles(person_id: int) -> list[Json]:
    held = select(RoleGrant, Territory.name).outerjoin(Territory, Territory.id == RoleGrant.territory_id)
    rows = db.session.execute(held.where(RoleGrant.person_id == person_id).order_by(RoleGrant.id)).all()
    places = asks.places_named.ask([grant.site_id for grant, _name in rows if grant.site_id])
    names = {place.site_id: place.name for place in places}
    return [
        {
            "role": grant.role,
            "of": territory or names.get(grant.site_id or 0, ""),
            "since": write_instant(grant.created_at),
        }
        for grant, territory in rows
    ]


def _delegations(person_id: int) -> list[Json]:
    """Tell where the person decides, or lets somebody decide, by delegation; not with whom."""
    either = or_(Delegation.giver_id == person_id, Delegation.deputy_id == person_id)
    found = db.session.scalars(select(Delegation).where(either).order_by(Delegation.id)).all()
    places = asks.places_named.ask({each.site_id for each in found})
    names = {place.site_id: place.name for place in places}
    return [
        {
            "place": names.get(each.site_id, ""),
            "given_by_me": each.giver_id == person_id,
            "start": write_instant(each.start_at),
            "end": write_instant(each.end_at),
            "ended_at": write_instant(each.ended_at),
        }
        for each in found
    ]


def _authorisations(person_id: int) -> list[Json]:
    """Tell of those the person entered or decided on; not of the other one."""
    row = FoodAidAuthorisation
    either = or_(row.entered_by_id == person_id, row.decided_by_id == person_id)
    found = select(row).options(joinedload(row.organisation)).where(either).order_by(row.id)
    return [
        {
            "organisation": each.organisation.name,
            "entered_by_me": each.entered_by_id == person_id,
            "decided_by_me": each.decided_by_id == person_id,
            "reference": each.reference,
            "state": each.state,
            "entered_at": write_instant(each.entered_at),
        }
        for each in db.session.scalars(found)
    ]


def _invitations(person: Person) -> list[Json]:
    """Tell those sent to the person, and those they sent: not to whom."""
    found = select(Invitation).options(joinedload(Invitation.organisation))
    either = or_(Invitation.email == person.email, Invitation.invited_by_id == person.id)
    return [
        {
            "organisation": each.organisation.name,
            "role": each.role,
            "sent_by_me": each.invited_by_id == person.id,
            "sent_to_me": each.email == person.email,
            "sent_at": write_instant(each.created_at),
            "accepted_at": write_instant(each.accepted_at),
        }
        for each in db.session.scalars(found.where(either).order_by(Invitation.id))
    ]


def _tokens(person_id: int) -> list[Json]:
    mine = select(AccessToken).filter_by(person_id=person_id).order_by(AccessToken.id)
    return [
        {
            "name": each.name,
            "made_at": write_instant(each.created_at),
            "last_used_at": write_instant(each.last_used_at),
            "revoked_at": write_instant(each.revoked_at),
        }
        for each in db.session.scalars(mine)
    ]


def _links(person_id: int) -> list[Json]:
    mine = select(OneTimeToken).filter_by(person_id=person_id).order_by(OneTimeToken.id)
    return [
        {
            "purpose": each.purpose,
            "sent_at": write_instant(each.created_at),
            "ends_at": write_instant(each.expires_at),
            "used_at": write_instant(each.used_at),
        }
        for each in db.session.scalars(mine)
    ]


def _tries(person: Person) -> list[Json]:
    tries = select(SignInAttempt).filter_by(account_hash=hash_secret(person.email)).order_by(SignInAttempt.id)
    return [
        {
            "kind": each.kind,
            "at": write_instant(each.at),
            "network_address": each.address,
            "succeeded": each.succeeded,
        }
        for each in db.session.scalars(tries)
    ]


def _history(person_id: int) -> list[Json]:
    """Tell what the person did, and what was done about them; not by whom."""
    memberships = db.session.scalars(select(Membership.id).filter_by(person_id=person_id)).all()
    lines = lines_of(person_id, {"person": [person_id], "membership": memberships})
    names = _named(lines)
    return [
        {
            "at": write_instant(line.at),
            "act": line.act,
            "about": line.subject_kind,
            "name": names[line.subject_kind].get(line.subject_id, ""),
            "by_me": line.actor_id == person_id,
            "facts": {name: value for name, value in line.facts.items() if name in _FACTS},
        }
        for line in lines
    ]


def _named(lines: Iterable[AuditEntry]) -> Mapping[str, Mapping[int, str]]:
    ids: dict[str, set[int]] = defaultdict(set)
    for line in lines:
        ids[line.subject_kind].add(line.subject_id)
    return {kind: asks.names_of(kind, found) for kind, found in ids.items()}


@asks.names_things("organisation")
def organisation_names(ids: Iterable[int]) -> Mapping[int, str]:
    """Name organisations by their ids."""
    rows = db.session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(list(ids)))
    )
    return {row.id: row.name for row in rows}
