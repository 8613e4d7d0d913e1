"""The private links people subscribe with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, bindparam, cast, func, literal, select

from app.accounts.models import Grant, Membership, Organisation, Person, RoleGrant
from app.accounts.queries.account import active_membership, active_organisation
from app.calendars.audiences import Audience, Scope
from app.calendars.models import Subscription
from app.core.errors import NotFound
from app.core.ids import hash_secret
from app.core.policy import Actor
from app.infra.db import db

_MINE = Subscription.person_id
_LINK = (
    select(
        Subscription.id,
        Subscription.scope,
        Subscription.scope_id,
        Subscription.audience,
        Subscription.revoked_at,
        Subscription.last_fetched_at,
        Person.id.label("person_id"),
        Person.locale,
        Person.is_platform_admin,
        Person.disabled_at,
        select(
            func.aggregate_strings(
                cast(Membership.organisation_id, String) + literal(":") + Membership.role, ","
            )
        )
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id == _MINE, active_membership(), active_organisation())
        .scalar_subquery()
        .label("memberships"),
        *(
            select(func.aggregate_strings(cast(column, String), ","))
            .where(RoleGrant.person_id == _MINE, RoleGrant.role == role, column.is_not(None))
            .scalar_subquery()
            .label(name)
            for name, role, column in (
                ("sites", Grant.SITE_MANAGER, RoleGrant.site_id),
                ("territories", Grant.COORDINATOR, RoleGrant.territory_id),
            )
        ),
    )
    .join(Person, Person.id == Subscription.person_id)
    .where(Subscription.token_hash == bindparam("token_hash"))
)


@dataclass(frozen=True)
class Link:
    """A subscription found by its secret, with who made it as they stand today (None: no longer welcome)."""

    id: int
    scope: Scope
    scope_id: int
    audience: Audience
    revoked: bool
    last_fetched_at: datetime | None
    locale: str
    actor: Actor | None


def find_link(secret: str) -> Link | None:
    """Find the subscription behind a secret, with its owner's rights, in one statement."""
    row = db.session.connection().execute(_LINK, {"token_hash": hash_secret(secret)}).one_or_none()
    if row is None:
        return None
    actor = Actor(
        person_id=row.person_id,
        is_platform_admin=row.is_platform_admin,
        memberships={int(key): role for key, _, role in (p.partition(":") for p in _pieces(row.memberships))},
        managed_sites=frozenset(map(int, _pieces(row.sites))),
        coordinated=frozenset(map(int, _pieces(row.territories))),
    )
    return Link(
        id=row.id,
        scope=Scope(row.scope),
        scope_id=row.scope_id,
        audience=Audience(row.audience),
        revoked=row.revoked_at is not None,
        last_fetched_at=row.last_fetched_at,
        locale=row.locale,
        actor=None if row.disabled_at else actor,
    )


def links_of(
    person_id: int, scope: Scope | None = None, scope_id: int | None = None
) -> Sequence[Subscription]:
    """List somebody's links that still work, oldest first: all, or those to one calendar."""
    found = select(Subscription).filter_by(person_id=person_id, revoked_at=None)
    if scope is not None:
        found = found.filter_by(scope=scope, scope_id=scope_id)
    return db.session.scalars(found.order_by(Subscription.id)).all()


def get_link(public_id: str) -> Subscription:
    """Get a link by its public id; raise NotFound."""
    link = db.session.scalar(select(Subscription).filter_by(public_id=public_id))
    if link is None:
        raise NotFound(kind="calendar_link", id=public_id)
    return link


def _pieces(joined: str | None) -> list[str]:
    return joined.split(",") if joined else []
