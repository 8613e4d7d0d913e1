"""Reading people, their links, roles and territories."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, bindparam, event, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.accounts.errors import LinkExpired, LinkUsed, PersonUnknown
from app.accounts.events import Reader
from app.accounts.models import AccessToken, Grant, OneTimeToken, Person, RoleGrant, Territory, TokenPurpose
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import hash_secret
from app.infra.db import db

LOOKS = select(Territory.hue, Territory.is_demo, Territory.shared_kinds).where(Territory.erased_at.is_(None))
_KEPT = "territory_looks"


def find_person_by_email(email: str) -> Person | None:
    """Find the person with this address (written as `rules.normal_email` does)."""
    return db.session.scalars(select(Person).where(Person.email == email)).one_or_none()


def known_person(email: str) -> Person:
    """Get the person with this address who can be given a role; raise PersonUnknown."""
    person = find_person_by_email(email)
    if person is None or person.disabled_at or not person.verified_at:
        raise PersonUnknown(email=email)
    return person


def get_person(person_id: int) -> Person:
    """Get a person by id; raise NotFound."""
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotFound(person=person_id)
    return person


def reader_of(person: Person) -> Reader:
    """Tell how a message reaches a person."""
    return Reader(person.id, person.email, person.name, person.locale)


def readers(people: Iterable[Person]) -> tuple[Reader, ...]:
    """Tell how a message reaches several people."""
    return tuple(reader_of(person) for person in people)


def find_token(secret: str, *purposes: TokenPurpose) -> OneTimeToken:
    """Get the stored side of a link, still good; raise NotFound, LinkUsed or LinkExpired."""
    token = db.session.scalars(
        select(OneTimeToken)
        .options(joinedload(OneTimeToken.person))
        .where(OneTimeToken.token_hash == hash_secret(secret), OneTimeToken.purpose.in_(purposes))
    ).one_or_none()
    return checked(token)


def checked(token: OneTimeToken | None) -> OneTimeToken:
    """Give back a token that can still be used; raise NotFound, LinkUsed or LinkExpired."""
    if token is None or token.person.disabled_at:
        raise NotFound
    if token.used_at:
        raise LinkUsed(purpose=token.purpose)
    if token.expires_at <= clock.now():
        raise LinkExpired(purpose=token.purpose)
    return token


def access_tokens_of(person_id: int) -> Sequence[AccessToken]:
    """List the personal API tokens that still work, newest first."""
    return db.session.scalars(
        select(AccessToken).filter_by(person_id=person_id, revoked_at=None).order_by(AccessToken.id.desc())
    ).all()


def territories(ids: Iterable[int] | None = None) -> Sequence[Territory]:
    """List territories by name: all, or those with these ids; an erased demo is none any more."""
    chosen = select(Territory).where(Territory.erased_at.is_(None)).order_by(Territory.name)
    return db.session.scalars(chosen if ids is None else chosen.where(Territory.id.in_(list(ids)))).all()


def own_territories() -> Sequence[Territory]:
    """List the real territories, oldest first: not the demo."""
    real = select(Territory).where(Territory.is_demo.is_(False), Territory.erased_at.is_(None))
    return db.session.scalars(real.order_by(Territory.id)).all()


def joinable_territories() -> Sequence[Territory]:
    """List by name the territories that take in organisations: the real ones, the demo only where it is alone.

    What somebody makes in the demo goes with it.
    """
    return sorted(own_territories(), key=attrgetter("name")) or territories()


def shown_hue() -> str | None:
    """Tell the colour of the pages: that of the one real territory, where there is one."""
    found = [hue for hue, is_demo, _kinds in _looks() if not is_demo]
    return found[0] if len(found) == 1 else None


def shared_kinds() -> set[str] | None:
    """Tell which kinds are offered by any territory, None for all."""
    offered = [kinds for _hue, _is_demo, kinds in _looks()]
    if not offered or None in offered:
        return None
    return {str(kind) for kinds in offered for kind in kinds or ()}


def _looks() -> Sequence[tuple[str | None, bool, list[Any] | None]]:
    """Read what territories chose for every page: once for a session, which is a request's, until it commits."""
    kept = db.session().info
    if _KEPT not in kept:
        kept[_KEPT] = [tuple(row) for row in db.session.connection().execute(LOOKS)]
    found: Sequence[tuple[str | None, bool, list[Any] | None]] = kept[_KEPT]
    return found


@event.listens_for(Session, "after_commit")
def _forget_looks(session: Session) -> None:
    session.info.pop(_KEPT, None)


def get_territory(slug: str) -> Territory:
    """Get a territory by its slug; raise NotFound."""
    territory = db.session.scalars(select(Territory).filter_by(slug=slug)).one_or_none()
    if territory is None:
        raise NotFound(territory=slug)
    return territory


def coordinators_of(territory_id: int) -> list[Person]:
    """List who coordinates a territory."""
    return _holders(Grant.COORDINATOR, RoleGrant.territory_id == territory_id)


def managers_of(site_id: int) -> list[Person]:
    """List who manages a site."""
    return _holders(Grant.SITE_MANAGER, RoleGrant.site_id == site_id)


def _holders(role: Grant, scope: ColumnElement[bool]) -> list[Person]:
    holders = (
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == role, scope, Person.disabled_at.is_(None))
        .order_by(Person.name, Person.id)
    )
    return list(db.session.scalars(holders))


def platform_admins() -> list[Person]:
    """List who runs the platform: the last ones to turn to."""
    found = select(Person).where(Person.is_platform_admin.is_(True), Person.disabled_at.is_(None))
    return list(db.session.scalars(found.order_by(Person.id)))


def coordinator_grants(territory_ids: Iterable[int]) -> Sequence[RoleGrant]:
    """List the coordinators' grants of territories, with the people."""
    return db.session.scalars(
        select(RoleGrant)
        .join(RoleGrant.person)
        .options(contains_eager(RoleGrant.person))
        .where(RoleGrant.role == Grant.COORDINATOR, RoleGrant.territory_id.in_(list(territory_ids)))
        .order_by(Person.name)
    ).all()


def manager_grants(site_id: int) -> Sequence[RoleGrant]:
    """List the managers' grants of a site, with the people, for the page where they are given and taken."""
    return db.session.scalars(
        select(RoleGrant)
        .join(RoleGrant.person)
        .options(contains_eager(RoleGrant.person))
        .where(RoleGrant.role == Grant.SITE_MANAGER, RoleGrant.site_id == site_id)
        .order_by(Person.name)
    ).all()


def function_holders(site_ids: Iterable[int]) -> dict[int, list[RoleGrant]]:
    """List, by site, the managers who hold a function there, with the people, in one statement."""
    found: dict[int, list[RoleGrant]] = defaultdict(list)
    held = or_(RoleGrant.is_technical, RoleGrant.is_elected)
    rows = (
        select(RoleGrant)
        .join(RoleGrant.person)
        .options(contains_eager(RoleGrant.person))
        .where(RoleGrant.site_id.in_(list(site_ids)), held, Person.disabled_at.is_(None))
    )
    for grant in db.session.scalars(rows.order_by(Person.name, Person.id)):
        found[grant.site_id or 0].append(grant)
    return found


def get_grant(grant_id: int) -> RoleGrant:
    """Get a role grant by id; raise NotFound."""
    grant = db.session.get(RoleGrant, grant_id)
    if grant is None:
        raise NotFound(grant=grant_id)
    return grant


def tokens_of(person_id: int, *purposes: TokenPurpose) -> Sequence[OneTimeToken]:
    """List a person's links for these purposes, used and expired ones too, newest first."""
    return db.session.scalars(
        select(OneTimeToken)
        .where(OneTimeToken.person_id == person_id, OneTimeToken.purpose.in_(purposes))
        .order_by(OneTimeToken.id.desc())
    ).all()


def find_open_token(person_id: int, purpose: TokenPurpose) -> OneTimeToken | None:
    """Find the newest link for this purpose that can still be used."""
    now = clock.now()
    return next((t for t in tokens_of(person_id, purpose) if not t.used_at and t.expires_at > now), None)


# Asked on every request to the API, so built once.
_ACCESS_TOKEN = (
    select(AccessToken)
    .join(AccessToken.person)
    .where(
        AccessToken.token_hash == bindparam("hash"),
        AccessToken.revoked_at.is_(None),
        Person.disabled_at.is_(None),
    )
)


def find_access_token(token_hash: str) -> AccessToken | None:
    """Find the API token with this hash, if it and its owner are still good."""
    return db.session.scalars(_ACCESS_TOKEN, {"hash": token_hash}).one_or_none()


def find_grant(
    person_id: int, role: Grant, *, site_id: int | None, territory_id: int | None
) -> RoleGrant | None:
    """Find a role a person holds on a site or a territory."""
    return db.session.scalars(
        select(RoleGrant).filter_by(
            person_id=person_id, role=role, site_id=site_id, territory_id=territory_id
        )
    ).one_or_none()
